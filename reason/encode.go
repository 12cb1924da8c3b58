package reason

import (
	"encoding/json"
	"slices"
	"strconv"
)

// Reasons are written with every message, so that they are put together by hand: what
// encoding/json does for a map of interfaces, each a Marshaler, costs as much as all
// else of an accept. The result is the same, letter for letter.

// appendReason appends the reason as it is stored.
func appendReason(b []byte, r Reason) []byte {
	b = append(b, '{')
	begun := len(b)
	field := func(name string) {
		if len(b) > begun {
			b = append(b, ',')
		}
		b = append(b, '"')
		b = append(b, name...)
		b = append(b, '"', ':')
	}
	if r.Code != "" {
		field("code")
		b = appendText(b, string(r.Code))
	}
	if len(r.Args) > 0 {
		field("args")
		b = appendArgs(b, r.Args)
	}
	if len(r.Then) > 0 {
		field("then")
		b = append(b, '[')
		for i := range r.Then {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendReason(b, r.Then[i])
		}
		b = append(b, ']')
	}
	if text := r.Written[English]; text != "" {
		field("detail")
		b = appendText(b, text)
	}
	if text := r.Written["fr"]; text != "" {
		field("fr")
		b = appendText(b, text)
	}
	return append(b, '}')
}

// Texts are reasons as a store keeps them in a column of text: a JSON array.
func Texts(all []Reason) string {
	if all == nil {
		return "null"
	}
	const usual = 256 // bytes of a reason
	b := append(make([]byte, 0, usual*len(all)), '[')
	for i := range all {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendReason(b, all[i])
	}
	return string(append(b, ']'))
}

// appendArgs appends arguments by name, in the order of the names.
func appendArgs(b []byte, args Args) []byte {
	b = append(b, '{')
	var few [8]string
	names := few[:0]
	for name := range args {
		names = append(names, name)
	}
	slices.Sort(names)
	for i, name := range names {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendText(b, name), ':')
		b = appendArg(b, args[name])
	}
	return append(b, '}')
}

func appendArg(b []byte, arg Arg) []byte {
	switch a := arg.(type) {
	case Name:
		return appendText(b, string(a))
	case Count:
		return strconv.AppendInt(b, int64(a), 10)
	case Reason:
		b = append(b, `{"reason":`...)
		return append(appendReason(b, a), '}')
	default:
		data, err := json.Marshal(storedArg{a})
		if err != nil {
			panic(err) // every argument has a form in JSON
		}
		return append(b, data...)
	}
}

// appendText appends a string. What needs no escape is copied.
func appendText(b []byte, text string) []byte {
	for i := range len(text) {
		if c := text[i]; c < ' ' || c > '~' || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			data, err := json.Marshal(text)
			if err != nil {
				panic(err) // a string has a form in JSON
			}
			return append(b, data...)
		}
	}
	b = append(b, '"')
	b = append(b, text...)
	return append(b, '"')
}
