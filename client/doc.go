// Package client is a Go client of the HTTP API of Relais. It depends on the
// standard library only and knows nothing of the gateway's inside, so that
// other programs can take it as it is.
//
// Refusals are of type *Problem. A submission always carries an idempotency
// key, the caller's or a fresh one, and is therefore sent again after a lost
// connection: the gateway stores it once.
//
// Start with client.go, then types.go; connection.go makes the calls.
package client
