package gateway

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"relais/sms"
)

// Usage is what one key of an account used of one class through one connector in a
// month. A message counts in the month in which it was accepted, and where it is
// now: at the connector that took it over, with its price there.
type Usage struct {
	Month     time.Time // its first moment, in the zone of the gateway
	Account   string
	Key       string // as the timeline names who sent: "api:forms"
	Class     sms.Class
	Connector string

	Messages     int64     // accepted
	Sent         int64     // that the operator took, see docs/usage.md
	Segments     int64     // of those sent
	Price        sms.Money // of those sent, as far as it is known
	WithoutPrice int64     // of those sent whose price is not known
	InDoubt      int64     // that the operator may have taken
}

// Add adds what another row of the same key, class and connector counted.
func (u *Usage) Add(more *Usage) {
	u.Messages += more.Messages
	u.Sent += more.Sent
	u.Segments += more.Segments
	u.Price += more.Price
	u.WithoutPrice += more.WithoutPrice
	u.InDoubt += more.InDoubt
}

// UsageQuery asks what an account used between two moments.
type UsageQuery struct {
	Account     string
	From, Until time.Time // Until is not in it
}

// UsageReader counts what was used, a row for each key, class and connector, in any
// order. Month and Account of the rows are left to the caller.
type UsageReader interface {
	Usage(ctx context.Context, q UsageQuery) ([]Usage, error)
}

// mostUsageMonths bounds one export.
const mostUsageMonths = 120

// Errors of the months that an export is asked for.
var (
	ErrUsageMonth = errors.New("a month is written like 2026-01")
	ErrUsageOrder = errors.New("the last month is before the first one")
	ErrUsageMany  = fmt.Errorf("at most %d months are counted at once", mostUsageMonths)
)

const monthForm = "2006-01"

// UsageMonths are the first moments of the months from since to until, both
// counted, written as 2026-01. Without until the last one is the month of now,
// without since the first one is the last one.
func UsageMonths(since, until string, now time.Time, zone *time.Location) ([]time.Time, error) {
	now = now.In(zone)
	last, err := month(until, time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, zone))
	if err != nil {
		return nil, err
	}
	first, err := month(since, last)
	if err != nil {
		return nil, err
	}
	if last.Before(first) {
		return nil, ErrUsageOrder
	}
	var months []time.Time
	for at := first; !at.After(last); at = nextMonth(at) {
		if len(months) == mostUsageMonths {
			return nil, ErrUsageMany
		}
		months = append(months, at)
	}
	return months, nil
}

func month(text string, standard time.Time) (time.Time, error) {
	if text == "" {
		return standard, nil
	}
	at, err := time.ParseInLocation(monthForm, text, standard.Location())
	if err != nil {
		return time.Time{}, ErrUsageMonth
	}
	return at, nil
}

func nextMonth(at time.Time) time.Time {
	return time.Date(at.Year(), at.Month()+1, 1, 0, 0, 0, 0, at.Location())
}

// UsageMonths is the same by the gateway's clock and zone.
func (g *Gateway) UsageMonths(since, until string) ([]time.Time, error) {
	return UsageMonths(since, until, g.now(), g.zone)
}

// UsageOf counts what an account used in some months, month by month, by key, class
// and connector.
func UsageOf(ctx context.Context, r UsageReader, account string, months []time.Time) ([]Usage, error) {
	var all []Usage
	for _, at := range months {
		rows, err := r.Usage(ctx, UsageQuery{Account: account, From: at, Until: nextMonth(at)})
		if err != nil {
			return nil, err
		}
		slices.SortFunc(rows, func(a, b Usage) int {
			return cmp.Or(cmp.Compare(a.Key, b.Key), cmp.Compare(a.Class, b.Class), cmp.Compare(a.Connector, b.Connector))
		})
		for i := range rows {
			rows[i].Month, rows[i].Account = at, account
		}
		all = append(all, rows...)
	}
	return all, nil
}
