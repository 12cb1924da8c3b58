package httpapi

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"relais/connector"
	"relais/connector/connectortest"
)

func exchangeText(t *testing.T, preset string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("presets", preset, "exchanges.toml"))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func exchangesOf(t *testing.T, preset string) *recorded {
	t.Helper()
	var file recorded
	if j := decode(exchangeText(t, preset), &file); len(j.mistakes) > 0 {
		t.Fatal(j.err())
	}
	return &file
}

// Every preset keeps its table of exchanges, and each of its rules and words is met by one of them.
func TestPresetsMeetTheirExchanges(t *testing.T) {
	if len(Presets()) < 3 {
		t.Fatalf("only %d presets", len(Presets()))
	}
	for _, preset := range Presets() {
		t.Run(preset, func(t *testing.T) {
			trials, err := Rehearse(exchangeText(t, preset), nil)
			if err != nil {
				t.Fatal(err)
			}
			for _, one := range trials {
				t.Run(one.Kind+" "+one.Name, func(t *testing.T) {
					if !one.Passed {
						t.Errorf("want %q, got %q; rules: %q", one.Want, one.Got, one.Rules)
					}
				})
			}
			if len(trials) < 10 {
				t.Errorf("only %d exchanges", len(trials))
			}
		})
	}
}

func TestEveryRuleAndStateOfAPresetIsMet(t *testing.T) {
	for _, preset := range Presets() {
		t.Run(preset, func(t *testing.T) {
			text, _ := Preset(preset)
			d, err := Parse(text)
			if err != nil {
				t.Fatal(err)
			}
			file := exchangesOf(t, preset)
			r, err := newRehearsal(file, nil)
			if err != nil {
				t.Fatal(err)
			}
			met := map[int]bool{}
			for i := range file.Sends {
				if by, _ := r.outcome(d.send.read(file.Sends[i].answer()), r.source(&r.message)); by != nil {
					met[by.line] = true
				}
			}
			for i := range d.rules {
				if !met[d.rules[i].line] {
					t.Errorf("no exchange meets the rule of line %d", d.rules[i].line)
				}
			}
			if d.receipts == nil {
				return
			}
			for word := range d.receipts.states {
				if !slices.ContainsFunc(file.Pushes, func(p recordedPush) bool { return d.tells(t, r, &p, word) }) {
					t.Errorf("no push tells %s", word)
				}
			}
		})
	}
}

// tells reports whether a recorded push is a receipt with a word.
func (d *Declaration) tells(t *testing.T, r *rehearsal, p *recordedPush, word string) bool {
	t.Helper()
	path, query, _ := strings.Cut(p.Path, "?")
	push := &http.Request{Header: headersOf(p.Headers), URL: &url.URL{Path: path, RawQuery: query}}
	for _, one := range new(parsing).elements(d.receipts, d.receipts.document(push, []byte(p.Body))) {
		if status, there := one.at(d.receipts.status); there && status == word {
			return r.push(p).Passed
		}
	}
	return false
}

// Every push that a preset takes is signed where its operator signs: with another signature, or with
// none, it is refused.
func TestNoPresetTakesAForgery(t *testing.T) {
	for _, preset := range Presets() {
		t.Run(preset, func(t *testing.T) {
			r, err := newRehearsal(exchangesOf(t, preset), nil)
			if err != nil {
				t.Fatal(err)
			}
			if r.declaration.signature == nil {
				return
			}
			taken := 0
			for _, p := range exchangesOf(t, preset).Pushes {
				if p.Then == "refused" {
					continue
				}
				taken++
				for name, forge := range forgeries {
					forged := p
					if forged.Headers = forge(p.Headers, http.CanonicalHeaderKey(r.declaration.signature.header)); r.declaration.signature.header == "" {
						forged.Path = inPath(p.Path, r.declaration.signature.parameter, forge)
					}
					if one := r.push(&forged); one.Got != "refused" {
						t.Errorf("%s, %s: it becomes %q", p.Name, name, one.Got)
					}
				}
			}
			if taken == 0 {
				t.Error("no push is taken")
			}
		})
	}
}

