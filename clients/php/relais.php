<?php

/**
 * A client of Relais, the SMS gateway, in one file that needs nothing but PHP 8.0 or later.
 *
 *     require 'relais.php';
 *     $sms = new Relais('http://127.0.0.1:8080', file_get_contents('forms.key'));
 *     $answer = $sms->send('+33639980001', 'Votre dossier est complet.', ['reference' => 'dossier-17']);
 *     echo $answer['messages'][0]['id'];
 *
 * Copyright the authors of Relais. SPDX-License-Identifier: Apache-2.0
 */

declare(strict_types=1);

/** A refusal by the gateway (RFC 9457). `reason` is the code for programs, the message is for people, `field` points to what is wrong. */
final class RelaisProblem extends RuntimeException
{
    public string $reason;
    public string $detail;
    public string $field;
    /** @var array<int, array<string, mixed>> field, line, column and detail of each value at fault */
    public array $errors;
    /** @var array<int, array<string, mixed>> recipients, when it was they who were refused */
    public array $rejected;
    /** @var array<int, array<string, mixed>> messages of a batch, when none of them was accepted */
    public array $items;

    /** @param array<string, mixed> $document */
    public function __construct(public int $status, array $document, public float $retryAfter = 0.0)
    {
        $this->reason = $document['code'] ?? 'not_a_problem_document';
        $this->detail = $document['detail'] ?? "HTTP status $status; is this the address of a gateway?";
        $this->errors = $document['errors'] ?? [];
        $this->field = $this->errors[0]['field'] ?? '';
        $this->rejected = $document['rejected'] ?? [];
        $this->items = $document['items'] ?? [];
        parent::__construct("$this->detail ($this->reason)", $status);
    }
}

/** No whole answer came, at any attempt. A request with the same key may be made again: it is done once. */
final class RelaisNoAnswer extends RuntimeException
{
}

/** One gateway and one API key. What is sent again after a lost answer is sent with the same Idempotency-Key. */
final class Relais
{
    private const ATTEMPTS = 5;
    private const LONGEST_WAIT = 30.0; // seconds; a Retry-After beyond is the caller's decision

    private string $url;
    private string $key;

    public function __construct(string $url, string $key, private float $timeout = 30.0, private string $language = '')
    {
        $this->url = rtrim($url, '/');
        $this->key = trim($key);
    }

    /**
     * One text to a number or a list of them. Options: sender, class, connector, reference, metadata, send_at, valid_for, webhook_url.
     *
     * @param string|list<string> $to
     * @return array{messages: list<array>, rejected: list<array>, warnings: list<array>} the messages are on the gateway's disk
     */
    public function send(string|array $to, string $text, array $options = [], ?string $idempotencyKey = null): array
    {
        return $this->create('/v1/messages', ['to' => $to, 'text' => $text] + $options, $idempotencyKey);
    }

    /**
     * Up to 1,000 different messages, each an array with to, text and the options of send().
     *
     * @return array{items: list<array>} one for each, in order
     */
    public function batch(array $messages, ?string $idempotencyKey = null): array
    {
        return $this->create('/v1/batches', ['messages' => array_values($messages)], $idempotencyKey);
    }

    /** What send() would do, and why. Nothing is stored. */
    public function preview(string|array $to, string $text, array $options = []): array
    {
        return $this->call('POST', '/v1/messages/preview', ['to' => $to, 'text' => $text] + $options);
    }

    /** A message with its timeline. */
    public function status(string $id): array
    {
        return $this->call('GET', '/v1/messages/' . rawurlencode($id));
    }

    /** Ends a message that still waits. */
    public function cancel(string $id): array
    {
        return $this->call('POST', '/v1/messages/' . rawurlencode($id) . '/cancel');
    }

    /** Every message that matches, newest first: to, status, class, connector, reference, metadata, since, until, limit of a page. */
    public function messages(array $query = []): Generator
    {
        return $this->pages('/v1/messages', $query);
    }

    /** Every reply, newest first. */
    public function inbound(array $query = []): Generator
    {
        return $this->pages('/v1/inbound', $query);
    }

    /** The whole suppression list. */
    public function optOuts(array $query = []): Generator
    {
        return $this->pages('/v1/opt-outs', $query);
    }

    /** Whether a number gets no marketing, and why. */
    public function optOut(string $number): array
    {
        return $this->call('GET', '/v1/opt-outs/' . rawurlencode($number));
    }

    /** Marketing to the number stops. */
    public function addOptOut(string $number, array $body = []): array
    {
        return $this->call('PUT', '/v1/opt-outs/' . rawurlencode($number), (object) $body);
    }

    /** Takes a number off the suppression list. */
    public function removeOptOut(string $number): ?array
    {
        return $this->call('DELETE', '/v1/opt-outs/' . rawurlencode($number));
    }

