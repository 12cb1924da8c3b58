package httpapi

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"relais/connector"
	"relais/sms"
)

// open makes an instance of a declaration whose operator is at address.
func open(t *testing.T, text, address, callback string, change func(*Config)) connector.Connector {
	t.Helper()
	return openAt(t, text, address, callback, change, func() time.Time { return time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC) })
}

// openAt makes it with another clock.
func openAt(
	t *testing.T, text, address, callback string, change func(*Config), now func() time.Time,
) connector.Connector {
	t.Helper()
	d, err := Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	section := &Config{Key: "k-0123456789", Secret: "s-0123456789", Sender: "MAIRIE", BaseURL: address, declared: d}
	if change != nil {
		change(section)
	}
	client := connector.NewHTTPClient(4)
	t.Cleanup(client.CloseIdleConnections)
	c, _, err := Provider().Open(section, connector.Env{
		Instance: "operator", HTTP: client, Log: slog.New(slog.DiscardHandler), CallbackURL: callback,
		Now: now,
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func messageOf(text string) sms.Message {
	now := time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)
	return sms.Message{
		ID: sms.NewID(now), To: exampleNumber, Text: text, Class: sms.Transactional, Encoding: sms.GSM7, Segments: 1,
		ExpiresAt: now.Add(time.Hour),
	}
}

const small = `version = 1
title = "Operator"
base_url = "https://api.operator.example"
[auth]
kind = "header"
header = "X-Key"
value = "{key}"
[send]
path = "/send"
body = "json"
fields = { to = "{to}", text = "{text}" }
[[send.rule]]
status = 200
where = { "/id" = { present = true } }
then = "taken"
id = "/id"
`

// An operator out of its mind leaves a message in doubt, whatever it says; nothing is followed, and
// what is kept of it is bounded.
func TestHostileAnswersAreUncertain(t *testing.T) {
	var elsewhere bool
	trap := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		elsewhere = true
		_, _ = io.WriteString(w, `{"id":"1"}`)
	}))
	defer trap.Close()
	for _, tc := range []struct {
		name   string
		answer http.HandlerFunc
	}{
		{"a body without end", func(w http.ResponseWriter, r *http.Request) {
			blanks := bytes.Repeat([]byte(" "), 1<<20)
			for r.Context().Err() == nil {
				if _, err := w.Write(blanks); err != nil {
					return
				}
			}
		}},
		{"a body of a gibibyte, announced", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1073741824")
			_, _ = w.Write(bytes.Repeat([]byte(" "), 8<<20))
		}},
		{"a bomb of gzip", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			_, _ = io.WriteString(z, `{"id":"`)
			for range 64 {
				_, _ = z.Write(bytes.Repeat([]byte("0"), 1<<20))
			}
			_, _ = io.WriteString(z, `"}`)
			_ = z.Close()
		}},
		{"a redirection to this machine", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, trap.URL, http.StatusTemporaryRedirect)
		}},
		{"JSON within JSON within JSON", func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, strings.Repeat(`{"id":`, 200_000)+"1"+strings.Repeat("}", 200_000))
		}},
		{"an object for an id", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"id":{"a":1}}`) }},
		{"an id of a kibibyte", func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, `{"id":"`+strings.Repeat("1", 1<<10)+`"}`)
		}},
		{"an id of two lines", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"id":"1\n2"}`) }},
		{"two documents", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"id":"1"}{"id":"2"}`) }},
		{"UTF-16", func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "\xff\xfe{\x00\"\x00i\x00d\x00\"\x00:\x001\x00}\x00")
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			server := httptest.NewServer(tc.answer)
			defer server.Close()
			c := open(t, small, server.URL, "", nil)
			outcomes, err := c.Submit(t.Context(), []sms.Message{messageOf("Bonjour")})
			if err != nil || len(outcomes) != 1 || outcomes[0].Err == nil {
				t.Fatalf("it is taken: %v, %v", outcomes, err)
			}
			if fault := connector.FaultOf(outcomes[0].Err); fault != connector.Uncertain {
				t.Errorf("its fault is %s: %v", fault, outcomes[0].Err)
			}
			if said := outcomes[0].Err.Error(); len(said) > 500 || strings.Contains(said, "9980001") {
				t.Errorf("the error says too much: %.600s", said)
			}
			if elsewhere {
				t.Error("the redirection was followed")
			}
		})
	}
}

// XML that names things of its own, or is deeper than any answer, has no places.
func TestHostileXMLHasNoPlaces(t *testing.T) {
	for name, text := range map[string]string{
		"entities":     `<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>`,
		"a deep one":   strings.Repeat("<a>", 10_000) + strings.Repeat("</a>", 10_000),
		"a cut one":    "<a><b>1</b>",
		"two roots":    "<a></a><b></b>",
		"no XML":       "a",
		"of a charset": `<?xml version="1.0" encoding="ebcdic"?><a>1</a>`,
	} {
		t.Run(name, func(t *testing.T) {
			if e, err := readXML([]byte(text)); err == nil {
				t.Errorf("it is read: %v", e)
			}
		})
	}
}

// Some operators say by the name of the root what happened.
func TestTheNameOfAnElementIsAPlace(t *testing.T) {
	root, err := readXML([]byte("<gone><id>1</id><a/></gone>"))
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		path []string
		want string
	}{
		{[]string{"*"}, "gone"},
		{[]string{"*", "id"}, "1"},
		{[]string{"gone", "id", "*"}, ""},
		{[]string{"*", "*"}, ""}, // which of the two?
		{[]string{"*", "b"}, ""},
	} {
		if got, there := root.at(tc.path); got != tc.want || there != (tc.want != "") {
			t.Errorf("at %v there is %q, %t; want %q", tc.path, got, there, tc.want)
		}
	}
}

// What callers write stays what it is: in a body it is data, and an address cannot be moved by it.
func TestNothingIsInjected(t *testing.T) {
	var got struct {
		path, body, sender string
		asked              int
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got.path, got.body, got.sender = r.URL.EscapedPath(), string(body), r.URL.Query().Get("from")
		got.asked++
		_, _ = io.WriteString(w, `{"id":"1"}`)
	}))
	defer server.Close()
	text := strings.Replace(small, `path = "/send"`, "path = \"/from/{sender}/send\"\nquery = { from = \"{sender}\" }", 1)
	for _, tc := range []struct{ name, sender, path string }{
		{"a slash", "../../admin", "/from/..%2F..%2Fadmin/send"},
		{"a question", "a?b=c&d#e", "/from/a%3Fb%3Dc%26d%23e/send"},
		{"half a quote", `a"b`, "/from/a%22b/send"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := open(t, text, server.URL, "", nil)
			m := messageOf("a\", \"to\": \"1\n\\ </text> & ${x} {{to}} {key}")
			m.Sender = sms.Sender(tc.sender)
			outcomes, err := c.Submit(t.Context(), []sms.Message{m})
			if err != nil || outcomes[0].Err != nil {
				t.Fatal(err, outcomes)
			}
			if got.path != tc.path || got.sender != tc.sender {
				t.Errorf("it went to %s with %q", got.path, got.sender)
			}
			if want := `{"text":"a\", \"to\": \"1\n\\ </text> & ${x} {{to}} {key}","to":"+33639980001"}`; got.body != want {
				t.Errorf("the body is\n%s\nwant\n%s", got.body, want)
			}
		})
	}
	before := got.asked
	for _, sender := range []sms.Sender{"..", "."} {
		c := open(t, text, server.URL, "", nil)
		m := messageOf("a")
		m.Sender = sender
		outcomes, _ := c.Submit(t.Context(), []sms.Message{m})
		if connector.FaultOf(outcomes[0].Err) != connector.Rejected || connector.CodeOf(outcomes[0].Err) != codePath {
			t.Errorf("sender %q: %v", sender, outcomes[0].Err)
		}
	}
	if got.asked != before {
		t.Error("a sender of dots was sent")
	}
}

