// The official clients of operators, unchanged, against the operators that the sandbox plays.
'use strict';
const http = require('http');
const { BrevoClient } = require('@getbrevo/brevo');
const twilio = require('twilio');
const RequestClient = require('twilio/lib/base/RequestClient');
const { SMS } = require('@vonage/sms');
const { Auth, AlgorithmTypes } = require('@vonage/auth');

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

// A receiver of one push: its address, and what came.
async function receiver(path) {
	const listening = http.createServer();
	await new Promise((done) => listening.listen(0, '127.0.0.1', done));
	const pushed = new Promise((done) => {
		listening.on('request', (request, response) => {
			let body = '';
			request.on('data', (piece) => (body += piece));
			request.on('end', () => {
				response.end();
				listening.close();
				done({ request, body });
			});
		});
	});
	return { address: `http://127.0.0.1:${listening.address().port}${path}`, pushed };
}

// The client writes JSON; what was recorded of Vonage is the form, which it documents beside that.
const plainFetch = globalThis.fetch;
function asForm(url, options) {
	const body = new URLSearchParams(JSON.parse(options.body)).toString();
	return plainFetch(url, { ...options, body, headers: { ...options.headers, 'content-type': 'application/x-www-form-urlencoded' } });
}

async function ofVonage(asked) {
	globalThis.fetch = asForm;
	const { address: callback, pushed } = await receiver('/receipt');
	const client = (apiSecret) => new SMS(new Auth({ apiKey: asked.login, apiSecret }), { restHost: asked.base });
	const message = { to: asked.number, from: 'MAIRIE', text: asked.text, clientRef: asked.ref + '.1', callback, statusReportReq: 1, type: 'text' };
	const all = { sent: await told(() => client(asked.secret).send(message)) };
	try {
		await client('another').send(message);
	} catch (e) {
		all.refused = e.getFailedMessages().map((m) => m.status).join();
	}
	globalThis.fetch = plainFetch;
	const fields = Object.fromEntries(new URL((await pushed).request.url, callback).searchParams);
	const valid = client(asked.secret).verifySignature(fields.sig, fields, asked.signing, AlgorithmTypes.sha256hmac);
	all.pushed = { valid, status: fields.status, id: fields.messageId, ref: fields['client-ref'] };
	return all;
}

async function ofTwilio(asked) {
	const { address: callback, pushed } = await receiver(`/status?ref=${asked.ref}`);
	const client = (secret) => twilio(asked.login, secret, { httpClient: new Here(asked.base) });
	const message = { to: asked.number, from: 'MAIRIE', body: asked.text, statusCallback: callback };
	const all = {
		sent: await told(async () => (await client(asked.secret).messages.create(message)).toJSON()),
		balance: await told(async () => (await client(asked.secret).balance.fetch()).toJSON()),
		refused: await told(async () => (await client('another').messages.create(message)).toJSON()),
	};
	const { request, body } = await pushed;
	const parameters = Object.fromEntries(new URLSearchParams(body));
	const valid = twilio.validateRequest(asked.secret, request.headers['x-twilio-signature'], callback, parameters);
	all.pushed = { valid, status: parameters.MessageStatus, sid: parameters.MessageSid };
	return all;
}

(async () => {
	const asked = JSON.parse(require('fs').readFileSync(0, 'utf8'));
	process.stdout.write(JSON.stringify({ brevo: await ofBrevo(asked.brevo), twilio: await ofTwilio(asked.twilio), vonage: await ofVonage(asked.vonage) }));
	process.exit(0);
})();
