// Sends mail with Nodemailer, unchanged. Standard input is JSON: the transport's options and the mails; standard output has what came of
// each. See app/node_mail_test.go.
"use strict";

const fs = require("node:fs");
const nodemailer = require("nodemailer");

const asked = JSON.parse(fs.readFileSync(0, "utf8"));

(async () => {
  const told = [];
  const transport = nodemailer.createTransport(asked.transport);
  for (const mail of asked.mails) {
    for (let left = mail.tries || 1; left > 0; left -= 1) { // a queue of mails sends again what got no answer
      try {
        const sent = await transport.sendMail(mail.mail);
        told.push({ response: sent.response, accepted: sent.accepted, rejected: sent.rejected, id: sent.messageId });
        break;
      } catch (failure) {
        told.push({ code: failure.code, responseCode: failure.responseCode || 0, response: failure.response || "", command: failure.command || "" });
      }
    }
  }
  transport.close();
  fs.writeSync(1, JSON.stringify(told));
})();
