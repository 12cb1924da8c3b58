// Package sqlite is the embedded store: one SQLite file in WAL mode, synced at
// every commit, with one writer that groups what waits into one commit.
//
// Start with open.go and commit.go; the other files hold one use case each.
// Statements live beside the code that runs them.
package sqlite
