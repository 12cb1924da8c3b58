package httpapi

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"relais/reason"
)

// template is a text with placeholders, {to} for one. A brace that is none is written twice.
type template struct {
	pieces []piece
}

type piece struct {
	text string
	name string // of a placeholder; empty: text
}

// nature is what a placeholder may be used for.
type nature int

const (
	ofPerson  nature = iota // what callers write: never in a header
	ofMessage               // made by the gateway: safe everywhere
	ofSection               // a setting that anybody may see
	ofSecret                // never in an address
	ofPoll                  // of calls that fetch a list alone
)

// placeholders are all that a declaration can name.
var placeholders = map[string]nature{
	"to": ofPerson, "text": ofPerson, "sender": ofPerson,
	"ref": ofMessage, "id": ofMessage, "class": ofMessage, "alphabet": ofMessage, "unicode": ofMessage,
	"sender_kind": ofMessage, "segments": ofMessage,
	"validity_seconds": ofMessage, "validity_minutes": ofMessage, "validity_hours": ofMessage,
	"callback": ofMessage,
	"login":    ofSection,
	"profile":  ofSection,
	"token":    ofSecret,
	"since":    ofPoll, "until": ofPoll, "page": ofPoll, "cursor": ofPoll,
	"key": ofSecret, "secret": ofSecret, "signing_key": ofSecret,
}

func placeholderNames() []string {
	names := slices.Sorted(maps.Keys(placeholders))
	for i := range names {
		names[i] = "{" + names[i] + "}"
	}
	return names
}

// template compiles a text. Where one of the natures stands, a placeholder of it is refused with
// the code given.
func (j *judge) template(key, text string, refused map[nature]reason.Code) template {
	var t template
	for text != "" {
		at := strings.IndexAny(text, "{}")
		if at < 0 {
			t.add(text)
			break
		}
		t.add(text[:at])
		if text = text[at:]; len(text) > 1 && text[1] == text[0] {
			t.add(text[:1])
			text = text[2:]
			continue
		}
		end := strings.IndexByte(text, '}')
		if text[0] == '}' || end < 0 {
			j.complain(key, whyBrace, nil)
			return t
		}
		name := text[1:end]
		text = text[end+1:]
		n, known := placeholders[name]
		if !known {
			j.complain(key, whyPlaceholder,
				reason.Args{"name": reason.Name("{" + name + "}"), "words": reason.Names(placeholderNames())})
			continue
		}
		if why, no := refused[n]; no {
			j.complain(key, why, reason.Args{"name": reason.Name("{" + name + "}")})
		}
		if why, no := j.misplaced(n); no {
			j.complain(key, why, reason.Args{"name": reason.Name("{" + name + "}")})
		}
		t.pieces = append(t.pieces, piece{name: name})
	}
	return t
}

// misplaced says what is wrong with a placeholder of a poll elsewhere, and with one of a message in a poll.
func (j *judge) misplaced(n nature) (why reason.Code, no bool) {
	switch {
	case n == ofPoll && !j.polling:
		return whyPollName, true
	case (n == ofPerson || n == ofMessage) && j.polling:
		return whyPollMessage, true
	}
	return "", false
}

func (t *template) add(text string) {
	if text == "" {
		return
	}
	if n := len(t.pieces); n > 0 && t.pieces[n-1].name == "" {
		t.pieces[n-1].text += text
		return
	}
	t.pieces = append(t.pieces, piece{text: text})
}

// names are the placeholders in the text.
func (t template) names() []string {
	var names []string
	for _, p := range t.pieces {
		if p.name != "" {
			names = append(names, p.name)
		}
	}
	return names
}

// expand fills the text in. there is false when a placeholder of it has no value: what stands
// for nothing is left out of the request.
func (t template) expand(s *source) (text string, there bool) {
	if len(t.pieces) == 1 { // as most are
		if t.pieces[0].name == "" {
			return t.pieces[0].text, true
		}
		if whole, isText := s.value(t.pieces[0].name).(string); isText {
			return whole, whole != ""
		}
	}
	var b strings.Builder
	for _, p := range t.pieces {
		if p.name == "" {
			b.WriteString(p.text)
			continue
		}
		value := s.value(p.name)
		if value == nil || value == "" {
			return "", false
		}
		fmt.Fprint(&b, value)
	}
	return b.String(), true
}

// native is what a lone placeholder stands for, in its own type, else the text.
func (t template) native(s *source) (value any, there bool) {
	if len(t.pieces) == 1 && t.pieces[0].name != "" {
		value = s.value(t.pieces[0].name)
		return value, value != nil && value != ""
	}
	return t.expand(s)
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
