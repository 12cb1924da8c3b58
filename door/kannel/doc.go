// Package kannel is the door for clients of Kannel's smsbox, at
// /cgi-bin/sendsms. It reads what they send, submits it, and answers in
// Kannel's words.
//
// It is no Kannel: there is no binary message, no header of its own (UDH), no
// OTA and no XML. What it does not do it refuses, or notes in the timeline.
//
// Facts about Kannel come from the source text of Kannel 1.4.5, the version of
// Debian 12, and carry the file and function where they stand; "userguide" is
// the guide of that version. Start with door.go, then request.go, submission.go,
// answer.go. report.go calls the clients back: their delivery reports (DLR).
package kannel
