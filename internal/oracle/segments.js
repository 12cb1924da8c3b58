// Reads a JSON array of texts from standard input and writes, for each, what
// two independent libraries say of its alphabet and segments. See
// gsm/oracle_test.go.
"use strict";

const fs = require("node:fs");
const { SegmentedMessage } = require("sms-segments-calculator");
const splitter = require("split-sms");

// calculator speaks of grapheme clusters and gives the codes of each character.
function calculator(text) {
  const message = new SegmentedMessage(text);
  const sevenBit = message.encodingName === "GSM-7";
  return {
    alphabet: sevenBit ? "gsm7" : "ucs2",
    segments: message.segmentsCount,
    units: message.messageSize / (sevenBit ? 7 : 16),
    codes: message.encodedChars.flatMap((char) => char.codeUnits),
  };
}

// split speaks of characters and gives the parts.
function split(text) {
  const message = splitter.split(text);
  const sevenBit = message.characterSet === "GSM";
  return {
    alphabet: sevenBit ? "gsm7" : "ucs2",
    segments: message.parts.length,
    units: message.bytes / (sevenBit ? 1 : 2),
    parts: message.parts.map((part) => part.content),
  };
}

const texts = JSON.parse(fs.readFileSync(0, "utf8"));
const verdicts = texts.map((text) => ({ calculator: calculator(text), splitter: split(text) }));
process.stdout.write(JSON.stringify(verdicts));
