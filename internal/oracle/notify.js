// Calls a gateway with GOV.UK Notify's own client for Node.js, unchanged. Standard input is JSON: the address, the key, and what to
// do, step by step; standard output has what came of each step, or the client's exception. See app/node_notify_test.go.
"use strict";

const fs = require("node:fs");
const { NotifyClient } = require("notifications-node-client");

const asked = JSON.parse(fs.readFileSync(0, "utf8"));

(async () => {
  const told = [];
  for (const step of asked.steps) {
    const client = new NotifyClient(asked.address, step.key || asked.key);
    if (step.header) { // as a caller's own HTTP client adds one
      client.setClient((options) => require("axios")({ ...options, headers: { ...options.headers, ...step.header } }));
    }
    try {
      const answer = await client[step.do](...step.with);
      told.push({ status: answer.status, value: answer.data });
    } catch (failure) {
      const answer = failure.response || {};
      told.push({ status: answer.status || 0, failure: answer.data || { message: failure.message } });
    }
  }
  fs.writeSync(1, JSON.stringify(told));
})();
