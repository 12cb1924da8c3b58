// Package smsc is a simulated SMSC: SMPP 3.4 on a TCP port of its own. It is written from the
// specification and from what is known of SMSCs in the field, not from the connector that binds
// to it, so that each checks the other. They share package smpp, the codec and the session.
//
// It takes texts for the handsets of the sandbox, puts long ones together there, tells of them by
// receipts in the dialect that Settings name, and keeps what it took, octet by octet (Taken). What
// it can be told to do wrong is in fault.go.
//
// What the documents leave open and what is decided here is marked: documented (SMPP 3.4, or 5.0
// where it is named), observed (in other SMSCs) or inferred. Begin with operator.go, then submit.go.
package smsc
