// Package archtest holds the rules of the whole tree as ordinary tests: who may
// import whom, that every package says what it is for, that every provider is
// in the application's table, that the state diagram of docs/architecture.md
// is the one of the code, and what no file may hold.
//
// It has no code of its own. The import table is in imports_test.go: a new
// package needs a line there, and that line is where the layout is decided.
package archtest