    /**
     * Whether the gateway sent a webhook: headers and body as they came, and one secret or several. While a secret is replaced a
     * webhook has two signatures; one that one of the secrets made is enough.
     *
     * @param array<string, string> $headers as getallheaders() gives them
     * @param list<string> $secrets
     */
    public static function verifyWebhook(array $headers, string $body, array $secrets, ?int $now = null): bool
    {
        $headers = array_change_key_case($headers);
        $stamp = $headers['webhook-timestamp'] ?? '';
        if (!ctype_digit($stamp) || abs(($now ?? time()) - (int) $stamp) > 300) {
            return false;
        }
        $text = ($headers['webhook-id'] ?? '') . ".$stamp.$body";
        $genuine = false;
        foreach ($secrets as $secret) {
            $key = base64_decode(preg_replace('/^whsec_/', '', trim($secret)), true);
            if ($key === false || $key === '') {
                throw new InvalidArgumentException('a webhook secret has not the form whsec_…');
            }
            $want = 'v1,' . base64_encode(hash_hmac('sha256', $text, $key, true));
            foreach (preg_split('/\s+/', $headers['webhook-signature'] ?? '') as $one) {
                $genuine = hash_equals($want, $one) || $genuine;
            }
        }
        return $genuine;
    }

    /** The seconds of a Retry-After header (RFC 9110, 10.2.3), which is a number of them or a date. */
    public static function retryAfter(string $value, ?int $now = null): float
    {
        $value = trim($value);
        if (ctype_digit($value)) {
            return (float) min((float) $value, 86400);
        }
        $at = $value === '' ? false : strtotime($value);
        return $at === false ? 0.0 : (float) max(0, min($at - ($now ?? time()), 86400));
    }

    private function pages(string $path, array $query): Generator
    {
        do {
            $page = $this->call('GET', $path . ($query ? '?' . http_build_query($query) : ''));
            foreach ($page['items'] as $item) {
                yield $item;
            }
            $query['cursor'] = $page['next'] ?? '';
        } while ($query['cursor'] !== '');
    }

    private function create(string $path, array $body, ?string $key): array
    {
        return $this->call('POST', $path, $body, $key ?? bin2hex(random_bytes(16)));
    }

    private function call(string $method, string $path, mixed $body = null, ?string $key = null): ?array
    {
        $repeats = $key !== null || $method === 'GET';
        for ($attempt = 1; ; $attempt++) {
            $wait = 0.1 * 2 ** ($attempt - 1);
            try {
                return $this->once($method, $path, $body, $key);
            } catch (RelaisProblem $refused) {
                $wait = max($wait, $refused->retryAfter);
                if (!in_array($refused->status, [429, 503], true) || !$repeats || $attempt === self::ATTEMPTS || $wait > self::LONGEST_WAIT) {
                    throw $refused;
                }
            } catch (RelaisNoAnswer $lost) {
                if (!$repeats || $attempt === self::ATTEMPTS) {
                    throw $lost;
                }
            }
            usleep((int) ($wait * 1_000_000));
        }
    }

    private function once(string $method, string $path, mixed $body, ?string $key): ?array
    {
        $headers = ['Authorization: Bearer ' . $this->key, 'Accept: application/json, application/problem+json', 'Connection: close'];
        if ($this->language !== '') {
            $headers[] = 'Accept-Language: ' . $this->language;
        }
        if ($key !== null) {
            $headers[] = 'Idempotency-Key: ' . $key;
        }
        $content = '';
        if ($body !== null) {
            $content = json_encode($body, JSON_THROW_ON_ERROR | JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES); // a text that is no text fails here
            $headers[] = 'Content-Type: application/json';
        }
        // A redirect would turn a POST into a GET, and a submission into a search.
        $context = stream_context_create(['http' => [
            'method' => $method, 'header' => $headers, 'content' => $content, 'timeout' => $this->timeout,
            'ignore_errors' => true, 'follow_location' => 0, 'protocol_version' => 1.1,
        ]]);
        $stream = @fopen($this->url . $path, 'rb', false, $context);
        if ($stream === false) {
            throw new RelaisNoAnswer('no answer from ' . $this->url . ': ' . (error_get_last()['message'] ?? ''));
        }
        $text = stream_get_contents($stream);
        $meta = stream_get_meta_data($stream);
        fclose($stream);
        [$status, $given] = self::head($meta['wrapper_data'] ?? []);
        $cut = isset($given['content-length']) && strlen((string) $text) < (int) $given['content-length'];
        if ($text === false || $meta['timed_out'] || $cut || $status === 0) {
            throw new RelaisNoAnswer('no whole answer from ' . $this->url);
        }
        $answer = json_decode($text, true);
        if ($status < 200 || $status > 299) {
            throw new RelaisProblem($status, is_array($answer) ? $answer : [], self::retryAfter($given['retry-after'] ?? ''));
        }
        return $answer;
    }

    /** @return array{int, array<string, string>} status and header fields */
    private static function head(array $lines): array
    {
        $status = 0;
        $fields = [];
        foreach ($lines as $line) {
            if (preg_match('#^HTTP/\S+ (\d{3})#', $line, $found)) {
                $status = (int) $found[1];
            } elseif (str_contains($line, ':')) {
                [$name, $value] = explode(':', $line, 2);
                $fields[strtolower(trim($name))] = trim($value);
            }
        }
        return [$status, $fields];
    }
}
