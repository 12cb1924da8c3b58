// Package smpp sends by an operator that speaks SMPP 3.4: it binds to its SMSC, submits, and
// takes receipts and replies from the same sessions.
//
// The guarantees are those of every connector. A submit_sm that was not written whole was not
// taken; one that was written and not answered is in doubt, and stays so until its response
// comes late, a receipt proves it, or a person finds out. Nothing is acknowledged to the SMSC
// before it is stored.
//
// Package relais/smpp has the octets and the session. Here stands what an operator is told and
// believed: config.go, submit.go for the way out, run.go for the sessions, news.go for the way
// back.
package smpp
