// Binds to an SMSC as a transceiver with the library smpp, sends what standard input asks for, and
// writes what came of it once every receipt is there. See sandbox/smsc_oracle_test.go and
// app/smpp_peers_test.go.
"use strict";

const fs = require("node:fs");
const smpp = require("smpp");

const asked = JSON.parse(fs.readFileSync(0, "utf8"));
const requests = asked.messages.reduce((sum, message) => sum + (message.parts || [0]).length, 0);
const told = { answers: [], receipts: [], replies: [] };
const session = smpp.connect({ url: `smpp://${asked.address}` });

session.on("error", (error) => {
  console.error(error.message);
  process.exit(1);
});

session.on("deliver_sm", (pdu) => {
  session.send(pdu.response());
  if (pdu.esm_class & 0x04) {
    told.receipts.push(pdu.receipted_message_id);
  } else {
    told.replies.push(pdu.short_message.message);
  }
  if (told.receipts.length === requests && told.replies.length === asked.replies) {
    session.unbind(() => {
      session.close();
      fs.writeSync(1, JSON.stringify(told));
    });
  }
});

session.on("connect", () => {
  session.bind_transceiver({ system_id: asked.system_id, password: asked.password }, (pdu) => {
    if (pdu.command_status !== 0) {
      console.error(`bind: ${pdu.command_status}`);
      process.exit(1);
    }
    asked.messages.forEach((message, index) => {
      const sm = {
        source_addr_ton: 5, source_addr: "Mairie", dest_addr_ton: 1, dest_addr_npi: 1,
        destination_addr: message.to, registered_delivery: 1,
      };
      const note = (answer) => {
        told.answers.push({ status: answer.command_status, id: answer.message_id });
      };
      if (message.coding !== undefined) {
        sm.data_coding = message.coding;
      }
      if (message.parts) {
        message.parts.forEach((text, part) => {
          const udh = Buffer.from([5, 0, 3, index & 0xff, message.parts.length, part + 1]);
          session.submit_sm({ ...sm, esm_class: 0x40, short_message: { udh, message: text } }, note);
        });
      } else if (message.payload) {
        session.submit_sm({ ...sm, message_payload: message.text }, note);
      } else {
        session.submit_sm({ ...sm, short_message: message.text }, note);
      }
    });
  });
});
