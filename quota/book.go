package quota

import (
	"cmp"
	"log/slog"
	"slices"
	"sync/atomic"
	"time"
)

// Options make a Book.
type Options struct {
	Quotas   []Quota
	Store    Store
	Currency string         // of all amounts, ISO 4217; empty: EUR
	Zone     *time.Location // of the days and months; nil: UTC
	Metrics  *Metrics
	Log      *slog.Logger
}

// Book has the quotas of a gateway.
type Book struct {
	quotas  []Quota
	store   Store
	zone    *time.Location
	ends    atomic.Pointer[ends]
	spent   spent
	metrics *Metrics
	log     *slog.Logger
}

// New makes the book of some quotas.
func New(o Options) *Book {
	b := &Book{quotas: slices.Clone(o.Quotas), store: o.Store, zone: o.Zone, metrics: o.Metrics, log: o.Log}
	if b.zone == nil {
		b.zone = time.UTC
	}
	for i := range b.quotas {
		q := &b.quotas[i]
		q.id, q.currency = q.Name+"/"+string(q.Every), cmp.Or(o.Currency, "EUR")
		b.metrics.refuse(q.Name, 0) // alerts watch it before it first counts
	}
	return b
}

// Empty reports whether there are no quotas. A nil *Book has none.
func (b *Book) Empty() bool { return b == nil || len(b.quotas) == 0 }

// Store is what the quotas are counted by.
func (b *Book) Store() Store { return b.store }

// periodEnds works them out once a minute: calendars are slow.
func (b *Book) periodEnds(now time.Time) *ends {
	if known := b.ends.Load(); known != nil && known.hold(now) {
		return known
	}
	fresh := endsOf(now, b.zone)
	b.ends.Store(fresh)
	return fresh
}
