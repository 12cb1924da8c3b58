// Calls a gateway with Brevo's own client for Node.js, unchanged but for its address. Standard input is JSON: the address, the key,
// and what to do, step by step; standard output has what came of each step, or the client's exception. See app/node_brevo_test.go.
"use strict";

const fs = require("node:fs");
const { BrevoClient, BrevoError } = require("@getbrevo/brevo");

const asked = JSON.parse(fs.readFileSync(0, "utf8"));

const steps = {
  send: (client, step) => client.transactionalSms.sendTransacSms(step.with),
  twin: (client, step) => client.transactionalSms.sendAsyncTransactionalSms(step.with),
  events: async (client, step) => (await client.transactionalSms.getSmsEvents(step.with)).events,
  total: (client, step) => client.transactionalSms.getTransacAggregatedSmsReport(step.with),
  days: async (client, step) => (await client.transactionalSms.getTransacSmsReport(step.with)).reports,
  account: (client) => client.account.getAccount(),
};

async function take(step) {
  const client = new BrevoClient({ apiKey: step.key || asked.key, baseUrl: `${asked.address}/v3` });
  try {
    return { value: await steps[step.do](client, step) };
  } catch (failure) {
    return {
      failure: {
        kind: failure.constructor.name, own: failure instanceof BrevoError, status: failure.statusCode || 0, code: (failure.body || {}).code || "",
        message: (failure.body || {}).message || failure.message,
      },
    };
  }
}

(async () => {
  let told = [];
  if (asked.together) { // the client waits before it repeats
    told = await Promise.all(asked.steps.map(take));
  } else {
    for (const step of asked.steps) {
      told.push(await take(step));
    }
  }
  fs.writeSync(1, JSON.stringify(told));
})();
