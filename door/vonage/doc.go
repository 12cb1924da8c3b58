// Package vonage is the door for clients of Vonage's SMS API (formerly Nexmo), at /sms/json: its official libraries work
// unchanged once they are given another address.
//
// The answer is always 200, and its status decides; a refusal is one entry with a status and its text. What changes what
// reaches a person and is not here is refused so; what is only a hint is passed over. docs/migrate/vonage.md has the table.
//
// Facts about Vonage come from the source text of its client for Node.js (VON, Vonage/vonage-node-sdk, 2026-07-17, packages
// sms and auth) and from its guides (NXD, Nexmo/nexmo-developer, 2021-07-21), each with its mark; "K" is commonly known, and
// was not read again.
//
// Start with door.go, then fields.go, access.go, send.go and refusal.go. callback.go tells of receipts and replies, sign.go
// signs.
package vonage
