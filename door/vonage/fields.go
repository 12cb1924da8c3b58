package vonage

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"relais/door"
	"relais/gateway"
)

// maxBody is the largest body that is read, in bytes; mostFields is how many fields a request may have.
const (
	maxBody    = 1 << 20
	mostFields = 200
)

// fields are those of a request: of its query, and of a body that is a form or a JSON object (documented: NXD, VON).
type fields struct {
	values map[string]string
	raw    []byte // query and body, as they came
}

func (f *fields) get(name string) string { return f.values[name] }

// others are the names of the fields that are none of some.
func (f *fields) others(known []string) (names []string) {
	for _, name := range slices.Sorted(maps.Keys(f.values)) {
		if !slices.Contains(known, name) {
			names = append(names, name)
		}
	}
	return names
}

// add takes a field. One that stands there twice is refused: nobody knows which of the two was meant, or signed.
func (f *fields) add(name, value string) error {
	if _, had := f.values[name]; had {
		return refusalOf(statusInvalid, "a parameter is given more than once")
	}
	if !utf8.ValidString(name) || !utf8.ValidString(value) {
		return refusalOf(statusInvalid, "the parameters are not in UTF-8")
	}
	if len(f.values) == mostFields {
		return refusalOf(statusInvalid, "too many parameters: want at most "+decimal(mostFields))
	}
	f.values[name] = value
	return nil
}

func (f *fields) addForm(text string) error {
	if strings.Count(text, "&") > mostFields {
		return refusalOf(statusInvalid, "too many parameters: want at most "+decimal(mostFields))
	}
	values, err := url.ParseQuery(text)
	if err != nil {
		return refusalOf(statusInvalid, "the parameters cannot be read: an escape or a separator is wrong")
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		for _, value := range values[name] {
			if err := f.add(name, value); err != nil {
				return err
			}
		}
	}
	return nil
}

var errJSON = refusalOf(statusInvalid, "the body is no JSON object of texts, numbers, true and false")

// addJSON reads an object without objects or lists in it. null is as if the field were not there.
func (f *fields) addJSON(body []byte) error {
	if !utf8.Valid(body) {
		return refusalOf(statusInvalid, "the parameters are not in UTF-8")
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	if begin, err := decoder.Token(); err != nil || begin != json.Delim('{') {
		return errJSON
	}
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return errJSON
		}
		value, err := decoder.Token()
		if err != nil {
			return errJSON
		}
		text, ok := scalar(value)
		if !ok {
			return errJSON
		}
		if value == nil {
			continue
		}
		if err := f.add(name.(string), text); err != nil { //nolint:forcetypeassert // the key of an object
			return err
		}
	}
	if _, err := decoder.Token(); err != nil {
		return errJSON
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return errJSON
	}
	return nil
}

func scalar(value json.Token) (text string, ok bool) {
	switch v := value.(type) {
	case string:
		return v, true
	case json.Number:
		return v.String(), true
	case bool:
		if v {
			return "true", true
		}
		return "false", true
	case nil:
		return "", true
	}
	return "", false
}

// readFields reads the query, and a body.
func (c *call) readFields() error {
	c.fields = &fields{values: map[string]string{}}
	if coding := c.r.Header.Get("Content-Encoding"); coding != "" && coding != "identity" {
		return refusalOf(statusInvalid, "send the body without Content-Encoding")
	}
	body, err := io.ReadAll(http.MaxBytesReader(c.w, c.r.Body, maxBody))
	if err != nil {
		if _, large := errors.AsType[*http.MaxBytesError](err); large {
			return refusalOf(statusInvalid, "the body is larger than 1 MiB")
		}
		return refusalOf(statusInvalid, "the body ended early")
	}
	c.fields.raw = slices.Concat([]byte(c.r.URL.RawQuery), []byte("\n"), body)
	if err := c.fields.addForm(c.r.URL.RawQuery); err != nil || len(body) == 0 {
		return err
	}
	switch kindOf(c.r.Header) {
	case "application/x-www-form-urlencoded":
		return c.fields.addForm(string(body))
	case "application/json":
		return c.fields.addJSON(body)
	}
	return refusalOf(statusInvalid, "send a form or JSON in UTF-8, with its Content-Type")
}

// kindOf is what a body says that it is; empty: nothing that is read here.
func kindOf(h http.Header) string {
	kind, parameters, err := mime.ParseMediaType(h.Get("Content-Type"))
	charset := strings.ToLower(parameters["charset"])
	if err != nil || len(h["Content-Type"]) > 1 || charset != "" && charset != "utf-8" && charset != "utf8" {
		return ""
	}
	return kind
}

// idempotencyKey is the key against doubles. A signed request is known by its signature, which covers the time: the same one
// again is the same request, whoever sends it.
func (c *call) idempotencyKey() (*gateway.IdempotencyKey, error) {
	key, err := door.IdempotencyKey(c.r, Format, c.fields.raw)
	if err != nil {
		return nil, refusalOf(statusInvalid, err.Error())
	}
	signed := c.fields.get("sig")
	switch {
	case signed == "":
		return key, nil
	case key != nil:
		return nil, refusalOf(statusInvalid, "a signed request is known by its signature: send no Idempotency-Key with it")
	}
	return signedKey(c.account.Key, c.fields.values), nil
}
