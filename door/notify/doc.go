// Package notify is the door for clients of GOV.UK Notify, at /v2/notifications: its official
// clients work unchanged once they are given another address and a key of this gateway.
//
// It is no Notify: there are texts alone, no e-mail and no letters. The templates are those of
// the console, whose fields are written as theirs are, ((name)).
//
// Facts about Notify come from the source text of its API (GNA, alphagov/notifications-api,
// 2026-08-20), its documentation (GNT) and its client for Node.js (GNC, 8.4.0); "K" is commonly
// known, and was not read again.
//
// Start with door.go, then access.go, send.go, read.go and refusal.go. callback.go tells of
// receipts and replies.
package notify
