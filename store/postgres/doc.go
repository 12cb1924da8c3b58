// Package postgres keeps the gateway's state in PostgreSQL, for any number of
// nodes. It makes the same promises as store/sqlite (store/storetest), with
// statements that serve many messages at once: what arrives while a transaction
// is under way shares the next one.
//
// Start with open.go and group.go, then read accept.go, claim.go, settle.go and
// receive.go in the order of a message's life. apply.go holds the one statement
// that moves messages.
package postgres