// An operator that repeats the request gives nothing of it away, in no form.
func TestWordsGiveNothingAway(t *testing.T) {
	said := ""
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, said)
	}))
	defer server.Close()
	text := small + "[[send.rule]]\nstatus = 400\nthen = \"rejected\"\ncode = \"/code\"\ndetail = \"/message\"\n"
	for name, words := range map[string]string{
		"the key":              `k-0123456789 refused`,
		"the key, in Base64":   `ay0wMTIzNDU2Nzg5 refused`,
		"the number":           `33639980001 is wrong`,
		"the national number":  `0639980001 is wrong`,
		"the number in groups": `06 39 98 00 01 is wrong`,
		"the text":             `cormoran is forbidden`,
	} {
		t.Run(name, func(t *testing.T) {
			said = `{"code":"` + strings.Fields(words)[0] + `","message":"` + words + `"}`
			c := open(t, text, server.URL, "", nil)
			outcomes, err := c.Submit(t.Context(), []sms.Message{messageOf("cormoran")})
			if err != nil || connector.FaultOf(outcomes[0].Err) != connector.Rejected {
				t.Fatal(err, outcomes)
			}
			got := outcomes[0].Err.Error()
			for _, never := range []string{"0123456789", "MTIzNDU2", "39980001", "39 98 00", "cormoran"} {
				if strings.Contains(got, never) {
					t.Errorf("%q shows %s", got, never)
				}
			}
			if !strings.Contains(got, concealed) {
				t.Errorf("the words are lost: %q", got)
			}
		})
	}
}

