package sandbox

import "sync/atomic"

// The names of the simulated operators, in answers and in faults.
const (
	OVH = "ovh"
	DMC = "dmc"
)

// OperatorStats counts what happened at one operator since the start.
type OperatorStats struct {
	Calls      int64 `json:"calls"`      // requests to its API, whatever came of them
	Accepted   int64 `json:"accepted"`   // messages that were given an id
	Refused    int64 `json:"refused"`    // messages and submit calls that were refused
	Delivered  int64 `json:"delivered"`  // texts that reached a handset
	Duplicates int64 `json:"duplicates"` // of those: number, text and reference seen before, at either operator
	OverRate   int64 `json:"over_rate"`  // calls beyond the operator's limits
	Faults     int64 `json:"faults"`     // calls and receipts that met an ordered fault

	Pushed       int64 `json:"pushed"`       // receipts and replies that were pushed, repeated ones included
	Acknowledged int64 `json:"acknowledged"` // of those, answered with a 2xx
	Replies      int64 `json:"replies"`      // that people wrote
}

// Stats holds the counts of each operator.
type Stats struct {
	OVH OperatorStats `json:"ovh"`
	DMC OperatorStats `json:"dmc"`
}

// Stats returns the counts so far.
func (s *Server) Stats() Stats {
	s.agenda.settle()
	return Stats{OVH: s.stats.ovh.snapshot(), DMC: s.stats.dmc.snapshot()}
}

type ledgerOfCalls struct{ ovh, dmc counters }

func (l *ledgerOfCalls) of(operator string) *counters {
	if operator == OVH {
		return &l.ovh
	}
	return &l.dmc
}

type counters struct {
	calls, accepted, refused, delivered, duplicates, overRate, faults, pushed, acknowledged, replies atomic.Int64
}

func (c *counters) snapshot() OperatorStats {
	return OperatorStats{
		Calls:      c.calls.Load(),
		Accepted:   c.accepted.Load(),
		Refused:    c.refused.Load(),
		Delivered:  c.delivered.Load(),
		Duplicates: c.duplicates.Load(),
		OverRate:   c.overRate.Load(),
		Faults:     c.faults.Load(),

		Pushed: c.pushed.Load(), Acknowledged: c.acknowledged.Load(), Replies: c.replies.Load(),
	}
}
