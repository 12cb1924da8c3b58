package world

import (
	"encoding/json"
	"errors"
	"strconv"
)

// Loose reads a scalar as both operators do: OVH takes "true" and "2880" where
// the schema says boolean and long (observed with the clients messagebird/sachet
// and ovh/manager), DMC takes numbers with and without quotes (documented).
type Loose struct {
	kind byte // 0 absent or null, else 's', 'n' or 'b'
	Text string
}

var errScalar = errors.New("not a scalar")

// UnmarshalJSON refuses objects and arrays.
func (l *Loose) UnmarshalJSON(b []byte) error {
	switch c := b[0]; {
	case c == 'n':
		*l = Loose{}
	case c == '"':
		l.kind = 's'
		return json.Unmarshal(b, &l.Text)
	case c == 't' || c == 'f':
		*l = Loose{'b', string(b)}
	case c == '-' || c >= '0' && c <= '9':
		*l = Loose{'n', string(b)}
	default:
		return errScalar
	}
	return nil
}

// Absent reports whether there was nothing, or null.
func (l Loose) Absent() bool { return l.kind == 0 }

// Str wants a string.
func (l Loose) Str() (string, bool) { return l.Text, l.kind == 0 || l.kind == 's' }

// Boolean reads true, "true", 1 and "1" alike.
func (l Loose) Boolean() (value, ok bool) {
	if l.Absent() {
		return false, true
	}
	value, err := strconv.ParseBool(l.Text)
	return value, err == nil
}

// Integer reads 5 and "5" alike; an absent one is 0.
func (l Loose) Integer() (int64, bool) {
	if l.Absent() {
		return 0, true
	}
	n, err := strconv.ParseInt(l.Text, 10, 64)
	return n, err == nil && l.kind != 'b'
}

// LooseList reads a list of strings, or one string for a list of one.
type LooseList []string

// UnmarshalJSON refuses a list of anything but strings.
func (l *LooseList) UnmarshalJSON(b []byte) error {
	if b[0] == '"' {
		*l = make(LooseList, 1)
		return json.Unmarshal(b, &(*l)[0])
	}
	return json.Unmarshal(b, (*[]string)(l))
}
