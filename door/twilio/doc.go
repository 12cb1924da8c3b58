// Package twilio is the door for clients of Twilio's Programmable Messaging, at
// /2010-04-01/Accounts/{AC…}/Messages.json: its official libraries work unchanged once they
// are given another address.
//
// It is no Twilio: there are texts alone, no media, no templates, no numbers to buy. What
// changes what reaches a person and is not here is refused with Twilio's own error; what is
// only a hint is passed over. docs/migrate/twilio.md has the table.
//
// Facts about Twilio come from its OpenAPI description (TWO, twilio/twilio-oai), from the
// source text of its client for Node.js (TWN, twilio 6.3.1) and from its dictionary of errors
// (TWE, twilio.com/docs/api/errors), each with its mark; "K" is commonly known, and was not
// read again.
//
// Start with door.go, then access.go, create.go, resource.go and refusal.go. callback.go calls
// the clients back, sign.go signs, twiml.go reads what they answer to a reply.
package twilio
