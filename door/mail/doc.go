// Package mail is the door for programs and devices that know only mail: a monitoring server, a printer, an inverter. They
// send a mail to NUMBER@DOMAIN by SMTP, and its text goes out as a message.
//
// It is no mail server: it keeps no mail, relays none, and sends none about a mail that it refuses. What is refused is refused
// in the dialogue, so that whoever sends it knows. Nobody sends by his From line alone: there is a login, a network, or a
// signature that proves the domain.
//
// RFC 5321 is SMTP, RFC 3463 and 5248 are the enhanced status codes, RFC 2045 to 2047, 2231 and 3676 are the forms of a mail,
// RFC 3834 is mail that machines answer with. What devices do beside these was observed in their mails, or is commonly known
// ("K") and was not tried here.
//
// Start with door.go, then session.go (the dialogue), letter.go (what a mail says), and accept.go (from a mail to messages).
package mail