const pushed = small + `[receipts]
path = "/dlr"
id = "/id"
status = "/status"
[receipts.states]
ok = "delivered"
[signature]
header = "X-Sig"
prefix = "sha256="
key = "{signing_key}"
over = ["header:X-Time", "method", "url", "body_md5"]
join = "\n"
time = "header:X-Time"
`

// A signed push is believed when it is signed for this address, now.
func TestForgedPushesAreRefused(t *testing.T) {
	const callback = "https://relais.example/callbacks/operator/abcdefghijklmnop"
	const body = `{"id":"1","status":"ok"}`
	sign := func(key, stamp, address, body string) string {
		l := &listener{&client{callback: callback}}
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, address, nil)
		r.Header.Set("X-Time", stamp)
		d, err := Parse([]byte(pushed))
		if err != nil {
			t.Fatal(err)
		}
		r.URL.RawQuery = ""
		p := &signedPush{Request: r, body: []byte(body), address: l.callback + "/dlr"}
		return macOf(key, p.text(d.signature))
	}
	good := sign("sign-0123", "1772359200", "/dlr", body)
	for _, tc := range []struct {
		name, signature, stamp, body string
		key                          connector.Secret
		taken                        bool
	}{
		{"right", "sha256=" + good, "1772359200", body, "sign-0123", true},
		{"without a key in the section the address is the lock", "", "", body, "", true},
		{"of another body", "sha256=" + good, "1772359200", `{"id":"2","status":"ok"}`, "sign-0123", false},
		{"of another time", "sha256=" + good, "1772359201", body, "sign-0123", false},
		{"replayed an hour later", "sha256=" + sign("sign-0123", "1772355600", "/dlr", body), "1772355600", body, "sign-0123", false},
		{"by another key", "sha256=" + sign("other", "1772359200", "/dlr", body), "1772359200", body, "sign-0123", false},
		{"without its prefix", good, "1772359200", body, "sign-0123", false},
		{"cut", "sha256=" + good[:32], "1772359200", body, "sign-0123", false},
		{"empty", "sha256=", "1772359200", body, "sign-0123", false},
		{"missing", "", "1772359200", body, "sign-0123", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := open(t, pushed, "", callback, func(section *Config) { section.SigningKey = tc.key })
			r := httptest.NewRequestWithContext(context.Background(), http.MethodPost, "/dlr", strings.NewReader(tc.body))
			r.Header.Set("X-Sig", tc.signature)
			r.Header.Set("X-Time", tc.stamp)
			news, err := connector.CapabilitiesOf(c).NewsParser.ParseNews(r)
			if tc.taken && (err != nil || len(news.Receipts) != 1) {
				t.Errorf("it is refused: %v", err)
			}
			if !tc.taken && (!errors.Is(err, errSignature) || len(news.Receipts) != 0) {
				t.Errorf("it is taken: %v, %v", news, err)
			}
		})
	}
}

// A call with an idempotency key is not sent again by net/http when a kept connection is lost: not
// every operator that is given one looks at it.
func TestAKeyedCallIsSentOnce(t *testing.T) {
	for _, header := range []string{"Idempotency-Key", "X-Idempotency-Key"} {
		t.Run(header, func(t *testing.T) {
			var calls atomic.Int32
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if body, err := io.ReadAll(r.Body); err != nil || r.ContentLength != int64(len(body)) || len(body) == 0 {
					t.Errorf("a body of %d octets, said to have %d, %v", len(body), r.ContentLength, err)
				}
				if calls.Add(1) == 1 {
					_, _ = io.WriteString(w, `{"id":"1"}`)
					return
				}
				panic(http.ErrAbortHandler)
			}))
			defer server.Close()
			keyed := strings.Replace(small, "body = ", "headers = { "+header+" = \"{ref}\" }\nbody = ", 1)
			c := open(t, keyed, server.URL, "", nil)
			for n, taken := range []bool{true, false} {
				outcomes, err := c.Submit(t.Context(), []sms.Message{messageOf("Bonjour")})
				if err != nil || len(outcomes) != 1 || (outcomes[0].Err == nil) != taken {
					t.Errorf("call %d: %+v, %v", n, outcomes, err)
				}
			}
			if n := calls.Load(); n != 2 {
				t.Errorf("two messages made %d calls", n)
			}
		})
	}
}

