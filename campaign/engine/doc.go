// Package engine is what people and programs do with campaigns. Doors call a Desk: it keeps
// drafts in the ledger, and refuses what cannot be sent.
//
// Start with desk.go.
package engine
