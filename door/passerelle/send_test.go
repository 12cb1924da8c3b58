package passerelle_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"relais/connector"
	"relais/door/passerelle"
	"relais/gateway"
	"relais/quota"
	"relais/search"
	"relais/sms"
)

const squarePath = "/passerelle/square/send"

func TestAddresses(t *testing.T) {
	s := open(t)
	for _, tc := range []struct {
		name, method, path string
		want               int
		allow              string
	}{
		{"with a slash", "POST", "/passerelle/town/send/", 200, ""},
		{"without", "POST", "/passerelle/town/send", 200, ""},
		{"old", "POST", "/sfr-dmc/mairie/send/", 200, ""},
		{"old, without", "POST", "/sfr-dmc/mairie/send", 200, ""},
		{"old by the new name", "POST", "/sfr-dmc/town/send", 404, ""},
		{"new by the old name", "POST", "/passerelle/mairie/send", 404, ""},
		{"unknown instance", "POST", "/passerelle/village/send/", 404, ""},
		{"unknown operation", "POST", "/passerelle/town/sent", 404, ""},
		{"no operation", "POST", "/passerelle/town/", 404, ""},
		{"GET", "GET", "/passerelle/town/send/", 405, "POST"},
		{"PUT at the old one", "PUT", "/sfr-dmc/mairie/send", 405, "POST"},
		{"POST of the state", "POST", "/passerelle/town/up", 405, "GET, HEAD"},
		{"POST of statistics", "POST", "/passerelle/api/statistics/", 405, "GET, HEAD"},
		{"unknown statistics", "GET", "/passerelle/api/statistics/mail/", 404, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := s.request(tc.method, tc.path, bonjour())
			r.SetBasicAuth("clerk", "pass of clerk")
			got := s.do(r)
			if got.StatusCode != tc.want || got.Header.Get("Allow") != tc.allow {
				t.Errorf("answer %d, Allow %q, %s", got.StatusCode, got.Header.Get("Allow"), got.raw)
			}
			if tc.want != 200 && (got.Class == "" || got.Desc == "" || !strings.Contains(got.raw, `"data":`)) {
				t.Errorf("envelope %s", got.raw)
			}
		})
	}
}

func TestOwns(t *testing.T) {
	d := passerelle.New(passerelle.Options{Instances: []passerelle.Instance{town()}})
	none := passerelle.New(passerelle.Options{})
	for path, want := range map[string]bool{
		"/passerelle/town/send": true, "/passerelle/": true, "/passerelle": true,
		"//passerelle/town/send": true, "//sfr-dmc/mairie/send": true, "/sfr-dmc/mairie/send/": true,
		"/sfr-dmc/other/send": true,
		"/sfr-dmc/mairie/up":  true, "/sfr-dmc/mairie": false, "/ovh/1.0/sms": false, "/v1/messages": false,
		"/passerelles/town/send": false, "/": false,
	} {
		if d.Owns(path) != want || none.Owns(path) {
			t.Errorf("Owns(%s) = %v, want %v, and never without an instance", path, d.Owns(path), want)
		}
	}
}

