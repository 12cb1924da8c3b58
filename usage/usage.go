package usage

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"relais/sms"
)

// Row is what one key of an account used of one class through one connector in a
// month. A message counts in the month in which it was accepted, and where it is
// now: at the connector that took it over, with its price there.
type Row struct {
	Month     time.Time // its first moment, in the zone of the gateway
	Account   string
	Key       sms.Actor // who sent, as the timeline names it
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
func (u *Row) Add(more *Row) {
	u.Messages += more.Messages
	u.Sent += more.Sent
	u.Segments += more.Segments
	u.Price += more.Price
	u.WithoutPrice += more.WithoutPrice
	u.InDoubt += more.InDoubt
}

// Query asks what an account used between two moments.
type Query struct {
	Account     string
	From, Until time.Time // Until is not in it
}

// Reader counts what was used, a row for each key, class and connector, in any
// order. Month and Account of the rows are left to the caller.
type Reader interface {
	Usage(ctx context.Context, q Query) ([]Row, error)
}

// MostMonths bounds one export.
const MostMonths = 120

// Errors of the months that an export is asked for.
var (
	ErrMonth = errors.New("a month is written like 2026-01")
	ErrOrder = errors.New("the last month is before the first one")
	ErrMany  = fmt.Errorf("at most %d months are counted at once", MostMonths)
)

const monthForm = "2006-01"

// Months are the first moments of the months from since to until, both
// counted, written as 2026-01. Without until the last one is the month of now,
// without since the first one is the last one.
func Months(since, until string, now time.Time, zone *time.Location) ([]time.Time, error) {
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
		return nil, ErrOrder
	}
	var months []time.Time
	for at := first; !at.After(last); at = nextMonth(at) {
		if len(months) == MostMonths {
			return nil, ErrMany
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
		return time.Time{}, ErrMonth
	}
	return at, nil
}

func nextMonth(at time.Time) time.Time {
	return time.Date(at.Year(), at.Month()+1, 1, 0, 0, 0, 0, at.Location())
}

// Calendar knows which months there are.
type Calendar struct {
	Now  func() time.Time
	Zone *time.Location // in which months begin
}

// Months are those from since to until, as the function of that name reads them.
func (c Calendar) Months(since, until string) ([]time.Time, error) {
	return Months(since, until, c.Now(), c.Zone)
}

// Of counts what an account used in some months, month by month, by key, class
// and connector.
func Of(ctx context.Context, r Reader, account string, months []time.Time) ([]Row, error) {
	var all []Row
	for _, at := range months {
		rows, err := r.Usage(ctx, Query{Account: account, From: at, Until: nextMonth(at)})
		if err != nil {
			return nil, err
		}
		slices.SortFunc(rows, func(a, b Row) int {
			return cmp.Or(
				cmp.Compare(a.Key, b.Key), cmp.Compare(a.Class, b.Class),
				cmp.Compare(a.Connector, b.Connector),
			)
		})
		for i := range rows {
			rows[i].Month, rows[i].Account = at, account
		}
		all = append(all, rows...)
	}
	return all, nil
}
