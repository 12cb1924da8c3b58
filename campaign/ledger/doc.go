// Package ledger is what is kept of campaigns: the campaign with its status, its file, and a
// row for each row of its table. A row is taken in the transaction that stores its message,
// so that a crash between any two steps leaves it waiting or taken, and never both.
//
// Start with status.go, which has the states and the moves between them; campaign.go has
// what is kept, store.go what a database promises.
package ledger
