package httpapi

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"relais/connector"
	"relais/connector/connectortest"
)

func exchangesOf(t *testing.T, preset string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("presets", preset, "exchanges.toml"))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// Every preset keeps its table of exchanges, and each of its rules and words is met by one of them.
func TestPresetsMeetTheirExchanges(t *testing.T) {
	if len(Presets()) < 3 {
		t.Fatalf("only %d presets", len(Presets()))
	}
	for _, preset := range Presets() {
		t.Run(preset, func(t *testing.T) {
			trials, err := Rehearse(exchangesOf(t, preset), nil)
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
			if len(trials) < 15 {
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
			var file recorded
			if j := decode(exchangesOf(t, preset), &file); len(j.mistakes) > 0 {
				t.Fatal(j.err())
			}
			r, err := newRehearsal(&file, nil)
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
	doc := &document{header: headersOf(p.Headers)}
	doc.read([]byte(p.Body), d.receipts.body, d.receipts.charset)
	status, there := doc.at(d.receipts.status)
	return there && status == word && r.push(p).Passed
}

// targetOf is an operator of a preset for the suite: what it refuses is what the table of exchanges
// has, and accept is its good answer, written from its documents.
func targetOf(t *testing.T, preset string, section *Config, accept accepting) connectortest.Target {
	t.Helper()
	var file recorded
	if j := decode(exchangesOf(t, preset), &file); len(j.mistakes) > 0 {
		t.Fatal(j.err())
	}
	target := connectortest.Target{
		Open: func(t *testing.T, baseURL string, env connector.Env) (connector.Connector, connector.Facts) {
			t.Helper()
			one := *section
			one.Preset = preset
			if err := one.Validate(); err != nil {
				t.Fatal(err)
			}
			one.BaseURL = baseURL // the suite has addresses that no section may name
			c, facts, err := Provider().Open(&one, env)
			if err != nil {
				t.Fatal(err)
			}
			return c, facts
		},
		Accept: accept.serve, ProviderID: accept.id,
	}
	for _, secret := range []string{section.Key.Reveal(), section.Secret.Reveal()} {
		if secret != "" {
			target.Secrets = append(target.Secrets, secret)
		}
	}
	for _, e := range file.Sends {
		if fault, refused := faults[e.Then]; refused {
			target.Refuse = append(target.Refuse, connectortest.Case{
				Name: e.Name, Status: e.Status, Body: e.Body, Fault: fault, Code: codeWanted(&e),
			})
		}
	}
	return target
}

// codeWanted is the code of an exchange, or what the status stands for where the table has none.
func codeWanted(e *recordedAnswer) string {
	if e.Code != "" {
		return e.Code
	}
	return statusCode(e.Status)
}
