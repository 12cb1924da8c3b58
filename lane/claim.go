package lane

import (
	"context"
	"time"

	"relais/duty"
	"relais/sms"
)

// ClaimStore gives lanes their work.
type ClaimStore interface {
	// Claim moves due messages of one connector to submitting, most urgent first and in
	// turns (DueInTurns), counts the attempt, and returns the messages packed in calls.
	// Messages whose validity is over expire instead. With an error nothing was claimed;
	// duty.ErrFenced means that the lease is lost.
	Claim(ctx context.Context, c Claim) (Claimed, error)
	// Recover moves messages that were left in submitting by a process that died,
	// of one connector or, when it is empty, of all, to uncertain. It returns how
	// many there were.
	Recover(ctx context.Context, connector string, now time.Time) (int, error)
}

// Claim asks for work.
type Claim struct {
	Connector string
	Calls     int                      // most calls to fill
	Batch     int                      // most messages in one call
	SameText  bool                     // messages of one call must come from one submission
	Segments  int                      // most segments of all calls; 0: any number
	Rota      *Rota                    // whose turn it is; nil: anybody's
	Weight    func(account string) int // turns of an account in a row; nil: 1
	Now       time.Time
	Lease     string // that must be held, with Fence; empty: none
	Fence     int64
	Node      duty.Node
}

// Claimed is the work given.
type Claimed struct {
	Calls    [][]sms.Message
	Expired  int
	OptedOut int // marketing to people who said STOP since it was accepted
	// Short is how many segments the first call has when that is more than was allowed;
	// nothing was claimed then.
	Short int
	// Next is when the next message of the connector falls due; zero when none waits. It is
	// in the past when something was claimed, or more is due.
	Next time.Time
}
