package httpapi

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// pastes are requests and answers as operators show them. The secrets of each must not come out.
var pastes = []struct {
	name, request, answer string
	hints                 Hints
	secrets               []string
	fill                  func(declaration string) string // what a person decides; nil: nothing must be
	has                   []string
}{
	{
		name: "curl, JSON and a bearer",
		request: `curl -X POST https://api.pigeon.example/v1/messages \
  -H "Authorization: Bearer sk_live_51abc" -H 'Content-Type: application/json' \
  -d '{"to":["33612345678"],"from":"Pigeon","body":"It'\''s \"here\" {now}","reference":"abc-1","flash":false,"parts":{"max":3},"webhook":"https://example.com/dlr","none":null}'`,
		answer:  "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\n\r\n{\"messages\":[{\"id\":\"4f2a\",\"to\":\"33612345678\",\"status\":\"queued\"}],\"batch_id\":\"b-1\"}",
		secrets: []string{"sk_live_51abc", "33612345678", "It's"},
		has:     []string{`value = "{key}"`, `to = ["{to}"]`, `body = "{text}"`, `reference = "{ref}"`, `from = "{sender}"`, "flash = false", "{ max = 3 }", `number = "digits"`, `"webhook" was an address`, `id = "/messages/0/id"`},
	},
	{
		name:    "curl, a form, a name and a password",
		request: `curl 'https://api.twig.example/2010/Messages.json' -u ACxyz:t0ken -d 'To=%2B33612345678' --data-urlencode 'Body=Bonjour à tous' -d From=%2B33699999999`,
		answer:  `{"sid":"SM12","status":"queued","error_code":null}`,
		secrets: []string{"ACxyz", "t0ken", "33612345678"},
		has:     []string{`kind = "basic"`, `number = "e164"`, `status = 200`, `id = "/sid"`},
	},
	{
		name:    "as it travels, two headers, a text out",
		request: "POST /api/send?format=text HTTP/1.1\nHost: sms.crow.example\nX-Login: town\nX-Api-Key: 0a1b2c3d\nX-Version: 2\nContent-Type: application/x-www-form-urlencoded\nContent-Length: 999\n\nnumero=0033612345678&message=Bonjour+Madame&emetteur=MAIRIE",
		answer:  "OK 0 987654321",
		secrets: []string{"0a1b2c3d", "33612345678", "Madame"},
		has:     []string{`number = "zeros"`, `answers = "text"`, `pattern = '`, `X-Version = "2"`, `query = { format = "text" }`},
	},
	{
		name:    "a GET with the key in the address",
		request: `curl "https://api.gull.example/send?apikey=0a1b2c3d&to=33612345678&text=Bonjour%20Madame&from=MAIRIE"`,
		answer:  `{"success":true,"id":"77"}`,
		secrets: []string{"0a1b2c3d", "33612345678", "Madame"},
		has:     []string{`method = "GET"`, `kind = "query"`, `parameter = "apikey"`, `to = "{to}"`},
	},
	{
		name:    "credentials in the body, and no id that shows",
		request: `curl --json '{"username":"town","password":"pa55w0rd","msisdn":"+33612345678","content":"Bonjour"}' https://api.owl.example/sms`,
		answer:  `{"result":"ok","queued":{"handle":"h-9"}}`,
		secrets: []string{"pa55w0rd", "33612345678"},
		fill: func(declaration string) string {
			return strings.Replace(declaration, `id = "DECIDE"`, `id = "/queued/handle"`, 1)
		},
		has: []string{`username = "{login}"`, `password = "{key}"`, `id = "DECIDE"`},
	},
	{
		name:    "numbers of JSON",
		request: `curl https://api.tern.example/sms -H 'Content-Type: application/json' -d '{"to":33612345678,"api_key":778899,"text":"Bonjour","from":36180,"validity":3600,"auth":true}'`,
		answer:  `{"id":12,"to":33612345678,"key":778899}`,
		secrets: []string{"33612345678", "778899"},
		has:     []string{`to = "{to}"`, `api_key = "{key}"`, `from = "{sender}"`, "validity = 3600", "auth = true", `"to" was a number of JSON`},
	},
	{
		name:    "an answer without a body",
		request: `curl https://api.heron.example/sms -d to=33612345678 -d text=Bonjour`,
		answer:  "HTTP/1.1 202 Accepted\r\n\r\n",
		secrets: []string{"33612345678"},
		has:     []string{"without_id = true", "status = 202"},
	},
	{
		name:    "a text with marks of patterns",
		request: `curl https://api.wren.example/sms -d to=33612345678 -d text=Bonjour`,
		answer:  "[OK]+' 12",
		secrets: []string{"33612345678"},
		has:     []string{`pattern = "^\\[OK\\]\\+'`},
	},
	{
		name:    "a name and a password in the address, and one secret within another",
		request: `curl https://town:pa55@api.rook.example/sms -H 'X-Api-Key: pa55w0rd' -d to=33612345678 -d text=Bonjour`,
		answer:  `{"id":"a1","echo":"pa55w0rd"}`,
		secrets: []string{"33612345678", "pa55", "w0rd", "town"},
		has:     []string{`kind = "basic"`, `X-Api-Key = "{key}"`, `base_url = "https://api.rook.example"`},
	},
}