// A declaration gives an instance the abilities that it names, and no other.
func TestAbilitiesFollowTheDeclaration(t *testing.T) {
	const credit = "[credit]\npath = \"/c\"\namount = \"/a\"\nunit = \"EUR\"\n"
	const lookup = "[lookup]\npath = \"/l\"\nwhere = { \"/ref\" = \"{ref}\" }\nid = \"/id\"\n"
	const replies = "[replies]\npath = \"/mo\"\nid = \"/i\"\nfrom = \"/f\"\ntext = \"/t\"\n"
	for _, tc := range []struct {
		added string
		want  [3]bool // pushes, credit, lookup
	}{
		{"", [3]bool{}},
		{replies, [3]bool{true, false, false}},
		{credit, [3]bool{false, true, false}},
		{lookup, [3]bool{false, false, true}},
		{replies + credit, [3]bool{true, true, false}},
		{replies + lookup, [3]bool{true, false, true}},
		{credit + lookup, [3]bool{false, true, true}},
		{replies + credit + lookup, [3]bool{true, true, true}},
	} {
		caps := connector.CapabilitiesOf(open(t, small+tc.added, "", "", nil))
		got := [3]bool{caps.NewsParser != nil, caps.Balancer != nil, caps.Reconciler != nil}
		if got != tc.want || caps.Checker == nil {
			t.Errorf("with %q it can %v, want %v", tc.added, got, tc.want)
		}
	}
}

// The check-up shows the request, and no secret of it.
func TestCheckShowsTheRequest(t *testing.T) {
	c := open(t, pushed, "", "https://relais.example/callbacks/operator/abcdefghijklmnop", nil)
	findings := c.(connector.Checker).Check(t.Context())
	shown := findings[0].Detail
	for _, part := range []string{
		"POST https://api.operator.example/send", "X-Key: ***", `"to":"+33639980001"`, `"text":"Bonjour"`,
	} {
		if !strings.Contains(shown, part) {
			t.Errorf("%q lacks %s", shown, part)
		}
	}
	for _, f := range findings {
		if strings.Contains(f.Detail, "0123456789") || strings.Contains(f.Detail, "abcdefghijklmnop") {
			t.Errorf("a secret shows: %s", f.Detail)
		}
	}
	if len(findings) != 3 || findings[1].Code != findingUnchecked || findings[2].Code != findingUnsigned {
		t.Errorf("findings are %v", findings)
	}
}

// A character that the operator's charset lacks is refused before the call: a question mark would
// be another text.
func TestWhatACharsetLacksIsRefused(t *testing.T) {
	const form = `version = 1
title = "Operator"
base_url = "https://api.operator.example"
[send]
path = "/send"
body = "form"
charset = "iso-8859-15"
fields = { to = "{to}", text = "{text}" }
answers = "text"
[[send.rule]]
where = { body = "OK" }
then = "taken"
without_id = true
`
	got := ""
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got = string(body)
		_, _ = io.WriteString(w, "OK\n")
	}))
	defer server.Close()
	c := open(t, form, server.URL, "", nil)
	outcomes, err := c.Submit(t.Context(), []sms.Message{messageOf("5 € à Lœuilly")})
	if err != nil || outcomes[0].Err != nil || got != "text=5+%A4+%E0+L%BDuilly&to=%2B33639980001" {
		t.Errorf("%v, %v, %s", err, outcomes, got)
	}
	got = ""
	outcomes, _ = c.Submit(t.Context(), []sms.Message{messageOf("Жарко")})
	if connector.FaultOf(outcomes[0].Err) != connector.Rejected || connector.CodeOf(outcomes[0].Err) != codeCharset || got != "" {
		t.Errorf("%v; the operator got %q", outcomes[0].Err, got)
	}
}
