// Is an SMSC by the library smpp: it takes what an ESME sends, tells of each message by a receipt, and has
// the person answer who is sent a text that begins with "Echo", by the same text. It writes its port as the
// first line, and, once standard input has ended, what is on each handset. See app/smpp_peers_test.go.
"use strict";

const smpp = require("smpp");

const asked = JSON.parse(process.argv[2]);
const handsets = {};
const parts = {};
let last = 0;

const bind = (session, pdu) => {
  const known = pdu.system_id === asked.system_id && pdu.password === asked.password;
  session.send(pdu.response({ command_status: known ? 0 : smpp.ESME_RBINDFAIL, system_id: "node" }));
};

// arrive puts a text on its handset, a long one once its last part is there.
const arrive = (pdu) => {
  const text = (pdu.short_message && pdu.short_message.message) || (pdu.message_payload && pdu.message_payload.message) || "";
  const header = pdu.short_message && pdu.short_message.udh && pdu.short_message.udh[0];
  if (!header) {
    (handsets[pdu.destination_addr] ||= []).push(text);
    return text;
  }
  const [, , ref, total, number] = header;
  const key = `${pdu.destination_addr} ${ref} ${total}`;
  (parts[key] ||= [])[number - 1] = text;
  if (parts[key].filter(() => true).length === total) {
    (handsets[pdu.destination_addr] ||= []).push(parts[key].join(""));
    delete parts[key];
  }
  return "";
};

const tell = (session, pdu, id) => {
  const back = {
    source_addr_ton: 1, source_addr_npi: 1, source_addr: pdu.destination_addr,
    dest_addr_ton: pdu.source_addr_ton, destination_addr: pdu.source_addr,
  };
  session.deliver_sm({
    ...back, esm_class: 0x04, receipted_message_id: id, message_state: 2,
    short_message: `id:${id} sub:001 dlvrd:001 submit date:2611301200 done date:2611301201 stat:DELIVRD err:000 text:`,
  });
  return back;
};

const server = smpp.createServer((session) => {
  session.on("error", (error) => console.error(error.message));
  for (const kind of ["bind_transceiver", "bind_transmitter", "bind_receiver"]) {
    session.on(kind, (pdu) => bind(session, pdu));
  }
  session.on("enquire_link", (pdu) => session.send(pdu.response()));
  session.on("unbind", (pdu) => session.send(pdu.response(), () => session.close()));
  session.on("submit_sm", (pdu) => {
    const id = `n${++last}`;
    session.send(pdu.response({ message_id: id }));
    const text = arrive(pdu);
    const back = tell(session, pdu, id);
    if (text.startsWith("Echo")) {
      session.deliver_sm({ ...back, data_coding: pdu.data_coding, short_message: text });
    }
  });
});

server.listen(0, "127.0.0.1", () => console.log(server.address().port));
process.stdin.resume();
process.stdin.on("end", () => {
  process.stdout.write(JSON.stringify(handsets), () => process.exit(0));
});