// A draft passes its own exchanges, once what is missing is filled in, and gives no credentials away.
func TestDraftsStandUpToTheirExchanges(t *testing.T) {
	for _, tc := range pastes {
		t.Run(tc.name, func(t *testing.T) {
			tc.hints.Name = "drafted"
			d, err := Draft(tc.request, tc.answer, tc.hints)
			if err != nil {
				t.Fatal(err)
			}
			declaration, exchanges := string(d.Declaration), string(d.Exchanges)
			for _, secret := range tc.secrets {
				if strings.Contains(declaration+exchanges, secret) {
					t.Errorf("%q comes out", secret)
				}
			}
			for _, part := range tc.has {
				if !strings.Contains(declaration, part) {
					t.Errorf("it has no %s", part)
				}
			}
			if d.Decisions < 4 {
				t.Errorf("only %d places are marked", d.Decisions)
			}
			if tc.fill != nil {
				if _, err := Parse(d.Declaration); err == nil {
					t.Error("it is read although a value is missing")
				}
				declaration = tc.fill(declaration)
				exchanges = strings.Replace(exchanges, `id = "DECIDE"`, `id = "h-9"`, 1)
			}
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "drafted.toml"), []byte(declaration), 0o600); err != nil {
				t.Fatal(err)
			}
			trials, err := Rehearse([]byte(exchanges), func(name string) string { return filepath.Join(dir, name) })
			if err != nil {
				t.Fatalf("%v\n%s\n%s", err, declaration, exchanges)
			}
			for _, one := range trials {
				if !one.Passed {
					t.Errorf("%s %s: want %q, got %q\n%s", one.Kind, one.Name, one.Want, one.Got, declaration)
				}
			}
			if len(trials) != 3 {
				t.Errorf("%d exchanges", len(trials))
			}
		})
	}
}

func TestWhatCannotBeDrafted(t *testing.T) {
	const good = `curl https://api.pigeon.example/ -d to=33612345678 -d text=a`
	for name, request := range map[string]string{
		"nothing": "", "words": "please send a text", "no address": "curl -d to=33612345678 -d text=a", "no number": "curl https://api.pigeon.example/ -d to=me -d text=a",
		"no text": "curl https://api.pigeon.example/ -d to=33612345678", "an open quotation mark": "curl 'https://api.pigeon.example/", "several parts": "curl https://api.pigeon.example/ -F to=33612345678",
		"a file": "curl https://api.pigeon.example/ -d @body.json", "a number in the path": "curl https://api.pigeon.example/33612345678 -d to=33612345678 -d text=a",
		"XML": "curl https://api.pigeon.example/ -H 'Content-Type: text/xml' -d '<a to=\"33612345678\"/>'", "an option without its value": "curl https://api.pigeon.example/ -d",
		"a national number": "curl https://api.pigeon.example/ -d to=0612345678 -d text=a",
	} {
		if d, err := Draft(request, "{}", Hints{Name: "a"}); err == nil {
			t.Errorf("%s: it becomes\n%s", name, d.Declaration)
		}
	}
	five := "curl https://api.pigeon.example/ -u a:b -H 'X-Key: c' -H 'X-Token: d' -H 'X-Secret: e' -d to=33612345678 -d text=a"
	if _, err := Draft(five, "{}", Hints{Name: "a"}); !errors.Is(err, errSecrets) {
		t.Errorf("five credentials: %v", err)
	}
	if _, err := Draft(good, `{"id":"1"}`, Hints{Name: "a"}); err != nil {
		t.Error(err)
	}
}

// What a draft cannot say, it leaves to a person: no gateway reads it before.
func TestADraftThatMissesTheNumberIsMarked(t *testing.T) {
	d, err := Draft("curl https://api.pigeon.example/ -d to=33612345678 -d text=a", `{"id":"1"}`, Hints{Name: "a", Text: "elsewhere"})
	if err != nil {
		t.Fatal(err)
	}
	if said := string(d.Declaration); !strings.Contains(said, Decide+"line ") || !strings.Contains(said, "want {text}") {
		t.Errorf("it does not say that {text} is missing:\n%s", said)
	}
	if _, err := Parse(d.Declaration); mistakeOf(err, whyNoText) == nil {
		t.Errorf("it is read: %v", err)
	}
}

// Whatever is pasted, what is written can be read as TOML, and what keeps a declaration from working stands in it.
func FuzzDraft(f *testing.F) {
	for _, one := range pastes {
		f.Add(one.request, one.answer)
	}
	f.Add("curl http://a/ -d to=33612345678 -d text=a", "")
	f.Fuzz(func(t *testing.T, request, answer string) {
		d, err := Draft(request, answer, Hints{Name: "a"})
		if err != nil {
			return
		}
		if j := decode(d.Exchanges, &recorded{}); len(j.mistakes) > 0 {
			t.Errorf("the exchanges: %v\n%s", j.err(), d.Exchanges)
		}
		if _, err := Parse(d.Declaration); err != nil && !strings.Contains(string(d.Declaration), "\n"+Decide+"line ") {
			t.Errorf("%v, and nothing says so\n%s", err, d.Declaration)
		}
	})
}
