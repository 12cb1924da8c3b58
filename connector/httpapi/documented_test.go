package httpapi

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// documented is an operator that is made of a table of exchanges. The table is written from the
// operator's documents, and says what a request looks like and what is answered: this operator takes
// requests of that form alone, with the credentials, and refuses a field that the documents do not have.
type documented struct {
	want    asked
	headers map[string]string
	secrets []string // that a value of the request must be
	token   recordedAnswer
	login   asked // the call that obtains it; without a path there is none
	yes     recordedAnswer
}

// asked is a request as an operator reads it: where it goes, and each of its values by its name.
type asked struct {
	method, path string
	values       map[string]string
}

// The number and the text of the recorded request, by which their places are known.
const (
	recordedNumber = "33639980001"
	recordedText   = "Bonjour"
)

func documentedBy(t *testing.T, file *recorded) accepting {
	t.Helper()
	s := &file.Settings
	d := documented{headers: file.Requests[0].Headers, secrets: []string{s.Login, s.Profile, s.Key, s.Secret}}
	address, err := url.Parse(file.Requests[0].URL)
	if err != nil {
		t.Fatal(err)
	}
	d.want = askedOf(file.Requests[0].Method, address, []byte(file.Requests[0].Body))
	for _, request := range file.Requests {
		if request.Of == "token" {
			address, err := url.Parse(request.URL)
			if err != nil || len(file.Tokens) == 0 {
				t.Fatal("a call for a token has no address or no answer", err)
			}
			d.login, d.token = askedOf(request.Method, address, []byte(request.Body)), file.Tokens[0]
		}
	}
	for _, e := range file.Sends {
		if e.Then == thenTaken && e.ID != "" {
			d.yes = e
			break
		}
	}
	if d.yes.ID == "" || len(d.headers) == 0 {
		t.Fatal("the exchanges begin with no request with credentials, or have no yes with an id")
	}
	return accepting{
		number: d.number, answer: d.answer, form: func(id string) string { return d.yes.ID + id }, preliminary: d.obtains,
	}
}

func askedOf(method string, address *url.URL, body []byte) asked {
	a := asked{method: method, path: address.Path, values: map[string]string{}}
	for name := range address.Query() {
		a.values["query:"+name] = address.Query().Get(name)
	}
	var tree any
	if json.Unmarshal(body, &tree) == nil {
		a.flatten("", tree)
		return a
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return a
	}
	for name := range form {
		a.values[name] = form.Get(name)
	}
	return a
}

func (a *asked) flatten(at string, value any) {
	switch v := value.(type) {
	case map[string]any:
		for name := range v {
			a.flatten(at+"/"+name, v[name])
		}
	case []any:
		for i := range v {
			a.flatten(fmt.Sprintf("%s/%d", at, i), v[i])
		}
	default:
		a.values[at] = fmt.Sprint(v)
	}
}

// number is the recipient of a request that the documents know; empty: they do not.
func (d *documented) number(r *http.Request, body []byte) string {
	got := askedOf(r.Method, r.URL, body)
	if got.method != d.want.method || got.path != d.want.path {
		return ""
	}
	for name, value := range d.headers {
		if r.Header.Get(name) != value {
			return ""
		}
	}
	for name := range got.values {
		if _, known := d.want.values[name]; !known {
			return ""
		}
	}
	number, text := "", false
	for name, value := range d.want.values {
		if before, is := strings.CutSuffix(value, recordedNumber); is {
			number = strings.TrimPrefix(got.values[name], before)
		}
		if value != "" && slices.Contains(d.secrets, value) && got.values[name] != value {
			return ""
		}
		text = text || value == recordedText && strings.HasPrefix(got.values[name], recordedText)
	}
	if !text {
		return ""
	}
	return number
}

// obtains reports whether a request is the one for a token.
func (d *documented) obtains(r *http.Request) bool {
	return d.login.path != "" && r.URL.Path == d.login.path && r.Method == d.login.method
}

func (d *documented) answer(w http.ResponseWriter, r *http.Request, id string) {
	if d.obtains(r) {
		w.WriteHeader(d.token.Status)
		_, _ = io.WriteString(w, d.token.Body)
		return
	}
	if id == "" {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	for name, value := range d.yes.Headers {
		w.Header().Set(name, value)
	}
	w.WriteHeader(d.yes.Status)
	_, _ = io.WriteString(w, strings.ReplaceAll(d.yes.Body, d.yes.ID, id))
}
