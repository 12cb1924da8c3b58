// Package httpapi sends through any operator that has an HTTP API, as a declaration tells it:
// a file that says how a message is asked for, what answers mean, and what the operator
// tells later. Nothing of one operator stands in the code.
//
// Start with declaration.go, which is what a file may say, and compile.go, which judges it.
// template.go and body.go make requests: bodies are data until they are encoded. place.go,
// document.go and rule.go read answers; what no rule knows is uncertain. callback.go reads
// receipts, replies and blocked numbers, signature.go who sent them. exchange.go runs recorded
// exchanges against a declaration.
//
// Operators that come with the program are files under presets/, each with its sources and
// its exchanges.
package httpapi
