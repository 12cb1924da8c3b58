package person

import (
	"context"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"relais/duty"
	"relais/reason"
	"relais/sms"
)

// Keeping is what Persons need of the store.
type Keeping interface {
	Store
	KeepingCampaigns
	KeepingLists
	KeepingContacts
	KeepingParts
	// Purge makes one step of a retention. What was changed before changes nothing.
	Purge(ctx context.Context, p Purge) (Purged, error)
	// DropHistory drops messages that ended, with their submissions and timelines,
	// and replies, all from before a time that begins a month: a bounded number a
	// call, or a whole month. It reports whether it dropped any.
	DropHistory(ctx context.Context, before time.Time) (dropped bool, err error)
	// Cursor returns how far a retention got; KeepCursor stores it.
	Cursor(ctx context.Context, name string) (string, error)
	KeepCursor(ctx context.Context, name, cursor string) error
}

// Options make Persons.
type Options struct {
	Store Keeping
	// Retentions lists the accounts that do not keep everything for ever; nil: none.
	Retentions func(context.Context) ([]Retention, error)
	// Pseudonym is always the same for a number of an account, and tells nothing of it;
	// nil: there is none.
	Pseudonym     func(account string, n sms.Number) string
	HistoryMonths int // full months before this one whose history is kept; 0: all
	// Find returns messages of an account to any of the numbers that stand in a status.
	Find func(ctx context.Context, account string, to []sms.Number, status sms.Status,
		limit int) ([]sms.Message, error)
	// Cancel ends a message that waits, and reports false for one that waits no longer.
	Cancel func(ctx context.Context, m sms.Message, actor sms.Actor) (canceled bool, err error)
	// Unavailable makes the refusal for a store that failed, Conflict the one for what does
	// not fit the present state.
	Unavailable func(error) error
	Conflict    func(reason.Reason) error
	Purged      *prometheus.CounterVec // rows, by what was removed
	Log         *slog.Logger
	Clock       *duty.Clock
}

// Persons keep the promises about numbers and texts: exports, erasures, retentions.
type Persons struct {
	store         Keeping
	retentions    func(context.Context) ([]Retention, error)
	pseudonym     func(account string, n sms.Number) string
	historyMonths int
	find          func(context.Context, string, []sms.Number, sms.Status, int) ([]sms.Message, error)
	cancel        func(context.Context, sms.Message, sms.Actor) (bool, error)
	unavailable   func(error) error
	conflict      func(reason.Reason) error
	purged        *prometheus.CounterVec
	log           *slog.Logger
	clock         *duty.Clock
}

// New makes Persons.
func New(o Options) *Persons {
	p := &Persons{
		store: o.Store, retentions: o.Retentions, pseudonym: o.Pseudonym, historyMonths: o.HistoryMonths,
		find:   o.Find,
		cancel: o.Cancel, unavailable: o.Unavailable, conflict: o.Conflict, purged: o.Purged, log: o.Log,
		clock: o.Clock,
	}
	if p.retentions == nil {
		p.retentions = func(context.Context) ([]Retention, error) { return nil, nil }
	}
	return p
}

// now is the time, as precise as stores keep it.
func (p *Persons) now() time.Time { return p.clock.Now().Truncate(time.Microsecond) }
