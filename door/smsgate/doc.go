// Package smsgate is the door for clients of SMSGate, the SMS Gateway for Android, at /3rdparty/v1: its official libraries work
// unchanged once they are given another address.
//
// It is no telephone: there are texts alone, no encryption by the caller, no data messages, no settings and no logs of a device. What
// a request asks for of these is refused. docs/migrate/smsgate.md has the table.
//
// Facts about SMSGate come from its server (SGS, android-sms-gateway/server), from its client for Go (SGC, client-go) and from its
// client for JavaScript (SGN, npm android-sms-gateway 3.0.0), each with its mark.
//
// Start with door.go, then access.go, send.go, state.go and refusal.go. webhooks.go keeps the addresses that callers register, as
// endpoints of package webhook; callback.go calls them.
package smsgate
