// The official clients of operators, unchanged, against the operators that the sandbox plays.
'use strict';
const http = require('http');
const { BrevoClient } = require('@getbrevo/brevo');
const twilio = require('twilio');
const RequestClient = require('twilio/lib/base/RequestClient');

// What a client says of a call: its value, or the refusal as it understood it.
async function told(call) {
	try {
		return { value: await call() };
	} catch (e) {
		const answer = e.body || {};
		return { status: e.statusCode || e.status, code: String(answer.code || e.code), message: e.message };
	}
}

async function ofBrevo(asked) {
	const client = (apiKey) => new BrevoClient({ apiKey, baseUrl: asked.base + '/v3' });
	const message = { sender: 'MAIRIE', recipient: asked.number, content: asked.text, type: 'transactional', tag: asked.ref };
	return {
		sent: await told(() => client(asked.key).transactionalSms.sendTransacSms(message)),
		events: await told(async () => (await client(asked.key).transactionalSms.getSmsEvents({ days: 1, tags: asked.ref })).events),
		account: await told(async () => (await client(asked.key).account.getAccount()).email),
		refused: await told(() => client('another').transactionalSms.sendTransacSms(message)),
	};
}

// The client knows its operator by name alone; here the name leads to this machine.
class Here extends RequestClient {
	constructor(base) {
		super();
		this.base = base;
	}
	request(options) {
		return super.request({ ...options, uri: options.uri.replace('https://api.twilio.com', this.base) });
	}
}

async function ofTwilio(asked) {
	const listening = http.createServer();
	await new Promise((done) => listening.listen(0, '127.0.0.1', done));
	const callback = `http://127.0.0.1:${listening.address().port}/status?ref=${asked.ref}`;
	const pushed = new Promise((done) => {
		listening.on('request', (request, response) => {
			let body = '';
			request.on('data', (piece) => (body += piece));
			request.on('end', () => {
				response.end();
				const parameters = Object.fromEntries(new URLSearchParams(body));
				const signature = request.headers['x-twilio-signature'];
				done({ valid: twilio.validateRequest(asked.secret, signature, callback, parameters), status: parameters.MessageStatus, sid: parameters.MessageSid });
			});
		});
	});
	const client = (secret) => twilio(asked.login, secret, { httpClient: new Here(asked.base) });
	const message = { to: asked.number, from: 'MAIRIE', body: asked.text, statusCallback: callback };
	const all = {
		sent: await told(async () => (await client(asked.secret).messages.create(message)).toJSON()),
		balance: await told(async () => (await client(asked.secret).balance.fetch()).toJSON()),
		refused: await told(async () => (await client('another').messages.create(message)).toJSON()),
	};
	all.pushed = await pushed;
	listening.close();
	return all;
}

(async () => {
	const asked = JSON.parse(require('fs').readFileSync(0, 'utf8'));
	process.stdout.write(JSON.stringify({ brevo: await ofBrevo(asked.brevo), twilio: await ofTwilio(asked.twilio) }));
	process.exit(0);
})();
