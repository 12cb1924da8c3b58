package quota

import "time"

// Period is how long a quota counts before it begins anew.
type Period string

// The periods. Days and months are those of the calendar.
const (
	Minute Period = "minute"
	Hour   Period = "hour"
	Day    Period = "day"
	Month  Period = "month"
)

// Periods lists them.
var Periods = []Period{Minute, Hour, Day, Month}

// longest is how long a period is at most.
func (p Period) longest() time.Duration {
	switch p {
	case Minute:
		return time.Minute
	case Hour:
		return time.Hour
	case Month:
		return 31 * 24 * time.Hour
	default:
		return 25 * time.Hour // the day on which summer time ends
	}
}

// end is when the period ends that now is in.
func (p Period) end(now time.Time, zone *time.Location) time.Time {
	switch local := now.In(zone); p {
	case Minute, Hour:
		return now.Truncate(p.longest()).Add(p.longest())
	case Month:
		return time.Date(local.Year(), local.Month()+1, 1, 0, 0, 0, 0, zone)
	default:
		return time.Date(local.Year(), local.Month(), local.Day()+1, 0, 0, 0, 0, zone)
	}
}

// ends are the ends of the periods of a moment. They hold until the minute ends.
type ends struct{ minute, hour, day, month time.Time }

func endsOf(now time.Time, zone *time.Location) *ends {
	return &ends{Minute.end(now, zone), Hour.end(now, zone), Day.end(now, zone), Month.end(now, zone)}
}

// hold reports whether they are those of now too.
func (e *ends) hold(now time.Time) bool {
	return now.Before(e.minute) && !now.Before(e.minute.Add(-time.Minute))
}

func (e *ends) of(p Period) time.Time {
	switch p {
	case Minute:
		return e.minute
	case Hour:
		return e.hour
	case Month:
		return e.month
	default:
		return e.day
	}
}
