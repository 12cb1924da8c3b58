package brevo

import (
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"slices"
	"unicode/utf8"
)

// maxBody is the largest body that is read, in bytes.
const maxBody = 1 << 20

// body is what a client asks for, as an object.
type body struct {
	fields map[string]json.RawMessage
	raw    []byte
}

// readBody reads a JSON object, whatever its Content-Type is: clients send no other.
func (c *call) readBody() (*body, error) {
	if coding := c.r.Header.Get("Content-Encoding"); coding != "" && coding != "identity" {
		return nil, invalid("Send the body without Content-Encoding")
	}
	raw, err := io.ReadAll(http.MaxBytesReader(c.w, c.r.Body, maxBody))
	if err != nil {
		if _, large := errors.AsType[*http.MaxBytesError](err); large {
			return nil, invalid("The body is larger than 1 MiB")
		}
		return nil, invalid("The body ended early")
	}
	b := &body{raw: raw}
	if !utf8.Valid(raw) || json.Unmarshal(raw, &b.fields) != nil || b.fields == nil {
		return nil, invalid("The body is no JSON object in UTF-8")
	}
	return b, nil
}

// has reports whether a field is there, and not null.
func (b *body) has(name string) bool {
	raw, given := b.fields[name]
	return given && string(raw) != "null"
}

// text reads a field that is a text; empty: it is not there.
func (b *body) text(name string) (text string, err error) {
	if b.has(name) && json.Unmarshal(b.fields[name], &text) != nil {
		return "", invalid(name + " should be a text")
	}
	return text, nil
}

// required reads a text that must be there.
func (b *body) required(name string) (string, error) {
	text, err := b.text(name)
	if err == nil && text == "" {
		err = missing(name)
	}
	return text, err
}

// flag reads yes or no; given is false where it is not there.
func (b *body) flag(name string) (yes, given bool, err error) {
	if !b.has(name) {
		return false, false, nil
	}
	if json.Unmarshal(b.fields[name], &yes) != nil {
		return false, false, invalid(name + " should be true or false")
	}
	return yes, true, nil
}

// tags reads a tag, or a list of some (documented: BRN).
func (b *body) tags() (all []string, err error) {
	const most, longest = 10, 100
	if !b.has("tag") {
		return nil, nil
	}
	var one string
	if json.Unmarshal(b.fields["tag"], &one) == nil {
		if one != "" {
			all = []string{one}
		}
	} else if json.Unmarshal(b.fields["tag"], &all) != nil || len(all) > most || slices.Contains(all, "") {
		return nil, invalid("tag should be a text, or a list of at most 10 that are not empty")
	}
	for _, tag := range all {
		if utf8.RuneCountInString(tag) > longest {
			return nil, invalid("A tag should have at most 100 characters")
		}
	}
	return all, nil
}

// others are the names of the fields that are none of some.
func (b *body) others(known []string) (names []string) {
	for _, name := range slices.Sorted(maps.Keys(b.fields)) {
		if !slices.Contains(known, name) {
			names = append(names, name)
		}
	}
	return names
}
