// Package brevo is the door for clients of Brevo's transactional SMS (formerly Sendinblue), at /v3/transactionalSMS: its official
// libraries work unchanged once they are given another address and a key.
//
// Brevo's ids of messages are integers: they are the numbers of the table that package ovh keeps for its clients.
//
// Its client repeats by itself what was answered with 408, 429 or 5xx, without a key: a request that says the same as one a
// moment ago counts as that one.
//
// Facts about Brevo come from the description of its API (BRV, getbrevo/brevo-go, 2025-02-07), from the source text of its client
// for Node.js (BRN, @getbrevo/brevo 6.0.3) and from its page on webhooks (BRW), each with its mark; "K" is commonly known, and
// was not read again.
//
// Start with door.go, then send.go, events.go and refusal.go. callback.go tells of receipts and replies.
package brevo
