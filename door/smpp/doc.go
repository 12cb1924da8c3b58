// Package smpp is the door for clients that speak SMPP 3.4: an SMSC to them, as an operator
// is. They bind by a system id, send messages, and get receipts and replies.
//
// It has no rule of its own. A message is answered once it is on disk; what the gateway
// refuses gets a command_status that says what was wrong (status.go). What is told to a client
// comes from the outbox of events, like webhooks, and goes by any of its binds that receive.
//
// Start with door.go, then session.go and submit.go. What clients expect is cited by section of
// the SMPP Protocol Specification v3.4, issue 1.2; what they do was observed in their sources
// and reports.
package smpp
