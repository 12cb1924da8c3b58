// Package connectortest holds the rules that every HTTP connector keeps, as a
// test suite: order and count of outcomes, what each failure proves, one
// request a call, nothing personal in errors or logs.
//
// The connector under test speaks to a server that the suite controls. Its
// author writes down, from the operator's documents, what the operator answers
// when all is well (Target.Accept) and when it refuses (Target.Refuse). The
// suite supplies the accidents. It knows nothing of an operator's own fields:
// those belong to the connector's tests.
//
// Start with target.go, then read the rules in run.go.
package connectortest
