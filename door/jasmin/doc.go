// Package jasmin is the door for clients of the Jasmin SMS gateway: its HTTP API, at /send, and its REST API, at
// /secure/send.
//
// It is no Jasmin: there are texts alone, no octets, no parameters of SMPP's own (custom_tlvs) and no filters of users.
// docs/migrate/jasmin.md has the table of what is refused.
//
// Facts about Jasmin come from its documentation (JAS, jookies/jasmin misc/doc) and from its source text (JAC, the files
// below jasmin/protocols and jasmin/routing), each with its mark.
//
// Start with door.go, then access.go, args.go, send.go and refusal.go. rest.go and batch.go are the REST API; callback.go calls the
// clients back.
package jasmin
