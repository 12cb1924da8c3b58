package sandbox

import (
	"encoding/json"
	"errors"
	"strconv"
)

// loose reads a scalar as both operators do: OVH takes "true" and "2880" where
// the schema says boolean and long (observed with the clients messagebird/sachet
// and ovh/manager), DMC takes numbers with and without quotes (documented).
type loose struct {
	kind byte // 0 absent or null, else 's', 'n' or 'b'
	text string
}

var errScalar = errors.New("not a scalar")

// UnmarshalJSON refuses objects and arrays.
func (l *loose) UnmarshalJSON(b []byte) error {
	switch c := b[0]; {
	case c == 'n':
		*l = loose{}
	case c == '"':
		l.kind = 's'
		return json.Unmarshal(b, &l.text)
	case c == 't' || c == 'f':
		*l = loose{'b', string(b)}
	case c == '-' || c >= '0' && c <= '9':
		*l = loose{'n', string(b)}
	default:
		return errScalar
	}
	return nil
}

func (l loose) absent() bool { return l.kind == 0 }

// str wants a string.
func (l loose) str() (string, bool) { return l.text, l.kind == 0 || l.kind == 's' }

// boolean reads true, "true", 1 and "1" alike.
func (l loose) boolean() (value, ok bool) {
	if l.absent() {
		return false, true
	}
	value, err := strconv.ParseBool(l.text)
	return value, err == nil
}

// integer reads 5 and "5" alike; an absent one is 0.
func (l loose) integer() (int64, bool) {
	if l.absent() {
		return 0, true
	}
	n, err := strconv.ParseInt(l.text, 10, 64)
	return n, err == nil && l.kind != 'b'
}

// looseList reads a list of strings, or one string for a list of one.
type looseList []string

// UnmarshalJSON refuses a list of anything but strings.
func (l *looseList) UnmarshalJSON(b []byte) error {
	if b[0] == '"' {
		*l = make(looseList, 1)
		return json.Unmarshal(b, &(*l)[0])
	}
	return json.Unmarshal(b, (*[]string)(l))
}
