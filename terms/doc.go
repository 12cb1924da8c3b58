// Package terms says what a message means at one connector: when the rules of
// advertising let it go, what becomes of its text, how many segments are counted and
// what they cost.
//
// Terms are worked out when a message is accepted, and again when it leaves or another
// connector takes it over, by the same function. The package stores nothing and sends
// nothing; the one thing that it learns by asking is what an operator takes for a
// segment (PriceReading). Begin with terms.go.
package terms
