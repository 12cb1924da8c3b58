package jasmin

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"relais/charset"
)

// Bounds of a request, in bytes and in arguments.
const (
	maxBody  = 1 << 20
	mostArgs = 1000
)

// args are the arguments of one message.
type args struct {
	values map[string]string
	plain  bool // texts are Unicode already, whatever coding says: they came in JSON
}

// pattern is what an argument may be (JAC, jasmin/protocols/http/endpoints/send.py and rate.py); nil: anything.
type pattern = *regexp.Regexp

var (
	toPattern       = regexp.MustCompile(`^\+?[0-9]+$`)
	codingPattern   = regexp.MustCompile(`^([0-9]|10|13|14)$`)
	priorityPattern = regexp.MustCompile(`^[0-3]$`)
	minutesPattern  = regexp.MustCompile(`^[0-9]+$`)
	tagsPattern     = regexp.MustCompile(`^[-a-zA-Z0-9,]*$`)
)

// ofSend are the arguments of a message, ofRate those of a question about one.
var (
	ofSend = map[string]pattern{
		"to": toPattern, "from": nil, "coding": codingPattern, "priority": priorityPattern,
		"sdt": sdtPattern, "validity-period": minutesPattern, "dlr": regexp.MustCompile(`^(yes|no)$`),
		"dlr-url": regexp.MustCompile(`^https?://.`), "dlr-level": regexp.MustCompile(`^[1-3]$`),
		"dlr-method": regexp.MustCompile(`^(?i:get|post)$`), "tags": tagsPattern, "content": nil, "hex-content": nil, "custom_tlvs": nil,
	}
	ofRate = map[string]pattern{
		"to": toPattern, "from": nil, "coding": codingPattern, "priority": priorityPattern, "validity-period": minutesPattern,
		"tags": tagsPattern, "content": nil, "hex-content": nil,
	}
)

// readArgs reads the arguments of the HTTP API: those of the query, of a form and of an object in JSON.
func (c *call) readArgs() (*args, error) {
	body, err := c.readBody()
	if err != nil {
		return nil, err
	}
	a := &args{values: map[string]string{}}
	if err := a.addForm(c.r.URL.RawQuery); err != nil {
		return nil, err
	}
	switch kind, _, _ := mime.ParseMediaType(c.r.Header.Get("Content-Type")); {
	case len(body) == 0:
	case kind == "application/json":
		a.plain = true
		err = a.addJSON(body)
	case kind == "application/x-www-form-urlencoded":
		err = a.addForm(string(body))
	default:
		err = bad("The body cannot be read: send a form, or an object in JSON, and say which by Content-Type.")
	}
	if err == nil && len(a.values) == 0 {
		err = bad("Mandatory arguments not found, please refer to the HTTPAPI specifications.")
	}
	return a, err
}

// readBody reads a body; of a GET too, which may have one at /secure/rate (JAC, jasmin/protocols/rest/api.py).
func (c *call) readBody() ([]byte, error) {
	if coding := c.r.Header.Get("Content-Encoding"); coding != "" && coding != "identity" {
		return nil, &refusal{status: http.StatusUnsupportedMediaType, message: "The body cannot be read: send it without Content-Encoding."}
	}
	body, err := io.ReadAll(http.MaxBytesReader(c.w, c.r.Body, maxBody))
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		return nil, &refusal{status: http.StatusRequestEntityTooLarge, message: "The body is larger than 1 MiB."}
	}
	if err != nil {
		return nil, bad("The body ended early.")
	}
	return body, nil
}

// add takes one argument. Of two of a name nobody knows which was meant.
func (a *args) add(name, value string) error {
	if _, twice := a.values[name]; twice {
		return bad("Argument [" + shown(name) + "] is given more than once.")
	}
	a.values[name] = value
	if len(a.values) > mostArgs {
		return bad("There are too many arguments.")
	}
	return nil
}

func (a *args) addForm(form string) error {
	if strings.Count(form, "&") > mostArgs {
		return bad("There are too many arguments.")
	}
	values, err := url.ParseQuery(form)
	if err != nil {
		return bad("The arguments cannot be read: an escape or a separator is wrong.")
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		for _, value := range values[name] {
			if err := a.add(name, value); err != nil {
				return err
			}
		}
	}
	return nil
}

// addJSON takes the members of an object, with _ for - in names (documented: JAS).
func (a *args) addJSON(body []byte) error {
	var object map[string]json.RawMessage
	if !readable(body) || json.Unmarshal(body, &object) != nil || object == nil {
		return errJSON
	}
	return a.addMembers(object)
}

var errJSON = &refusal{
	status: http.StatusPreconditionFailed, title: "Cannot parse JSON data",
	message: "Got unparseable json data: want one object, in UTF-8.",
}

// readable reports whether a text is UTF-8 without halves of characters.
func readable(body []byte) bool { return utf8.Valid(body) && charset.LoneSurrogate(body) < 0 }

func (a *args) addMembers(object map[string]json.RawMessage) error {
	for _, name := range slices.Sorted(maps.Keys(object)) {
		raw := object[name]
		if name != "custom_tlvs" {
			name = strings.ReplaceAll(name, "_", "-")
		}
		value, ok := scalar(raw)
		switch {
		case string(raw) == "null":
			continue
		case name == "custom_tlvs" && string(raw) == "[]":
			continue
		case !ok:
			return invalid(name, string(raw), "Want a text or a number.")
		}
		if err := a.add(name, value); err != nil {
			return err
		}
	}
	return nil
}

// scalar reads a text, or a whole number.
func scalar(raw json.RawMessage) (value string, ok bool) {
	if bytes.HasPrefix(raw, []byte(`"`)) {
		return value, json.Unmarshal(raw, &value) == nil
	}
	n, err := strconv.ParseInt(string(raw), 10, 64)
	return strconv.FormatInt(n, 10), err == nil
}

// check judges the arguments by name and form.
func (a *args) check(known map[string]pattern, mandatory ...string) error {
	for _, name := range slices.Sorted(maps.Keys(a.values)) {
		form, is := known[name]
		if !is {
			return bad("Argument [" + shown(name) + "] is unknown.")
		}
		if value := a.values[name]; form != nil && !form.MatchString(value) {
			return invalid(name, value, "")
		}
	}
	for _, name := range mandatory {
		if _, given := a.values[name]; !given {
			return missing(name)
		}
	}
	return nil
}

func missing(name string) error { return bad("Mandatory argument [" + name + "] is not found.") }

// invalid refuses a value; more says what would be right.
func invalid(name, value, more string) error {
	said := "Argument [" + shown(name) + "] has an invalid value: [" + shown(value) + "]."
	if more != "" {
		said += " " + more
	}
	return bad(said)
}

// shown is what a refusal repeats of what a client sent: little, on one line.
func shown(text string) string {
	const most = 40
	if !utf8.ValidString(text) {
		return "?"
	}
	clean := strings.Map(func(r rune) rune {
		if !strconv.IsPrint(r) || r == '"' {
			return '?'
		}
		return r
	}, text)
	if runes := []rune(clean); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return clean
}
