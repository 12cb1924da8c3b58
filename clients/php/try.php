<?php

/** Says what app/clients_test.go expects of each client: php try.php URL KEY FAULTY-URL. */

declare(strict_types=1);

require __DIR__ . '/relais.php';

[, $url, $key, $faulty] = $argv;
$sms = new Relais($url, $key);

function say(mixed ...$words): void
{
    echo implode(' ', array_map(fn ($word) => match (true) {
        $word === true => 'True', $word === false => 'False',
        is_array($word) => '[' . implode(', ', array_map(fn ($one) => "'$one'", $word)) . ']',
        is_float($word) => number_format($word, 1, '.', ''),
        default => (string) $word,
    }, $words)), "\n";
}

$sent = $sms->send(['+33639980001', '12'], 'Ça coûte 5 € 🌴', ['reference' => 'client-1', 'class' => 'transactional', 'metadata' => ['counter' => '3']]);
$first = $sent['messages'][0];
say('sent', count($sent['messages']), 'rejected', $sent['rejected'][0]['code']);

$items = $sms->batch([['to' => '+33639980002', 'text' => 'Un', 'reference' => 'client-1'], ['to' => '13', 'text' => 'Deux']])['items'];
say('batch', count($items[0]['messages']), $items[1]['problem']['code'], $items[1]['problem']['errors'][0]['field']);

$preview = $sms->preview('+33639980003', 'Bonjour');
say('preview', $preview['messages'][0]['encoding'], $preview['total']['segments']);

$status = $sms->status($first['id']);
say('status', $status['to'], $status['text'], $status['metadata']['counter'], $status['timeline'][0]['code']);
say('list', count(iterator_to_array($sms->messages(['reference' => 'client-1', 'limit' => 1]), false)));

$later = $sms->send('+33639980004', 'Plus tard', ['send_at' => gmdate('Y-m-d\TH:i:s\Z', time() + 3600)]);
say('canceled', $sms->cancel($later['messages'][0]['id'])['status']);

$sms->addOptOut('+33639980005');
say('opt-out', $sms->optOut('+33639980005')['opted_out'], array_column(iterator_to_array($sms->optOuts(), false), 'number'));
$sms->removeOptOut('+33639980005');
say('removed', count(iterator_to_array($sms->optOuts(), false)));
say('inbound', count(iterator_to_array($sms->inbound(), false)));

foreach ([
    'to' => fn () => $sms->send('12', 'x'), 'class' => fn () => $sms->send('+33639980001', 'x', ['class' => 'gold']), 'id' => fn () => $sms->status('a/b'),
] as $what => $ask) {
    try {
        $ask();
    } catch (RelaisProblem $p) {
        say('problem', $what, $p->status, $p->reason, $p->field, array_column($p->rejected, 'code'));
    }
}
try {
    (new Relais($url, 'wrong'))->status('x');
} catch (RelaisProblem $p) {
    say('key', $p->status, $p->reason);
}
try {
    $sms->send('+33639980001', "R\xe9union");
} catch (JsonException) {
    say('no text refused');
}

// The answer to the first attempt gets lost, the second is put off: one message all the same.
$again = new Relais($faulty, $key);
$begun = microtime(true);
say('again', count($again->send('+33639980006', 'Une seule fois', ['reference' => 'faulty'])['messages']), microtime(true) - $begun >= 1);
say('stored', count(iterator_to_array($sms->messages(['reference' => 'faulty']), false)));

say('retry-after', Relais::retryAfter('7'), Relais::retryAfter('Sun, 06 Nov 1994 08:49:37 GMT', 784111770), Relais::retryAfter('soon'));

[$old, $new, $other] = ['whsec_b2xkIG9sZCBvbGQ=', 'whsec_bmV3IG5ldyBuZXc=', 'whsec_b3RoZXIgb3RoZXI='];
$headers = ['Webhook-Id' => 'evt_1', 'Webhook-Timestamp' => '1700000000', 'Webhook-Signature' => trim(fgets(STDIN))];
$body = '{"é":1}';
$verify = fn (array $secrets, int $now = 1700000000, string $more = '') => Relais::verifyWebhook($headers, $body . $more, $secrets, $now);
say('webhook', $verify([$old]), $verify([$new]), $verify([$other]), $verify([$other, $old]), $verify([$old], 1700000301), $verify([$old], 1700000000, ' '));
