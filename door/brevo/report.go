package brevo

import (
	"cmp"
	"math"
	"net/http"
	"slices"
	"time"
)

// counts are what happened in a span of time (documented: BRV). Each message is asked for and accepted once.
type counts struct {
	Requests     int `json:"requests"`
	Delivered    int `json:"delivered"`
	HardBounces  int `json:"hardBounces"`
	SoftBounces  int `json:"softBounces"`
	Blocked      int `json:"blocked"`
	Unsubscribed int `json:"unsubscribed"`
	Replied      int `json:"replied"`
	Accepted     int `json:"accepted"`
	Rejected     int `json:"rejected"`
	Skipped      int `json:"skipped"`
}

func (c *counts) add(name string) {
	switch name {
	case accepted.event:
		c.Requests++
		c.Accepted++
	case delivered.event:
		c.Delivered++
	case hardBounce.event:
		c.HardBounces++
	case softBounce.event:
		c.SoftBounces++
	case blocked.event:
		c.Blocked++
	case rejected.event:
		c.Rejected++
	case unsubscribed.event:
		c.Unsubscribed++
	case replied.event:
		c.Replied++
	}
}

// counted are the events that a report counts.
func (c *call) counted() (*asked, []event, error) {
	a, err := c.readAsked("startDate", "endDate", "days", "tag", "sort")
	if err != nil {
		return nil, nil, err
	}
	a.event, a.to, a.counting = "", "", true // no filters of a report
	all, err := a.collect(math.MaxInt)
	return a, all, err
}

// aggregated counts all of a span.
func (c *call) aggregated() (int, any, error) {
	a, all, err := c.counted()
	if err != nil {
		return 0, nil, err
	}
	shown := struct {
		Range string `json:"range"`
		counts
	}{}
	last := a.Now()
	if !a.until.IsZero() {
		last = a.until.AddDate(0, 0, -1)
	}
	for i := range all {
		shown.add(all[i].Event)
	}
	shown.Range = a.day(a.since) + "|" + a.day(last)
	return http.StatusOK, shown, nil
}

func (a *asked) day(at time.Time) string { return at.In(a.Zone).Format(time.DateOnly) }

// reports counts day by day, the newest first.
func (c *call) reports() (int, any, error) {
	a, all, err := c.counted()
	if err != nil {
		return 0, nil, err
	}
	type report struct {
		Date string `json:"date"`
		counts
	}
	byDay, days := map[string]*report{}, []*report{}
	for i := range all {
		day := a.day(all[i].at)
		if byDay[day] == nil {
			byDay[day] = &report{Date: day}
			days = append(days, byDay[day])
		}
		byDay[day].add(all[i].Event)
	}
	slices.SortFunc(days, func(x, y *report) int { return cmp.Compare(y.Date, x.Date) })
	if a.ascending {
		slices.Reverse(days)
	}
	return http.StatusOK, map[string]any{"reports": days}, nil
}
