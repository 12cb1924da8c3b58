package quota

import (
	"context"
	"maps"
	"slices"
	"time"

	"relais/sms"
)

// Ledger is what quotas have counted, with what a batch adds to it before it is
// stored. It is a Store for one account.
type Ledger struct {
	stored Store
	uses   map[chargeKey]Use
	sent   map[sentKey]int
}

var _ Store = (*Ledger)(nil)

// chargeKey is what a charge is counted by, within an account.
type chargeKey struct{ quota, subject string }

// sentKey is what a repeat is counted by.
type sentKey struct {
	quota, text string
	to          sms.Number
}

// NewLedger makes one that nothing was added to.
func NewLedger(stored Store) *Ledger {
	return &Ledger{stored: stored, uses: map[chargeKey]Use{}, sent: map[sentKey]int{}}
}

// Add counts what a submission takes.
func (l *Ledger) Add(b *Bill, now time.Time) {
	for i := range b.Charges {
		c := &b.Charges[i]
		key := chargeKey{c.Quota, c.Subject}
		l.uses[key], _ = c.Add(l.uses[key], now)
	}
	for i := range b.Repeats {
		r := &b.Repeats[i]
		for _, n := range r.Numbers {
			l.sent[sentKey{r.Quota, r.Text, n}]++
		}
	}
}

// Used implements Store. What was read once holds for the whole batch.
func (l *Ledger) Used(ctx context.Context, account string, charges []Charge) ([]Use, error) {
	var unknown []Charge
	for i := range charges {
		if _, known := l.uses[chargeKey{charges[i].Quota, charges[i].Subject}]; !known {
			unknown = append(unknown, charges[i])
		}
	}
	if len(unknown) > 0 {
		read, err := l.stored.Used(ctx, account, unknown)
		if err != nil {
			return nil, err
		}
		for i := range unknown {
			l.uses[chargeKey{unknown[i].Quota, unknown[i].Subject}] = read[i]
		}
	}
	used := make([]Use, len(charges))
	for i := range charges {
		used[i] = l.uses[chargeKey{charges[i].Quota, charges[i].Subject}]
	}
	return used, nil
}

// Repeated implements Store. Of a number that the batch has messages for already, so
// many less need be stored for it to be full.
func (l *Ledger) Repeated(ctx context.Context, account string, r Repeat) (map[sms.Number]bool, error) {
	full, left := map[sms.Number]bool{}, map[int][]sms.Number{}
	for _, n := range r.Numbers {
		if more := r.Most - l.sent[sentKey{r.Quota, r.Text, n}]; more > 0 {
			left[more] = append(left[more], n)
		} else {
			full[n] = true
		}
	}
	for _, more := range slices.Sorted(maps.Keys(left)) {
		asked := r
		asked.Most, asked.Numbers = more, left[more]
		stored, err := l.stored.Repeated(ctx, account, asked)
		if err != nil {
			return nil, err
		}
		maps.Copy(full, stored)
	}
	return full, nil
}
