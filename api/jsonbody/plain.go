package jsonbody

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"relais/charset"
)

// Plain is a body of which most requests hold texts alone, so that it is read without asking for
// types.
type Plain interface {
	// Into is where the value of a key goes: a *string, a *[]string, which takes one text as well,
	// or a *map[string]string; nil: it is no text, or the body has no such key.
	Into(key string) any
}

const (
	// mostPlain bounds what is read so, in bytes.
	mostPlain = 64 << 10
	// mostShared is how long a body may be whose memory the texts share. Of a longer one they are
	// copied: it may be spaces for the most part, and a text may be kept for long.
	mostShared = 4 << 10
)

// readPlain reads a body in which nothing is out of the ordinary. Of any other it reports false,
// and leaves into empty: who reads it in full tells what is wrong, if anything is.
func readPlain(body []byte, into Plain) bool {
	if len(body) > mostPlain || !utf8.Valid(body) {
		return false
	}
	p := plainReader{rest: string(body), copies: len(body) > mostShared}
	if p.members(into) && p.next() == 0 && p.rest == "" {
		return true
	}
	reflect.ValueOf(into).Elem().SetZero()
	return false
}

// plainReader reads JSON that was made by a program: it stops at the first surprise.
type plainReader struct {
	rest   string
	copies bool // the texts
}

// next is the byte behind the spaces, which it passes; 0: none is left.
func (p *plainReader) next() byte {
	for i := range len(p.rest) {
		switch p.rest[i] {
		case ' ', '\t', '\r', '\n':
		default:
			p.rest = p.rest[i:]
			return p.rest[0]
		}
	}
	p.rest = ""
	return 0
}

// take passes a byte, if it is the next one.
func (p *plainReader) take(c byte) bool {
	if p.next() != c {
		return false
	}
	p.rest = p.rest[1:]
	return true
}

// text reads a text.
func (p *plainReader) text() (text string, ok bool) {
	if !p.take('"') {
		return "", false
	}
	escaped := false
	for i := 0; i < len(p.rest); i++ {
		switch c := p.rest[i]; {
		case c == '"':
			text, p.rest = p.rest[:i], p.rest[i+1:]
			if escaped {
				return unescaped(text)
			}
			if p.copies {
				text = strings.Clone(text)
			}
			return text, true
		case c == '\\':
			escaped = true
			i++
		case c < ' ':
			return "", false
		}
	}
	return "", false
}

func unescaped(text string) (plain string, ok bool) {
	quoted := []byte(`"` + text + `"`)
	ok = charset.LoneSurrogate(quoted) < 0 && json.Unmarshal(quoted, &plain) == nil
	return plain, ok
}

// each reads what stands between two brackets.
func (p *plainReader) each(opening, closing byte, one func() bool) bool {
	if !p.take(opening) {
		return false
	}
	for first := true; first || p.take(','); first = false {
		if first && p.next() == closing {
			break
		}
		if !one() {
			return false
		}
	}
	return p.take(closing)
}

// members reads an object: each key that it has a place for, once.
func (p *plainReader) members(into Plain) bool {
	var places [16]any
	seen := places[:0]
	return p.each('{', '}', func() bool {
		key, ok := p.text()
		if !ok || !p.take(':') {
			return false
		}
		place := into.Into(key)
		if place == nil || slices.Contains(seen, place) {
			return false
		}
		seen = append(seen, place)
		return p.value(place)
	})
}

func (p *plainReader) value(place any) (ok bool) {
	switch place := place.(type) {
	case *string:
		*place, ok = p.text()
		return ok
	case *[]string:
		return p.texts(place)
	case *map[string]string:
		return p.named(place)
	}
	return false
}

func (p *plainReader) texts(place *[]string) bool {
	*place = []string{}
	one := func() bool {
		text, ok := p.text()
		*place = append(*place, text)
		return ok
	}
	if p.next() == '"' {
		return one()
	}
	return p.each('[', ']', one)
}

func (p *plainReader) named(place *map[string]string) bool {
	*place = map[string]string{}
	return p.each('{', '}', func() bool {
		name, ok := p.text()
		_, twice := (*place)[name]
		if !ok || twice || !p.take(':') {
			return false
		}
		(*place)[name], ok = p.text()
		return ok
	})
}
