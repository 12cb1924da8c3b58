package api

import "time"

// instant reads a time of RFC 3339. It refuses the zero one, 0001-01-01T00:00:00Z, which programs
// write where they have none: whoever reads it further on would take it for a field that is absent.
func instant(text string) (at time.Time, ok bool) {
	at, err := time.Parse(time.RFC3339, text)
	return at, err == nil && !at.IsZero()
}
