// Package sender answers one question: may this sender be used? An account may keep a
// list of senders, rules of advertising keep names and kinds from everybody, and an
// operator takes only what it declares.
//
// Account.Choose answers it before a connector is known, Account.RefusesAt for one
// connector. What an operator declares is read now and then by a Reading. Begin with
// account.go.
package sender
