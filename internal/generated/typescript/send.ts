// A program that was written with nothing but the types that openapi-typescript made of /openapi.json.
import createClient from "openapi-fetch";
import type { components, paths } from "./schema.js";

declare const process: { argv: string[] };

const [url = "", key = ""] = process.argv.slice(2);
const relais = createClient<paths>({ baseUrl: url, headers: { Authorization: `Bearer ${key}` } });

type Problem = components["schemas"]["Problem"];

function want<T>(what: { data?: T; error?: Problem }): T {
  if (what.data === undefined) throw new Error(`refused: ${what.error?.code}: ${what.error?.detail}`);
  return what.data;
}

const body: components["schemas"]["SubmitRequest"] = {
  to: ["+33639980001", "12"], text: "Bonjour", class: "transactional", reference: "generated-1", metadata: { made: "by a generator" },
};
const headers = { "Idempotency-Key": "typescript-1" };
const sent = want(await relais.POST("/v1/messages", { body, params: { header: headers } }));
const again = await relais.POST("/v1/messages", { body, params: { header: headers } });
console.log("sent", sent.messages.length, "rejected", sent.rejected[0]?.code, "again", again.response.headers.get("Idempotency-Replayed"));
const id = sent.messages[0]?.id ?? "";
console.log("same", again.data?.messages[0]?.id === id);

const preview = want(await relais.POST("/v1/messages/preview", { body: { to: "+33639980002", text: "Ça coûte 5 € à l’œuvre", at: new Date().toISOString() } }));
console.log("preview", preview.messages[0]?.encoding, preview.total.segments, preview.text.costly.length > 0);

const batch = want(await relais.POST("/v1/batches", { body: { messages: [{ to: "+33639980003", text: "Un" }, { to: "13", text: "Deux" }] } }));
console.log("batch", batch.items.map((item) => item.problem?.code ?? item.messages.length).join(" "));

const status = want(await relais.GET("/v1/messages/{id}", { params: { path: { id } } }));
console.log("status", status.to, status.timeline[0]?.code, status.decisions.length > 0);

const list = want(await relais.GET("/v1/messages", { params: { query: { reference: "generated-1", limit: 10 } } }));
console.log("list", list.items.length, list.items[0]?.metadata?.["made"]);

const unknown = await relais.GET("/v1/messages/{id}", { params: { path: { id: "nobody" } } });
console.log("problem", unknown.response.status, unknown.error?.code, unknown.error?.title);
const refused = await relais.POST("/v1/messages", { body: { to: "12", text: "Bonjour" } });
console.log("refused", refused.error?.status, refused.error?.code, refused.error?.errors?.[0]?.field, refused.error?.rejected?.[0]?.code);

const hook = want(await relais.POST("/v1/webhooks", { body: { url: "https://example.org/sms", events: ["message.delivered"] } }));
console.log("webhook", hook.secret.startsWith("whsec_"), hook.events.join());
const gone = await relais.DELETE("/v1/webhooks/{id}", { params: { path: { id: hook.id } } });
console.log("deleted", gone.response.status);