func TestBodies(t *testing.T) {
	for _, tc := range []struct {
		name, body string
		want       int
		desc       string
	}{
		{"null counter", `{"message":"a","from":"M","to":["0639980001"],"counter":null}`, 200, ""},
		{"counter", `{"message":"a","from":"M","to":["0639980001"],"counter":"rendez-vous"}`, 200, ""},
		{"no counter", `{"message":"a","from":"M","to":["0639980001"]}`, 200, ""},
		{"unknown fields", `{"message":"a","from":"M","to":["0639980001"],"priority":{"x":[1]},"To":3}`, 200, ""},
		{"a field twice", `{"message":"a","from":"M","to":["12"],"to":["0639980001"]}`, 200, ""},
		{"byte order mark", "\xef\xbb\xbf" + `{"message":"a","from":"M","to":["0639980001"]}`, 200, ""},
		{"no body", ``, 400, "could not decode body to json: the body is empty"},
		{"no JSON", `message=a`, 400, "could not decode body to json: the body is a form"},
		{"a form in parts", "--b\r\n", 400, "the body is a form in parts"},
		{"XML", "<sms/>", 400, "the body is XML or HTML"},
		{"compressed", "\x1f\x8b\x08", 400, "the body is compressed"},
		{"UTF-16", "\xff\xfe{\x00", 400, "the body is UTF-16"},
		{"UTF-32", "{\x00\x00\x00", 400, "the body is UTF-32"},
		{"a list", `[]`, 400, "could not decode body to json: the body must be a JSON object, not a JSON array"},
		{"null", `null`, 400, "could not decode body to json: the body must be a JSON object, not a JSON null"},
		{"encoded twice", `"{\"message\":\"a\"}"`, 400, "It was encoded twice"},
		{"CSV", "message,to\na,0639980001\n", 400, "plain text, or of another format"},
		{"NaN", `{"message":NaN}`, 400, "JSON has no NaN"},
		{"single quotes", `{'message':'a'}`, 400, "double quotes, not single ones"},
		{"a mark and a form", "\xef\xbb\xbfmessage=a", 400, "the body is a form"},
		{"cut", `{"message":"a"`, 400, "ends too early"},
		{"two objects", `{"message":"a"}{}`, 400, "more after the JSON object"},
		{"not UTF-8", "{\"message\":\"\xe9\"}", 400, "not valid UTF-8"},
		{"no message", `{"from":"M","to":["0639980001"]}`, 400, "'message' is a required property"},
		{"no from", `{"message":"a","to":["0639980001"]}`, 400, "'from' is a required property"},
		{"no to", `{"message":"a","from":"M"}`, 400, "'to' is a required property"},
		{"null message", `{"message":null,"from":"M","to":["0639980001"]}`, 400, "message: the value is not of type 'string'"},
		{"one recipient as text", `{"message":"a","from":"M","to":"0639980001"}`, 400, "to: the value is not of type 'array'"},
		{"a number as recipient", `{"message":"a","from":"M","to":["0639980001",639980002]}`, 400, "to/1: the value is not of type 'string'"},
		{"null as recipient", `{"message":"a","from":"M","to":["0639980001",null]}`, 400, "to/1: the value is not of type 'string'"},
		{"a number as counter", `{"message":"a","from":"M","to":["0639980001"],"counter":3}`, 400, "counter: the value is not of type 'string'"},
		{"nobody", `{"message":"a","from":"M","to":[]}`, 400, "/to: Name at least one recipient."},
		{"empty text", `{"message":" ","from":"M","to":["0639980001"]}`, 400, "/text: The text is empty."},
		{"largest text", `{"message":"` + strings.Repeat("a", 11<<20) + `","from":"M","to":["0639980001"]}`, 413, "larger than"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := open(t)
			got := s.post(squarePath, tc.body)
			if got.StatusCode != tc.want || !strings.Contains(got.Desc, tc.desc) {
				t.Fatalf("answer %d %s, want %d with %q", got.StatusCode, got.raw, tc.want, tc.desc)
			}
			if accepted := len(s.stored()) == 1; accepted != (tc.want == 200) {
				t.Errorf("%d messages are stored", len(s.stored()))
			}
		})
	}
}

// TestCutAndSaid: Passerelle cut without a word.
func TestCutAndSaid(t *testing.T) {
	i := square()
	i.MaxLength = 10
	s := open(t, i)
	got := s.post(squarePath, order("été 🎉 à Paris", "MAIRIE", "0639980001"))
	m := s.stored()[0]
	if m.Text != "été 🎉 à Pa" || !strings.Contains(got.Warn["text cut"], "13 characters") ||
		s.codes(m)[0] != "text_cut" {
		t.Errorf("text of %d characters, warn %q, decisions %q", len([]rune(m.Text)), got.Warn, s.codes(m))
	}
	if got := s.post(squarePath, order("été 🎉 à P", "MAIRIE", "0639980001")); len(got.Warn) != 0 {
		t.Errorf("warn %q", got.Warn)
	}
	if got := s.post(
		squarePath, order("a\x00b\x0bc", "MAIRIE", "0639980001"),
	); got.Warn["text cleaned"] == "" || s.stored()[2].Text != "abc" {
		t.Errorf("warn %q", got.Warn)
	}
}

