package table

import (
	"encoding/hex"
	"fmt"
	"reflect"
	"strings"
	"time"

	"relais/sms"
)

// values makes arguments of ids, times and texts as the database keeps them: times as
// microseconds since 1970, 0 for none.
func (r *runner) values(args []any) []any {
	values := make([]any, len(args))
	for i, arg := range args {
		switch v := arg.(type) {
		case sms.ID:
			values[i] = r.dialect.ID(v)
		case time.Time:
			values[i] = micros(v)
		case nil, []byte, int, int64, bool, float64:
			values[i] = v
		default:
			values[i] = r.text(v)
		}
	}
	return values
}

// text is for strings of every type.
func (r *runner) text(arg any) any {
	if v := reflect.ValueOf(arg); v.Kind() == reflect.String {
		return r.dialect.Text(v.String())
	}
	return arg
}

// orNull is NULL for what is zero.
func orNull[T comparable](v T) any {
	var zero T
	if v == zero {
		return nil
	}
	return v
}

// scanning is scan for ids and times as well.
func scanning(scan Scan) Scan {
	return func(into ...any) error {
		targets := make([]any, len(into))
		for i, to := range into {
			switch v := to.(type) {
			case *sms.ID:
				targets[i] = (*column)(v)
			case *time.Time:
				targets[i] = (*moment)(v)
			default:
				targets[i] = v
			}
		}
		return scan(targets...)
	}
}

// column reads an id: 16 bytes from one database, the usual text of a UUID from the
// other. NULL, and no bytes, are no id.
type column sms.ID

// Scan implements sql.Scanner.
func (c *column) Scan(value any) error {
	*c = column{}
	var raw []byte
	switch v := value.(type) {
	case nil:
	case []byte:
		raw = v
	case string:
		var err error
		if raw, err = hex.DecodeString(strings.ReplaceAll(v, "-", "")); err != nil {
			return fmt.Errorf("read an id: %w", err)
		}
	default:
		return fmt.Errorf("read an id from %T", value)
	}
	if len(raw) != 0 && len(raw) != len(c) {
		return fmt.Errorf("an id of %d bytes is in the database", len(raw))
	}
	copy(c[:], raw)
	return nil
}

// moment reads microseconds since 1970. NULL and 0 are no time.
type moment time.Time

// Scan implements sql.Scanner.
func (m *moment) Scan(value any) error {
	switch v := value.(type) {
	case nil:
		*m = moment{}
	case int64:
		*m = moment(fromMicros(v))
	default:
		return fmt.Errorf("read a time from %T", value)
	}
	return nil
}

func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func fromMicros(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return time.UnixMicro(us).UTC()
}
