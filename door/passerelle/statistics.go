package passerelle

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"relais/search"
)

// smsCount is the one statistic that there is.
const smsCount = "sms_count"

// interval is a way to draw figures over time.
type interval struct {
	id, label string
	labels    func(from, to time.Time) []string // all of a time, in order
	label1    func(at time.Time) string         // of a moment
}

var weekdays = []string{"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"}

// intervals are those of Publik's dashboards (inferred).
var intervals = []interval{
	stepped("day", "Day", "2006-01-02", 0, 0, 1),
	stepped("month", "Month", "2006-01", 0, 1, 0),
	stepped("year", "Year", "2006", 1, 0, 0),
	{
		"weekday", "Week day", func(time.Time, time.Time) []string { return weekdays },
		func(at time.Time) string { return at.Weekday().String() },
	},
}

// stepped has one label for each step from the first to the last.
func stepped(id, label, format string, years, months, days int) interval {
	return interval{
		id, label,
		func(from, to time.Time) (labels []string) {
			for at := begun(from, months, years); at.Before(to); at = at.AddDate(years, months, days) {
				labels = append(labels, at.Format(format))
			}
			if !from.Before(to) {
				return nil
			}
			return labels
		},
		func(at time.Time) string { return at.Format(format) },
	}
}

// begun is the first day of the month or the year that a day stands in, so that
// a step from it leaves out no shorter month.
func begun(day time.Time, months, years int) time.Time {
	switch {
	case years > 0:
		return time.Date(day.Year(), time.January, 1, 0, 0, 0, 0, day.Location())
	case months > 0:
		return time.Date(day.Year(), day.Month(), 1, 0, 0, 0, 0, day.Location())
	}
	return day
}

// statistics answers Publik's dashboards: a catalogue, and figures. It counts
// recipients, where Passerelle counted calls (inferred).
func (d *Door) statistics(w http.ResponseWriter, r *http.Request, what string) {
	switch {
	case what != "" && what != smsCount:
		notFound().write(w)
		return
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		wrongMethod(w, http.MethodGet)
		return
	}
	seen, refused := d.visible(r)
	if refused != nil {
		refused.write(w)
		return
	}
	body, refused := d.figures(r, seen, what)
	if refused != nil {
		refused.write(w)
		return
	}
	answer(w, http.StatusOK, body)
}

// visible are the instances through which the caller may send, by their names.
func (d *Door) visible(r *http.Request) (seen []*Instance, refused *failure) {
	fresh, checked := true, false // one nonce is for the whole question
	for _, name := range slices.Sorted(maps.Keys(d.byName)) {
		found := d.identify(r, d.byName[name])
		if found.signed != nil && !checked {
			after, err := d.spent(r.Context(), found)
			if err != nil {
				d.Log.Error("cannot check a caller", "door", prefix, "instance", name, "error", err)
				return nil, busy()
			}
			fresh, checked = after.caller == found.caller, true
		}
		if found.signed != nil && !fresh {
			found.caller = found.open
		}
		if found.caller != nil {
			seen = append(seen, d.byName[name])
		}
	}
	if len(seen) == 0 {
		d.Log.Warn("a caller was refused", "door", prefix, "reason", "it may see no statistics")
		return nil, denied()
	}
	return seen, nil
}

func (d *Door) figures(r *http.Request, seen []*Instance, what string) (any, *failure) {
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, badRequest("the query is malformed")
	}
	if what == "" {
		values = nil // the last year
	}
	from, to, refused := d.span(values)
	if refused != nil {
		return nil, refused
	}
	if what == "" {
		counted, err := d.count(r.Context(), seen, from, to)
		if err != nil {
			d.Log.Error("cannot count messages", "door", prefix, "error", err)
			return nil, busy()
		}
		return catalogue(r, seen, counted), nil
	}
	at := slices.IndexFunc(intervals,
		func(i interval) bool { return i.id == valueOr(values, "time_interval", "day") })
	if at < 0 {
		return nil, badRequest("time_interval: want day, weekday, month or year")
	}
	if connector := values.Get("connector"); connector != "" {
		seen = slices.DeleteFunc(slices.Clone(seen), func(i *Instance) bool { return i.Name != connector })
	}
	counted, err := d.count(r.Context(), seen, from, to)
	if err != nil {
		d.Log.Error("cannot count messages", "door", prefix, "error", err)
		return nil, busy()
	}
	if values.Has("counter") && values.Get("counter") != "" {
		counted = slices.DeleteFunc(counted, func(c search.Counted) bool {
			return c.By != values.Get("counter")
		})
	}
	return d.drawn(&intervals[at], counted, from, to), nil
}

