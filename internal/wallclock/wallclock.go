// Package wallclock reads times without a zone, as clocks on walls show them: some come
// twice and some never, where the clock is put back or forward.
package wallclock

import "time"

// Oddity is what is odd about a time.
type Oddity uint8

// The oddities.
const (
	None  Oddity = iota
	Twice        // the clock was put back: the first of the two was taken
	Never        // the clock was put forward: it was read by the clock of before
)

// around is longer than any clock is put forward or back.
const around = 4 * time.Hour

// Read reads a time by the clock of a zone. Of a time that comes twice it takes the
// first; one that never comes counts by the clock of before, so that it is as much later
// as the clock was put forward. The error is that of time.Parse.
func Read(layout, text string, zone *time.Location) (at time.Time, odd Oddity, err error) {
	at, err = time.ParseInLocation(layout, text, zone)
	if err != nil {
		return at, None, err
	}
	bare := time.Date(at.Year(), at.Month(), at.Day(), at.Hour(), at.Minute(), at.Second(),
		at.Nanosecond(), time.UTC)
	if moved, err := time.Parse(layout, text); err == nil { // the words themselves: at may be an hour off
		bare = moved
	}
	by := func(moment time.Time) time.Time {
		_, offset := moment.Zone()
		return bare.Add(-time.Duration(offset) * time.Second).In(zone)
	}
	before, after := by(at.Add(-around)), by(at.Add(around))
	shown := func(moment time.Time) bool { return moment.Format(layout) == bare.Format(layout) }
	switch {
	case before.Equal(after):
		return at, None, nil
	case shown(before) && shown(after):
		return before, Twice, nil
	case !shown(before) && !shown(after):
		return before, Never, nil
	}
	return at, None, nil
}
