// Package policy holds the rules of advertising as data: packs with a name, a
// version and the date from which they hold, that say at which hours messages of a
// class may go, what must stand behind the text and what a sender may be. It
// computes when a message may go and says why.
//
// It knows nothing of the gateway. Begin with pack.go, then next.go; packs/ has the
// packs that are in the program.
package policy
