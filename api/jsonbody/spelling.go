package jsonbody

import (
	"bytes"
	"encoding/json"
	"slices"

	"relais/charset"
	"relais/reason"
)

// checkSpelling refuses what encoding/json takes without a word: a key in
// another case, the same key twice, null in the metadata, half a
// surrogate pair. The body is one object that was decoded already, in which
// values are at most one level deep.
func checkSpelling(body []byte, keys Keys) *Fault {
	if offset := charset.LoneSurrogate(body); offset >= 0 {
		return wrongAt(PlaceAt(body, offset, fieldAt(body, offset)), reason.Of(codeLoneSurrogate, nil))
	}
	s := speller{body: body, keys: keys}
	for i := 0; i < len(body); i++ {
		switch body[i] {
		case '{', '[':
			s.depth++
			s.list = body[i] == '['
			s.key = !s.list
		case '}', ']':
			s.depth--
			s.list, s.key = false, false
		case ',':
			s.key = !s.list
		case 'n': // null; every other n is inside a string
			if s.depth > 1 {
				return Wrong(body, "/metadata", reason.Of(sayMetadata, nil))
			}
			i += len("null") - 1
		case '"':
			end := stringEnd(body, i)
			if s.key {
				if p := s.check(i, end); p != nil {
					return p
				}
			}
			i = end - 1
			s.key = false
		}
	}
	return nil
}

// speller walks over a decoded body.
type speller struct {
	body  []byte
	keys  Keys
	depth int
	list  bool   // inside a list
	key   bool   // the next string is a key
	seen  uint64 // top-level keys so far, a bit for each of keys
	outer string // the top-level key
	inner map[string]bool
}

// check takes the key between two offsets, quotes included.
func (s *speller) check(from, end int) *Fault {
	text := s.body[from+1 : end-1]
	if bytes.IndexByte(text, '\\') >= 0 {
		var plain string
		if json.Unmarshal(s.body[from:end], &plain) == nil {
			text = []byte(plain)
		}
	}
	if s.depth > 1 {
		return s.checkInner(from, string(text))
	}
	at := slices.IndexFunc(s.keys.Names, func(k string) bool { return k == string(text) })
	if at < 0 {
		return s.keys.Unknown(string(text), PlaceAt(s.body, from, Pointer(string(text))))
	}
	if s.seen&(1<<at) != 0 {
		return s.twice(from, Pointer(s.keys.Names[at]))
	}
	s.seen |= 1 << at
	s.outer, s.inner = s.keys.Names[at], nil
	return nil
}

func (s *speller) checkInner(from int, text string) *Fault {
	if s.inner[text] {
		return s.twice(from, Pointer(s.outer)+Pointer(text))
	}
	if s.inner == nil {
		s.inner = map[string]bool{}
	}
	s.inner[text] = true
	return nil
}

func (s *speller) twice(from int, field string) *Fault {
	return Twice(PlaceAt(s.body, from, field))
}

// Twice refuses a key that comes a second time.
func Twice(at Place) *Fault { return wrongAt(at, reason.Of(CodeDuplicate, nil)) }

// stringEnd returns the offset after the closing quote of the string that
// begins at from.
func stringEnd(body []byte, from int) int {
	for i := from + 1; i < len(body); i++ {
		switch body[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(body)
}

// fieldAt points to the top-level key whose value holds the offset.
func fieldAt(body []byte, offset int) string {
	d := json.NewDecoder(bytes.NewReader(body))
	if _, err := d.Token(); err != nil {
		return ""
	}
	var value json.RawMessage
	for d.More() {
		token, err := d.Token()
		key, ok := token.(string)
		if err != nil || !ok || d.Decode(&value) != nil {
			return ""
		}
		if int(d.InputOffset()) > offset {
			return Pointer(key)
		}
	}
	return ""
}
