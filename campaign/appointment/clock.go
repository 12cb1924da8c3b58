package appointment

import (
	"time"

	"relais/internal/wallclock"
)

const wall = "2006-01-02T15:04:05"

// Now is what the clock of a zone shows at a moment.
func Now(at time.Time, zone *time.Location) time.Time {
	at = at.In(zone)
	return time.Date(at.Year(), at.Month(), at.Day(), at.Hour(), at.Minute(), at.Second(), at.Nanosecond(), time.UTC)
}

// Instant is the moment at which the clock of a zone shows a time. Of a time that comes twice it is
// the first. A time that never comes, because the clock is put forward over it, is that much
// earlier: 02:30 on 28 March 2027 in Paris is 01:30.
func Instant(shown time.Time, zone *time.Location) time.Time {
	at, odd, err := wallclock.Read(wall, shown.Format(wall), zone)
	if err != nil { // it reads what was written by the same layout
		return shown
	}
	if odd == wallclock.Never {
		at = at.Add(-Now(at, zone).Sub(shown))
	}
	return at
}
