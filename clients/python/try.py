"""Says what app/clients_test.go expects of each client: python3 example_test.py URL KEY FAULTY-URL."""

import sys
import time

import relais

url, key, faulty = sys.argv[1:]
sms = relais.Relais(url, key)

sent = sms.send(["+33639980001", "12"], "Ça coûte 5 € 🌴", reference="client-1", class_="transactional", metadata={"counter": "3"})
first = sent["messages"][0]
print("sent", len(sent["messages"]), "rejected", sent["rejected"][0]["code"])

items = sms.batch([{"to": "+33639980002", "text": "Un", "reference": "client-1"}, {"to": "13", "text": "Deux"}])["items"]
print("batch", len(items[0]["messages"]), items[1]["problem"]["code"], items[1]["problem"]["errors"][0]["field"])

preview = sms.preview("+33639980003", "Bonjour")
print("preview", preview["messages"][0]["encoding"], preview["total"]["segments"])

status = sms.status(first["id"])
print("status", status["to"], status["text"], status["metadata"]["counter"], status["timeline"][0]["code"])
print("list", len(list(sms.messages(reference="client-1", limit=1))))

later = sms.send("+33639980004", "Plus tard", send_at=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600)))
print("canceled", sms.cancel(later["messages"][0]["id"])["status"])

sms.add_opt_out("+33639980005")
print("opt-out", sms.opt_out("+33639980005")["opted_out"], [entry["number"] for entry in sms.opt_outs()])
sms.remove_opt_out("+33639980005")
print("removed", len(list(sms.opt_outs())))
print("inbound", len(list(sms.inbound())))

for what, ask in (("to", lambda: sms.send("12", "x")), ("class", lambda: sms.send("+33639980001", "x", class_="gold")), ("id", lambda: sms.status("a/b"))):
    try:
        ask()
    except relais.Problem as p:
        print("problem", what, p.status, p.code, p.field, [r["code"] for r in p.rejected])
try:
    relais.Relais(url, "wrong").status("x")
except relais.Problem as p:
    print("key", p.status, p.code)
try:
    sms.send("+33639980001", "R\udce9union")
except UnicodeEncodeError:
    print("no text refused")

# The answer to the first attempt gets lost, the second is put off: one message all the same.
again = relais.Relais(faulty, key)
begun = time.time()
print("again", len(again.send("+33639980006", "Une seule fois", reference="faulty")["messages"]), time.time() - begun >= 1)
print("stored", len(list(sms.messages(reference="faulty"))))

print("retry-after", relais.retry_after("7"), relais.retry_after("Sun, 06 Nov 1994 08:49:37 GMT", 784111770), relais.retry_after("soon"))

old, new, other = ("whsec_" + text for text in ("b2xkIG9sZCBvbGQ=", "bmV3IG5ldyBuZXc=", "b3RoZXIgb3RoZXI="))
headers = {"Webhook-Id": "evt_1", "Webhook-Timestamp": "1700000000", "Webhook-Signature": sys.stdin.readline().strip()}
body = '{"é":1}'.encode()
print("webhook", *(relais.verify_webhook(headers, body, *secrets, now=1700000000) for secrets in ((old,), (new,), (other,), (other, old))),
      relais.verify_webhook(headers, body, old, now=1700000301), relais.verify_webhook(headers, body + b" ", old, now=1700000000))