func valueOr(values url.Values, key, standard string) string {
	if value := values.Get(key); value != "" {
		return value
	}
	return standard
}

// longestSpan bounds the work of one question.
const longestSpan = 10 * 366 * 24 * time.Hour

// span is what was asked for, whole days; the last year when nothing was.
func (d *Door) span(values url.Values) (from, to time.Time, refused *failure) {
	now := d.Now().In(d.Zone)
	today := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, d.Zone)
	from, to = today.AddDate(-1, 0, 1), today.AddDate(0, 0, 1)
	for _, asked := range []struct {
		key  string
		into *time.Time
	}{{"start", &from}, {"end", &to}} {
		text := values.Get(asked.key)
		if text == "" {
			continue
		}
		day, _, _ := strings.Cut(text, "T")
		at, err := time.ParseInLocation(time.DateOnly, day, d.Zone)
		if err != nil {
			return from, to, badRequest(asked.key + ": want a date such as 2026-03-01")
		}
		*asked.into = at
	}
	if to.Before(from) || to.Sub(from) > longestSpan {
		return from, to, badRequest(fmt.Sprintf("start, end: want a time of at most %d years, start first",
			10))
	}
	return from, to, nil
}

// count asks each account once.
func (d *Door) count(
	ctx context.Context, seen []*Instance, from, to time.Time,
) (counted []search.Counted, err error) {
	byAccount := map[string][]string{}
	for _, i := range seen {
		byAccount[i.Account] = append(byAccount[i.Account], i.Name)
	}
	for account, names := range byAccount {
		all, err := d.Store.CountByMetadata(ctx,
			search.Count{Account: account, Key: metaInstance, By: metaCounter, Since: from, Until: to})
		if err != nil {
			return nil, err
		}
		for _, one := range all {
			if slices.Contains(names, one.Value) {
				counted = append(counted, one)
			}
		}
	}
	return counted, nil
}

func (d *Door) drawn(i *interval, counted []search.Counted, from, to time.Time) any {
	sums := map[string]int{}
	for _, one := range counted {
		sums[i.label1(one.At.In(d.Zone))] += one.Messages
	}
	labels := append([]string{}, i.labels(from, to)...)
	data := make([]int, len(labels))
	for n, label := range labels {
		data[n] = sums[label]
	}
	series := []map[string]any{{"label": "SMS Count", "data": data}}
	return map[string]any{"err": 0, "data": map[string]any{"x_labels": labels, "series": series}}
}

// catalogue tells a dashboard what it may ask for; counters are those of the
// last year.
func catalogue(r *http.Request, seen []*Instance, counted []search.Counted) any {
	times, names, counters := []map[string]string{}, []map[string]string{}, []map[string]string{}
	for _, i := range intervals {
		times = append(times, map[string]string{"id": i.id, "label": i.label})
	}
	for _, i := range seen {
		names = append(names, map[string]string{"id": i.Name, "label": i.Name})
	}
	known := map[string]bool{"": true}
	for _, one := range counted {
		if !known[one.By] {
			known[one.By] = true
			counters = append(counters, map[string]string{"id": one.By, "label": one.By})
		}
	}
	scheme := "http"
	if r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https" {
		scheme = "https"
	}
	where := url.URL{
		Scheme: scheme, Host: r.Host, Path: "/" + prefix + "/" + statistics + "/" + smsCount + "/",
	}
	return map[string]any{"err": 0, "data": []any{map[string]any{
		"id": smsCount, "name": "SMS Count", "url": where.String(),
		"filters": []any{
			map[string]any{
				"id": "time_interval", "label": "Interval", "options": times, "required": true,
				"default": "day",
			},
			map[string]any{"id": "connector", "label": "Connector", "options": names},
			map[string]any{"id": "counter", "label": "Counter", "options": counters},
		},
	}}}
}