func TestSenders(t *testing.T) {
	for _, tc := range []struct {
		name, from string
		want       sms.Sender
		warn       string
	}{
		{"name", "MAIRIE", "MAIRIE", ""},
		{"name with a space", "Ville XY", "Ville XY", ""},
		{"accents", "Mairie d’Été", "Mairie d'Et", "sender cleaned"},
		{"ligature", "Cœur", "Coeur", "sender cleaned"},
		{"forbidden signs", "Ville (XY)", "Ville XY", "sender cleaned"},
		{"12 characters", "MAIRIE PARIS", "MAIRIE PARI", "sender cleaned"},
		{"cut at a space", "MAIRIE  DE PARIS", "MAIRIE  DE", "sender cleaned"},
		{"short number", "36111", "36111", ""},
		{"number", "+33612345678", "+33612345678", ""},
		{"number in groups", "06 12 34 56 78", "0612345678", "sender cleaned"},
		{"two digits", "36", "", "sender dropped"},
		{"16 digits", "1234567890123456", "", "sender dropped"},
		{"nothing that may stay", "市役所", "", "sender dropped"},
		{"empty", "", "", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := open(t)
			got := s.post(squarePath, order("Bonjour", tc.from, "0639980001"))
			if got.StatusCode != http.StatusOK || s.stored()[0].Sender != tc.want {
				t.Fatalf("answer %s", got.raw)
			}
			for key := range got.Warn {
				if key != tc.warn {
					t.Errorf("warn %q, want %q", got.Warn, tc.warn)
				}
			}
			code := strings.ReplaceAll(tc.warn, " ", "_")
			if tc.warn != "" && (got.Warn[tc.warn] == "" || s.codes(s.stored()[0])[0] != code) {
				t.Errorf("warn %q, decisions %q; want %q", got.Warn, s.codes(s.stored()[0]), tc.warn)
			}
		})
	}
}

// TestSenderThatTheOperatorIgnores: a number where names alone are taken.
func TestSenderThatTheOperatorIgnores(t *testing.T) {
	i := square()
	i.Connector = "names"
	s := open(t, i)
	got := s.post(squarePath, order("Bonjour", "36111", "0639980001"))
	if got.StatusCode != http.StatusOK || got.Warn["sender dropped"] == "" || s.stored()[0].Sender != "" {
		t.Errorf("answer %s", got.raw)
	}
}

// declaring is an operator that tells which senders it takes.
type declaring struct{ silent }

func (declaring) Senders(context.Context, ...sms.Sender) ([]connector.DeclaredSender, error) {
	return []connector.DeclaredSender{{Name: "MAIRIE", State: connector.SenderUsable}}, nil
}

// TestSenderThatTheOperatorDoesNotKnow: authentic2 names EO where nobody configured
// another one, and a code must arrive all the same.
func TestSenderThatTheOperatorDoesNotKnow(t *testing.T) {
	i := square()
	i.Connector = "names"
	s := openIn(t, t.TempDir(), func(o *gateway.Options) {
		o.Instances[1].Connector, o.Instances[1].Facts.CheckSenders = declaring{}, true
	}, i)
	if err := s.gateway.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	read := func() bool {
		_, err := s.gateway.Preview(t.Context(), gateway.Submission{
			Account: "default", To: []string{"0639980001"}, Text: "a", Sender: "EO", Connector: "names",
		}, time.Time{})
		return err != nil
	}
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(20 * time.Second); !read(); <-tick.C {
		if time.Now().After(deadline) {
			t.Fatal("the senders of the operator are not read")
		}
	}
	if err := s.gateway.Stop(t.Context()); err != nil { // nothing is to be sent
		t.Fatal(err)
	}
	for sender, want := range map[string]sms.Sender{"EO": "", "MAIRIE": "MAIRIE"} {
		got := s.post(squarePath, order("Bonjour "+sender, sender, "0639980001"))
		if got.StatusCode != http.StatusOK || (got.Warn["sender dropped"] != "") != (want == "") {
			t.Errorf("%s: answer %s", sender, got.raw)
		}
		for _, m := range s.stored() {
			if m.Text == "Bonjour "+sender && m.Sender != want {
				t.Errorf("%s leaves from %q", sender, m.Sender)
			}
		}
	}
}

