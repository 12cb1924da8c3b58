package connector

import "log/slog"

// Secret is a value that must not be seen: it prints as *** everywhere. Only
// Reveal gives it.
type Secret string

const hidden = "***"

// Reveal returns the value, for the call that needs it.
func (s Secret) Reveal() string { return string(s) }

// String hides the value; an empty one shows as empty.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return hidden
}

// GoString hides the value in %#v.
func (s Secret) GoString() string { return `"` + s.String() + `"` }

// LogValue hides the value in logs.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText hides the value in JSON and TOML.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }
