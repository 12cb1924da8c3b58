package terminal

import (
	"time"

	"relais/internal/wallclock"
)

// Where a duration that stands for a date leads.
const (
	Ahead = +1
	Ago   = -1
)

// ReadTime reads a date: RFC 3339, or local without a zone, or how far it is
// from now. Nothing is the zero time, which nobody can write.
func (t *Terminal) ReadTime(flag, text string, direction time.Duration) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if distance, err := time.ParseDuration(text); err == nil && distance > 0 {
		return time.Now().Add(direction * distance), nil
	}
	if at, err := time.Parse(time.RFC3339, text); err == nil && !at.IsZero() {
		return at, nil
	}
	for _, layout := range []string{
		"2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02T15:04:05",
		"2006-01-02T15:04", time.DateOnly,
	} {
		if at, odd, err := wallclock.Read(layout, text, t.LocalZone()); err == nil && !at.IsZero() {
			switch taken := at.Format(time.RFC3339); odd {
			case wallclock.Twice:
				t.Say("time_twice", "flag", flag, "text", text, "taken", taken)
			case wallclock.Never:
				t.Say("time_never", "flag", flag, "text", text, "taken", taken)
			case wallclock.None:
			}
			return at, nil
		}
	}
	return time.Time{}, t.Misuse("time_wrong", "flag", flag)
}
