package passerelle

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"unicode/utf8"

	"relais/charset"
	"relais/plaintext"
	"relais/reason"
)

// maxBody is the largest request, in bytes: that of the native API.
const maxBody = 10 << 20

const (
	tooLarge   = "the body is larger than 10485760 bytes"
	endedEarly = "the body ended before its announced length"
)

// order is the body of a request (documented for w.c.s. and authentic2).
type order struct {
	message string
	from    string
	to      []string
	counter string // w.c.s. sends null when it has none, authentic2 leaves it out
}

func readOrder(w http.ResponseWriter, r *http.Request) (order, *failure) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		if _, large := err.(*http.MaxBytesError); large { //nolint:errorlint // the reader's own error, not wrapped
			return order{}, &failure{
				status: http.StatusRequestEntityTooLarge, class: classAPI, desc: tooLarge,
			}
		}
		return order{}, badRequest(endedEarly)
	}
	return parseOrder(body)
}

// parseOrder reads a body. Unknown fields are ignored; of a field that comes
// twice the last counts, as it did.
func parseOrder(body []byte) (order, *failure) {
	body = bytes.TrimPrefix(body, []byte("\xef\xbb\xbf"))
	var fields map[string]json.RawMessage
	if !utf8.Valid(body) || json.Unmarshal(body, &fields) != nil || fields == nil {
		return order{}, badRequest("could not decode body to json: " + reason.Clause(plaintext.NoObject(body).In(reason.English)))
	}
	if charset.LoneSurrogate(body) >= 0 {
		return order{}, badRequest(`could not decode body to json: ` +
			`half of a surrogate pair (\ud800 to \udfff alone) is no character`)
	}
	var o order
	for _, want := range []struct {
		key      string
		into     any
		kind     string
		required bool
	}{
		{"message", &o.message, "string", true},
		{"from", &o.from, "string", true},
		{"to", &o.to, "array", true},
		{"counter", &o.counter, "string", false},
	} {
		raw, there := fields[want.key]
		null := string(raw) == "null"
		switch {
		case there && null && !want.required: // as if it were absent
		case !there && want.required:
			return order{}, badRequest(fmt.Sprintf("'%s' is a required property", want.key))
		case !there:
		case null, json.Unmarshal(raw, want.into) != nil:
			return order{}, badRequest(wrongType(want.key, raw, want.kind))
		}
	}
	return o, wrongItems(fields["to"])
}

// wrongType names the value at fault by its path, and repeats nothing of it.
func wrongType(key string, raw json.RawMessage, kind string) string {
	var items []json.RawMessage
	if kind == "array" && json.Unmarshal(raw, &items) == nil && items != nil {
		for i, item := range items {
			var text string
			if json.Unmarshal(item, &text) != nil {
				return fmt.Sprintf("%s/%d: the value is not of type 'string'", key, i)
			}
		}
	}
	return fmt.Sprintf("%s: the value is not of type '%s'", key, kind)
}

// wrongItems finds null among the recipients, which decodes as an empty text.
func wrongItems(raw json.RawMessage) *failure {
	var items []*string
	if json.Unmarshal(raw, &items) != nil {
		return badRequest(wrongType("to", raw, "array"))
	}
	for i, item := range items {
		if item == nil {
			return badRequest(fmt.Sprintf("to/%d: the value is not of type 'string'", i))
		}
	}
	return nil
}