var forgeries = map[string]func(headers map[string]string, signature string) map[string]string{
	"without a signature": func(headers map[string]string, signature string) map[string]string {
		return changed(headers, signature, func(string) string { return "" })
	},
	"with another signature": func(headers map[string]string, signature string) map[string]string {
		return changed(headers, signature, func(good string) string {
			middle, other := len(good)/2, "0"
			if good[middle:middle+1] == other {
				other = "1"
			}
			return good[:middle] + other + good[middle+1:]
		})
	},
}

// inPath forges a signature that stands in the query.
func inPath(path, parameter string, forge func(map[string]string, string) map[string]string) string {
	before, text, _ := strings.Cut(path, "?")
	query, err := url.ParseQuery(text)
	if err != nil {
		return path
	}
	query.Set(parameter, forge(map[string]string{parameter: query.Get(parameter)}, http.CanonicalHeaderKey(parameter))[parameter])
	return before + "?" + query.Encode()
}

func changed(headers map[string]string, name string, change func(string) string) map[string]string {
	others := map[string]string{}
	for given, value := range headers {
		if http.CanonicalHeaderKey(given) == name {
			value = change(value)
		}
		others[given] = value
	}
	return others
}

// Each preset has its line in the page, which is all that a person reads before they choose.
func TestThePageHasEachPreset(t *testing.T) {
	page, err := os.ReadFile("../../docs/connectors/http.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, preset := range Presets() {
		if !strings.Contains(string(page), "\n| [`"+preset+"`](http/"+preset+".md) |") {
			t.Errorf("docs/connectors/http.md has no line of %s", preset)
		}
	}
}

// targetOf is an operator of a preset for the suite: what it refuses is what the table of exchanges
// has, and accept is its good answer, written from its documents.
func targetOf(t *testing.T, file *recorded, accept accepting) connectortest.Target {
	t.Helper()
	target := connectortest.Target{
		Open: func(t *testing.T, baseURL string, env connector.Env) (connector.Connector, connector.Facts) {
			t.Helper()
			section := sectionOf(file)
			if err := section.Validate(); err != nil {
				t.Fatal(err)
			}
			section.BaseURL = baseURL // the suite has addresses that no section may name
			c, facts, err := Provider().Open(section, env)
			if err != nil {
				t.Fatal(err)
			}
			return checked(section.declared, c), facts
		},
		Accept: accept.answer, Preliminary: accept.preliminary,
	}
	for _, secret := range []string{file.Settings.Key, file.Settings.Secret, file.Settings.SigningKey} {
		if secret != "" {
			target.Secrets = append(target.Secrets, secret)
		}
	}
	for _, e := range file.Sends {
		if fault, refused := faults[e.Then]; refused {
			target.Refuse = append(target.Refuse, connectortest.Case{
				Name: e.Name, Status: e.Status, Header: headersOf(e.Headers), Body: e.Body, Fault: fault, Code: codeWanted(&e),
			})
		}
	}
	return target
}

// sectionOf is the section that the settings of the exchanges stand for.
func sectionOf(file *recorded) *Config {
	return &Config{
		Preset: file.Preset, Login: file.Settings.Login, Profile: file.Settings.Profile, Key: connector.Secret(file.Settings.Key),
		Secret: connector.Secret(file.Settings.Secret), SigningKey: connector.Secret(file.Settings.SigningKey),
		Sender: file.Settings.Sender,
	}
}

// checked is the connector without its check-up where that asks the operator nothing: the suite wants
// one to fail with the operator.
func checked(d *Declaration, c connector.Connector) connector.Connector {
	caps := connector.CapabilitiesOf(c)
	switch {
	case d.check != nil || d.credit != nil:
		return c
	case caps.Reconciler != nil:
		return struct {
			connector.Connector
			connector.Reconciler
		}{c, caps.Reconciler}
	default:
		return struct{ connector.Connector }{c}
	}
}

// codeWanted is the code of an exchange, or what the status stands for where the table has none.
func codeWanted(e *recordedAnswer) string {
	if e.Code != "" {
		return e.Code
	}
	return statusCode(e.Status)
}
