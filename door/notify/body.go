package notify

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"
)

// maxBody is the largest body that is read, in bytes.
const maxBody = 1 << 20

// readBody reads a JSON object; which fields it may have is told by known.
func (c *call) readBody(known ...string) (body map[string]json.RawMessage, raw []byte, err error) {
	if coding := c.r.Header.Get("Content-Encoding"); coding != "" && coding != "identity" {
		return nil, nil, bad("Invalid JSON supplied in POST data: it is compressed")
	}
	raw, err = io.ReadAll(http.MaxBytesReader(c.w, c.r.Body, maxBody))
	if err != nil {
		if _, large := errors.AsType[*http.MaxBytesError](err); large {
			return nil, nil, refusalOf(http.StatusRequestEntityTooLarge, badRequest, "The body is larger than 1 MiB")
		}
		return nil, nil, bad("The body ended early")
	}
	if !utf8.Valid(raw) || json.Unmarshal(raw, &body) != nil {
		return nil, nil, bad("Invalid JSON supplied in POST data")
	}
	var odd []string
	for _, name := range slices.Sorted(maps.Keys(body)) {
		if !slices.Contains(known, name) {
			odd = append(odd, name)
		}
	}
	if len(odd) > 0 {
		return nil, nil, invalid("Additional properties are not allowed (" + strings.Join(odd, ", ") + " " + wasOrWere(odd) + " unexpected)")
	}
	return body, raw, nil
}

func wasOrWere(names []string) string {
	if len(names) > 1 {
		return "were"
	}
	return "was"
}

// fields reads the fields of a body, and collects what is wrong with them: all is told at once (documented: GNT).
type fields struct {
	body  map[string]json.RawMessage
	wrong []string
}

// text reads a field that is a text.
func (f *fields) text(name string, required bool) string {
	raw, given := f.body[name]
	if !given || string(raw) == "null" && !required {
		if required {
			f.wrong = append(f.wrong, name+" is a required property")
		}
		return ""
	}
	var text string
	if err := json.Unmarshal(raw, &text); err != nil || string(raw) == "null" {
		f.wrong = append(f.wrong, name+" "+string(shortOf(raw))+" is not of type string")
		return ""
	}
	return text
}

// id reads a field that is a UUID; it is in small letters.
func (f *fields) id(name string, required bool) string {
	text := f.text(name, required)
	if text != "" && !isUUID(text) || text == "" && len(f.wrong) == 0 && required {
		f.wrong = append(f.wrong, name+" is not a valid UUID")
		return ""
	}
	return strings.ToLower(text)
}

// values reads the personalisation: texts, numbers, yes and no, and lists, which become lines (K).
func (f *fields) values(name string) map[string]string {
	raw, given := f.body[name]
	if !given || string(raw) == "null" {
		return nil
	}
	var all map[string]json.RawMessage
	if json.Unmarshal(raw, &all) != nil {
		f.wrong = append(f.wrong, name+" "+string(shortOf(raw))+" is not of type object")
		return nil
	}
	values := map[string]string{}
	for field, value := range all {
		text, ok := valueOf(value)
		if !ok {
			f.wrong = append(f.wrong, name+" contains a value that is no text, number or list of these")
			return nil
		}
		values[field] = text
	}
	return values
}

func valueOf(raw json.RawMessage) (text string, ok bool) {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var value any
	if decoder.Decode(&value) != nil {
		return "", false
	}
	if list, is := value.([]any); is {
		var lines []string
		for _, one := range list {
			line, ok := scalar(one)
			if !ok {
				return "", false
			}
			lines = append(lines, line)
		}
		return strings.Join(lines, "\n"), true
	}
	return scalar(value)
}

func scalar(value any) (text string, ok bool) {
	switch v := value.(type) {
	case string:
		return v, true
	case json.Number:
		return v.String(), true
	case bool:
		if v {
			return "yes", true
		}
		return "no", true
	case nil:
		return "", true
	}
	return "", false
}

// shortOf is what a refusal repeats of a value: nothing of a long one.
func shortOf(raw json.RawMessage) json.RawMessage {
	const most = 20
	if len(raw) > most {
		return json.RawMessage("…")
	}
	return raw
}
