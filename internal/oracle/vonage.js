// Calls a gateway with Vonage's own client for Node.js, unchanged but for its address. Standard input is JSON: the address, the
// credentials, and what to do, step by step; standard output has what came of each step, or the client's exception. See
// app/node_vonage_test.go.
"use strict";

const fs = require("node:fs");
const { SMS } = require("@vonage/sms");
const { Auth, AlgorithmTypes } = require("@vonage/auth");

const asked = JSON.parse(fs.readFileSync(0, "utf8"));
const plainFetch = globalThis.fetch;

function clientWith(step) {
  return new SMS(new Auth({ apiKey: step.key || asked.key, apiSecret: step.secret || asked.secret }), { restHost: asked.address });
}

const steps = {
  send: (client, step) => client.send(step.with),
  balance: async (client) => (await client.sendGetRequest(`${asked.address}/account/get-balance`)).data,
  verify: async (client, step) => client.verifySignature(step.fields.sig, step.fields, asked.signing, AlgorithmTypes[step.method]),
};

(async () => {
  const told = [];
  for (const step of asked.steps) {
    // As a caller's own HTTP client adds a header.
    globalThis.fetch = (url, options) => plainFetch(url, { ...options, headers: { ...options.headers, ...step.header } });
    try {
      told.push({ value: await steps[step.do](clientWith(step), step) });
    } catch (failure) {
      told.push({
        failure: {
          kind: failure.constructor.name, message: failure.message, status: failure.response && failure.response.status,
          failed: failure.getFailedMessages ? failure.getFailedMessages() : [],
        },
      });
    }
  }
  fs.writeSync(1, JSON.stringify(told));
})();
