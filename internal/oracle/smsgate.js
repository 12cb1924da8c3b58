// Calls a gateway with SMSGate's own client for JavaScript, unchanged. Standard input is JSON: the address, the login, and what to do, step
// by step; standard output has what came of each step, or what its HTTP client raised. See app/node_smsgate_test.go.
"use strict";

const fs = require("node:fs");

const asked = JSON.parse(fs.readFileSync(0, "utf8"));

// The client leaves HTTP to its caller, who raises what is no success, as its README shows.
async function call(method, url, headers, body) {
  const answer = await fetch(url, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  const text = await answer.text();
  if (!answer.ok) {
    throw Object.assign(new Error(text), { status: answer.status, body: JSON.parse(text) });
  }
  return text === "" ? null : JSON.parse(text);
}

const http = {
  get: (url, headers) => call("GET", url, headers),
  post: (url, body, headers) => call("POST", url, headers, body),
  put: (url, body, headers) => call("PUT", url, headers, body),
  patch: (url, body, headers) => call("PATCH", url, headers, body),
  delete: (url, headers) => call("DELETE", url, headers),
};

// dated makes moments of the texts that stand for them in JSON, as programs give them.
const dated = (value) => (value && value.since ? { ...value, since: new Date(value.since), until: new Date(value.until) } : value);

(async () => {
  const { default: Client } = await import("android-sms-gateway");
  const told = [];
  for (const step of asked.steps) {
    const client = new Client(step.login || asked.login, step.password || asked.password, http, asked.address + "/3rdparty/v1");
    try {
      told.push({ value: await client[step.do](...(step.with || []).map(dated)) });
    } catch (failure) {
      told.push({ status: failure.status || 0, failure: failure.body || { message: String(failure.cause || failure.message) } });
    }
  }
  fs.writeSync(1, JSON.stringify(told));
})();
