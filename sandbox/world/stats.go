package world

import (
	"maps"
	"slices"
	"sync/atomic"
)

// The names of the simulated operators, in answers and in faults.
const (
	OVH  = "ovh"
	DMC  = "dmc"
	SMSC = "smsc"
)

// OperatorStats counts what happened at one operator since the start.
type OperatorStats struct {
	Calls     int64 `json:"calls"`     // requests to its API, whatever came of them
	Accepted  int64 `json:"accepted"`  // messages that were given an id
	Refused   int64 `json:"refused"`   // messages and submit calls that were refused
	Delivered int64 `json:"delivered"` // texts that reached a handset
	// of those: number, text and reference seen before, at any operator
	Duplicates int64 `json:"duplicates"`
	OverRate   int64 `json:"over_rate"` // calls beyond the operator's limits
	Faults     int64 `json:"faults"`    // calls and receipts that met an ordered fault

	Pushed       int64 `json:"pushed"`       // receipts and replies that were pushed, repeated ones included
	Acknowledged int64 `json:"acknowledged"` // of those, answered with a 2xx, or OK
	Replies      int64 `json:"replies"`      // that people wrote
}

// Tally holds the counters of each operator.
type Tally struct {
	OVH, DMC, SMSC Counters

	declared map[string]*Counters // of the operators that are played from a declaration
}

// Declare begins the counters of an operator that is played from a declaration. It is called
// before the sandbox serves.
func (t *Tally) Declare(name string) {
	if t.declared == nil {
		t.declared = map[string]*Counters{}
	}
	t.declared[name] = &Counters{}
}

// Declared are the operators that are played from a declaration, by name.
func (t *Tally) Declared() []string { return slices.Sorted(maps.Keys(t.declared)) }

// Of finds the counters of an operator by its name; nil: there is no such operator.
func (t *Tally) Of(operator string) *Counters {
	switch operator {
	case OVH:
		return &t.OVH
	case SMSC:
		return &t.SMSC
	case DMC:
		return &t.DMC
	default:
		return t.declared[operator]
	}
}

// Counters count what OperatorStats shows.
type Counters struct {
	Calls, Accepted, Refused, Delivered, Duplicates, OverRate, Faults, Pushed,
	Acknowledged, Replies atomic.Int64
}

// Snapshot reads the counters.
func (c *Counters) Snapshot() OperatorStats {
	return OperatorStats{
		Calls:      c.Calls.Load(),
		Accepted:   c.Accepted.Load(),
		Refused:    c.Refused.Load(),
		Delivered:  c.Delivered.Load(),
		Duplicates: c.Duplicates.Load(),
		OverRate:   c.OverRate.Load(),
		Faults:     c.Faults.Load(),

		Pushed: c.Pushed.Load(), Acknowledged: c.Acknowledged.Load(), Replies: c.Replies.Load(),
	}
}
