// Calls a gateway with Twilio's own client for Node.js, unchanged but for its address. Standard input is JSON: the address, the
// credentials, and what to do, step by step; standard output has what came of each step, or the client's exception. See
// app/node_twilio_test.go.
"use strict";

const fs = require("node:fs");
const twilio = require("twilio");

const asked = JSON.parse(fs.readFileSync(0, "utf8"));

// Keyed adds the header that the gateway knows, as a caller's own HTTP client does.
class Keyed extends twilio.RequestClient {
  constructor(key) {
    super();
    this.key = key;
  }

  request(options) {
    options.headers = { ...options.headers, "Idempotency-Key": this.key };
    return super.request(options);
  }
}

function clientWith(step) {
  const options = { accountSid: asked.account_sid };
  if (step.key) {
    options.httpClient = new Keyed(step.key);
  }
  const client = twilio(step.user || asked.user || asked.account_sid, step.password || asked.password, options);
  client.api.baseUrl = asked.address;
  return client;
}

// dated makes moments of the texts that stand for them in JSON, as programs give them.
function dated(filters) {
  return filters.dateSent ? { ...filters, dateSent: new Date(filters.dateSent) } : filters;
}

const steps = {
  create: (client, step) => client.messages.create(step.with),
  fetch: (client, step) => client.messages(step.sid).fetch(),
  list: (client, step) => client.messages.list(dated(step.with || {})),
  update: (client, step) => client.messages(step.sid).update(step.with),
  remove: (client, step) => client.messages(step.sid).remove(),
  media: (client, step) => client.messages(step.sid).media.list(),
  balance: (client) => client.balance.fetch(),
  account: (client) => client.api.accounts(asked.account_sid).fetch(),
  pages: async (client, step) => {
    const sizes = [];
    for (let page = await client.messages.page(step.with); page; page = await page.nextPage()) {
      sizes.push(page.instances.length);
    }
    return sizes;
  },
  validate: async (_, step) => twilio.validateRequest(asked.password, step.signature, step.url, step.fields),
};

// plain is what a caller sees of an answer: its own fields, without the client behind them.
function plain(value) {
  return value && typeof value.toJSON === "function" ? value.toJSON() : value;
}

(async () => {
  const told = [];
  for (const step of asked.steps) {
    try {
      const value = await steps[step.do](clientWith(step), step);
      told.push({ value: Array.isArray(value) ? value.map(plain) : plain(value) });
    } catch (failure) {
      told.push({ failure: { kind: failure.constructor.name, status: failure.status, code: failure.code, message: failure.message, more: failure.moreInfo } });
    }
  }
  fs.writeSync(1, JSON.stringify(told));
})();
