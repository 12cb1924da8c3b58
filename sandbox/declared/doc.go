// Package declared plays an operator that a declaration describes, from the exchanges that were
// recorded with it, as its documents tell them.
//
// It knows nothing of the connector, and reads the two files by itself. What a request must look
// like, it takes from the recorded requests: the address, the credentials, the names and the kinds
// of the values. What it answers is what the operator answered, with the number, the reference and
// the id of the message at hand in the places of the recorded ones. The same holds for receipts and
// replies, which it signs by a recipe of its own. So a declaration that asks for another field than
// the operator's documents do is refused here, as it would be there.
//
// Start with operator.go. example.go is what it reads, values.go finds places in bodies, request.go
// judges a call, answer.go and push.go fill in what is told, sign.go signs it.
package declared
