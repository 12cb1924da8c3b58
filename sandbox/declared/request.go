package declared

import (
	"cmp"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// form is what a request that sends looks like, by those that were recorded.
type form struct {
	method   string
	path     []string // escaped segments
	headers  map[string]string
	shape    string
	charset  string
	known    values            // each place that a recorded request has
	roles    map[string]role   // what stands at a place, where it is the message's
	constant map[string]string // credentials that a value must be
	sender   string
	only     string // the number of the account, where the operator sends to it alone
}

// role is what a place is for: in a recorded value it stands between before and after.
type role struct {
	of            string
	before, after string
	suffix        string // of a callback: what stood behind the customer's address
}

// What a place can be for.
const (
	roleNumber   = "number"
	roleText     = "text"
	roleSender   = "sender"
	roleRef      = "ref"
	roleCallback = "callback"
)

// asked is a message that the operator is asked to send.
type asked struct {
	number    string // E.164
	text      string
	sender    string
	ref       string            // the customer's; empty: the request has none
	callbacks map[string]string // addresses for its news, by the path behind the customer's address
}

// formOf learns the form of a request.
func formOf(d *declaration, r *record) *form {
	f := &form{
		charset: d.Send.Charset, known: values{}, roles: map[string]role{}, constant: map[string]string{},
		sender: r.Settings.Sender,
		only:   strings.NewReplacer("{login}", r.Settings.Login, "{profile}", r.Settings.Profile).Replace(d.OnlyTo),
	}
	for i := range r.Requests {
		if one := &r.Requests[i]; one.Of == "" && one.Refused == "" {
			f.learn(one, &r.Settings)
		}
	}
	if f.method == "" {
		return nil
	}
	return f
}

func (f *form) learn(one *request, s *settings) {
	address, err := url.Parse(one.URL)
	if err != nil {
		return
	}
	if f.method == "" {
		f.method, f.path = one.Method, strings.Split(address.EscapedPath(), "/")
		f.headers, f.shape = one.Headers, shapeOf(one.Body)
	}
	all, ok := valuesOf(address.Query(), one.Body, f.shape, f.charset)
	if !ok {
		return
	}
	digits := strings.TrimPrefix(cmp.Or(one.To, exampleDigits), "+")
	for name, v := range all {
		if _, known := f.known[name]; !known {
			f.known[name] = v
		}
		if slices.Contains(s.credentials(), v.text) {
			f.constant[name] = v.text
			continue
		}
		if r, ok := roleOf(v.text, digits, cmp.Or(one.Text, exampleText), cmp.Or(one.Sender, s.Sender), s.Callback); ok {
			f.roles[name] = r
		}
	}
}

// roleOf tells what a recorded value is for.
func roleOf(text, digits, body, sender, callback string) (role, bool) {
	if suffix, ok := strings.CutPrefix(text, callback); ok && callback != "" {
		before, after, _ := strings.Cut(suffix, exampleRef)
		return role{of: roleCallback, before: before, after: after, suffix: suffix}, true
	}
	if text == body {
		return role{of: roleText}, true
	}
	if before, after, ok := strings.Cut(text, digits); ok && len(before) < shortest && after == "" {
		return role{of: roleNumber, before: before}, true
	}
	if before, after, ok := strings.Cut(text, exampleRef); ok {
		return role{of: roleRef, before: before, after: after}, true
	}
	for _, form := range present(sender, strings.TrimPrefix(sender, "+")) {
		if before, ok := strings.CutSuffix(text, form); ok && len(before) < shortest {
			return role{of: roleSender, before: before}, true
		}
	}
	return role{}, false
}

// judgement is what the operator thinks of a request.
type judgement int

const (
	fine judgement = iota
	elsewhere
	unknown   // who asks
	malformed // it is not what the documents say
)

// judge reads a request.
func (f *form) judge(r *http.Request, body string) (asked, judgement) {
	if r.Method != f.method || !f.leads(r.URL.EscapedPath()) {
		return asked{}, elsewhere
	}
	all, ok := valuesOf(r.URL.Query(), body, f.shape, f.charset)
	switch {
	case !f.letsIn(r.Header, all):
		return asked{}, unknown
	case !ok || !f.speaks(r.Header) || !f.knows(all):
		return asked{}, malformed
	}
	a := f.read(all)
	if a.text == "" || !isNumber(a.number) {
		return a, malformed
	}
	return a, fine
}

// leads reports whether a path is that of the operator. A segment that has the sender may have
// another one.
func (f *form) leads(path string) bool {
	segments := strings.Split(path, "/")
	if len(segments) != len(f.path) {
		return false
	}
	digits := strings.TrimPrefix(f.sender, "+")
	for i, want := range f.path {
		before, _, varies := strings.Cut(want, digits)
		if segments[i] == want || varies && len(digits) >= shortest && strings.HasPrefix(segments[i], before) {
			continue
		}
		return false
	}
	return true
}

// letsIn reports whether the credentials are right, in headers and in values.
func (f *form) letsIn(h http.Header, all values) bool {
	for name, want := range f.headers {
		if !describes(name) && h.Get(name) != want {
			return false
		}
	}
	for name, want := range f.constant {
		if all[name].text != want {
			return false
		}
	}
	return true
}

// letsAsk is letsIn for a question, which has fewer values than a message: those that it has must be
// right.
func (f *form) letsAsk(r *http.Request, body string) bool {
	shape := f.shape
	if body == "" {
		shape = shapeNone
	}
	all, _ := valuesOf(r.URL.Query(), body, shape, f.charset)
	for name, want := range f.constant {
		if v, there := all[name]; there && v.text != want {
			return false
		}
	}
	return (&form{headers: f.headers}).letsIn(r.Header, nil)
}

// describes reports whether a header is about the form of a request, and lets nobody in.
func describes(header string) bool {
	return strings.EqualFold(header, "Content-Type") || strings.EqualFold(header, "Accept")
}

// speaks compares what a request says it is, and what it takes.
func (f *form) speaks(h http.Header) bool {
	for name, want := range f.headers {
		switch {
		case strings.EqualFold(name, "Accept"):
			if !strings.Contains(h.Get(name), want) && !strings.Contains(h.Get(name), "*/*") {
				return false
			}
		case strings.EqualFold(name, "Content-Type"):
			got, with, err := mime.ParseMediaType(h.Get(name))
			kind, wanted, _ := mime.ParseMediaType(want) // of a file that is tested
			if err != nil || got != kind || f.charset != "" && !strings.EqualFold(with["charset"], wanted["charset"]) {
				return false
			}
		}
	}
	return true
}

// knows reports whether each value is one that the documents have, of its kind.
func (f *form) knows(all values) bool {
	for name, v := range all {
		want, known := f.known[name]
		if !known || want.kind != v.kind && v.kind != "" && want.kind != "" {
			return false
		}
	}
	return true
}

func (f *form) read(all values) asked {
	a := asked{number: f.only, callbacks: map[string]string{}}
	for name, r := range f.roles {
		text := all[name].text
		switch r.of {
		case roleText:
			a.text = text
		case roleNumber:
			if digits, ok := strings.CutPrefix(text, r.before); ok {
				a.number = "+" + digits
			}
		case roleSender:
			a.sender = strings.TrimPrefix(text, r.before)
		case roleRef:
			a.ref = between(text, r.before, r.after)
		case roleCallback:
			path, _, _ := strings.Cut(r.suffix, "?")
			a.callbacks[path] = text
			if at := strings.LastIndex(text, r.before); strings.Contains(r.suffix, exampleRef) && at >= 0 && a.ref == "" {
				a.ref = between(text[at:], r.before, r.after)
			}
		}
	}
	return a
}

// between is the reference in a text. Relais's have one length, and something may stand behind them
// that differs from message to message.
func between(text, before, after string) string {
	text = strings.TrimPrefix(text, before)
	if len(text) > len(exampleRef) && after != "" {
		return text[:len(exampleRef)]
	}
	return strings.TrimSuffix(text, after)
}

func isNumber(number string) bool {
	return len(number) > 7 && len(number) < 17 && strings.Trim(number[1:], "0123456789") == "" && number[1] != '0'
}