func TestClass(t *testing.T) {
	for _, tc := range []struct {
		name, query string
		class, want sms.Class
	}{
		{"default", "", "", sms.Transactional},
		{"of the instance", "", sms.Marketing, sms.Marketing},
		{"nostop", "?nostop=1", sms.Marketing, sms.Transactional},
		{"nostop without a value", "?nostop", sms.Marketing, sms.Transactional},
		{"nostop=0 counts as there", "?nostop=0", sms.Marketing, sms.Transactional},
		{"code", "?nostop=1", sms.OTP, sms.OTP},
		{"other parameters", "?stop=1", sms.Marketing, sms.Marketing},
	} {
		t.Run(tc.name, func(t *testing.T) {
			i := square()
			i.Class, i.ValidFor = tc.class, 3*time.Minute
			s := open(t, i)
			s.post(squarePath+tc.query, order("Bonjour", "MAIRIE", "0639980001"))
			m := s.stored()[0]
			if m.Class != tc.want || !m.ExpiresAt.Equal(m.AcceptedAt.Add(3*time.Minute)) {
				t.Errorf("class %s until %s, want %s for 3m", m.Class, m.ExpiresAt, tc.want)
			}
			stop := slices.Contains(s.codes(m), "stop_clause")
			if stop != (tc.want == sms.Marketing) {
				t.Errorf("STOP clause %v of %s", stop, m.Class)
			}
		})
	}
}

func TestMetadata(t *testing.T) {
	s := open(t)
	r := s.request(http.MethodPost, squarePath,
		`{"message":"a","from":"M","to":["0639980001"],"counter":"rendez-vous"}`)
	r.Header.Set("Publik-Caller-URL", "https://forms.example.net/backoffice/management/rdv/12/")
	s.do(r)
	s.post(squarePath, order("Bonjour", "M", "0639980002"))
	want := map[string]string{
		"passerelle": "square", "counter": "rendez-vous",
		"publik_caller_url": "https://forms.example.net/backoffice/management/rdv/12/",
	}
	if diff := cmp.Diff(want, s.stored()[0].Metadata); diff != "" {
		t.Errorf("metadata (-want +got):\n%s", diff)
	}
	found, _, err := s.store.Search(t.Context(),
		search.Query{Account: "default", Metadata: []search.Metadatum{
			{Key: "counter", Value: "rendez-vous"},
		}, Limit: 10})
	if err != nil || len(found) != 1 || found[0].To != "+33639980001" {
		t.Errorf("search found %d, %v", len(found), err)
	}
	r = s.request(http.MethodPost, squarePath, order("Bonjour", "M", "0639980003"))
	r.Header.Set("Publik-Caller-URL", "https://forms.example.net/"+strings.Repeat("é", 3000))
	if got := s.do(r); got.StatusCode != http.StatusOK || got.Warn["metadata cut"] == "" {
		t.Errorf("a long address: %s", got.raw)
	}
}

