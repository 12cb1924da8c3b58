// Package sms holds the words of the gateway: messages, numbers, senders,
// classes, statuses and the moves between them, receipts and replies.
//
// It does no input or output and imports the standard library only, so that
// every other package can speak of a message without depending on how it is
// stored, sent or shown. Start with status.go, then message.go.
package sms
