// Package world is what the simulated operators share and what happens between them
// and people: the clock and the agenda, the handsets and the fates of their numbers,
// the faults that were ordered, the pushes to the customer, the counters, and the few
// rules of text and numbers that hold at both.
package world
