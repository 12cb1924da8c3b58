// Package archtest holds the rules of the whole tree as ordinary tests: who may
// import whom, that every package says what it is for, that every provider is
// in the application's table, that docs/architecture.md has the state diagram and
// the tree of the code, names files that exist and follows a message in few of
// them, that a number is read once and an actor made in one place, and what no file
// may hold.
//
// It has no code of its own. The import table is in imports_test.go: a new
// package needs a line there, and that line is where the layout is decided.
package archtest
