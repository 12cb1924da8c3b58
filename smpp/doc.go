// Package smpp speaks SMPP 3.4: the octets of its requests and responses, a session for
// either side, and the forms that texts, receipts, ids and times have in it.
//
// It knows nothing of messages, operators or accounts. A connector is its ESME, the client;
// a door and a simulator are its SMSC, the server. It is strict in what it sends: a field
// over its limit is an error before an octet leaves. It is tolerant in what it takes: what it
// does not know it keeps, and what is broken in one PDU costs that PDU alone, unless the stream
// cannot be trusted any more.
//
// What a session tells of a request is the reason for the package: that it was not written,
// that it was written and not answered, or its answer (Delivery). SMPP offers no other proof.
//
// Start with pdu.go and body.go, then conn.go. The sources are cited as 3.4 (SMPP Protocol
// Specification v3.4, issue 1.2, 1999) and 5.0 (v5.0, 2003).
package smpp
