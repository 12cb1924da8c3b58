// Package bench measures a real relais program against a bare net/http handler
// in the same run, and says which bars it reaches. It is behind `relais bench`.
//
// The server under load, bare or gateway, is a child process of the same
// binary; the generator is the process that runs [Run]. So the two are compared
// alike, and the memory of one does not slow the other. Each measurement has a
// child and a database of its own. Bare runs stand before and after every
// gateway run, and a bar takes the median of its rounds, so that a noisy machine
// weighs on both sides of a ratio.
//
// After each run the child is stopped and the database file is read: every
// message that was acknowledged must be in it, and after the submit run on a
// handset exactly once. A run that lost or doubled one is an error, not a figure.
//
// Start reading with bench.go, then bars.go and load.go.
package bench