// A text arrives as it was written, or not at all.
func TestTextsThatCannotBeRead(t *testing.T) {
	for _, tc := range []struct{ name, body, want string }{
		{"half a pair", `{"message":"a \ud83d","from":"M","to":["0639980001"]}`, ""},
		{"Windows-1252", "{\"message\":\"l\x92\xe9cole\",\"from\":\"M\",\"to\":[\"0639980001\"]}", ""},
		{"a pair", `{"message":"a \ud83d\ude00","from":"M","to":["0639980001"]}`, "a 😀"},
		{"Windows-1252 read as ISO 8859-1", `{"message":"l\u0092\u00e9cole","from":"M","to":["0639980001"]}`, "l’école"},
		{"a control character", `{"message":"a\u0007b","from":"M","to":["0639980001"]}`, "ab"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := open(t)
			got := s.post(squarePath, tc.body)
			switch all := s.stored(); {
			case tc.want == "" && (got.StatusCode != http.StatusBadRequest || len(all) > 0):
				t.Errorf("answer %d %s, %d stored", got.StatusCode, got.raw, len(all))
			case tc.want != "" && (len(all) != 1 || all[0].Text != tc.want):
				t.Errorf("answer %d %s, stored %v", got.StatusCode, got.raw, all)
			}
		})
	}
}

// The address of a form is kept in the charset that it came in.
func TestCallerURLInWindows1252(t *testing.T) {
	s := open(t)
	r := s.request(http.MethodPost, squarePath, order("Bonjour", "M", "0639980003"))
	r.Header.Set("Publik-Caller-URL", "https://forms.example.net/\xe9t\xe9/")
	s.do(r)
	if got := s.stored()[0].Metadata["publik_caller_url"]; got != "https://forms.example.net/été/" {
		t.Errorf("kept %q", got)
	}
}

func TestRefusedWhole(t *testing.T) {
	for _, tc := range []struct {
		name string
		to   []string
		desc string
	}{
		{"unusable", []string{"1234"}, "phone number 1234 is unsupported (no international prefix, no local trunk prefix)"},
		{"several", []string{"000", "1234"}, "phone number 000, 1234 is unsupported (no international prefix, no local trunk prefix)"},
		{"premium", []string{"0891123456"}, "no phone number was authorized: 0891123456"},
		{"both", []string{"0891123456", "12"}, "no phone number was authorized: 0891123456, 12"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := open(t)
			got := s.post(squarePath, order("Bonjour", "MAIRIE", tc.to...))
			if got.StatusCode != http.StatusBadRequest || got.Desc != tc.desc ||
				len(got.Data.Rejected) != len(tc.to) {
				t.Errorf("answer %d %s, want 400 with %q", got.StatusCode, got.raw, tc.desc)
			}
		})
	}
}

func TestQuotaOfAnInstance(t *testing.T) {
	s := openIn(t, t.TempDir(), func(o *gateway.Options) {
		o.Quotas = quota.New(quota.Options{
			Store: o.Store.(quota.Store), Log: o.Log,
			Quotas: []quota.Quota{{Name: "square", Per: quota.PerKey, Every: quota.Hour, Messages: 1}},
		})
	})
	if got := s.post(squarePath, bonjour()); got.StatusCode != http.StatusOK {
		t.Fatalf("the first: %d %s", got.StatusCode, got.raw)
	}
	got := s.post(squarePath, order("Bonsoir", "MAIRIE", "0639980001"))
	if got.StatusCode != http.StatusTooManyRequests || got.Header.Get("Retry-After") == "" ||
		!strings.Contains(got.Desc, "quota square") {
		t.Errorf("the second: %d %s", got.StatusCode, got.raw)
	}
}

func TestWhatCannotBeStored(t *testing.T) {
	full := func(o *gateway.Options) { o.Limits.Backlog = 0 }
	s := openIn(t, t.TempDir(), full)
	got := s.post(squarePath, bonjour())
	if got.StatusCode != http.StatusServiceUnavailable || got.Header.Get("Retry-After") == "" ||
		len(s.stored()) != 0 {
		t.Errorf("a full queue: %d %s", got.StatusCode, got.raw)
	}
	s = open(t)
	s.store.Close()
	for _, path := range []string{squarePath, sendPath + "?" + vector(0)} {
		if got := s.post(path, bonjour()); got.StatusCode != http.StatusServiceUnavailable ||
			got.Header.Get("Retry-After") == "" {
			t.Errorf("a dead database at %s: %d %s", path, got.StatusCode, got.raw)
		}
	}
}
