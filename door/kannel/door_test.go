package kannel_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"relais/auth"
	"relais/connector"
	"relais/door/kannel"
	"relais/duty"
	"relais/gateway"
	"relais/lane"
	"relais/reason"
	"relais/search"
	"relais/sms"
	"relais/store/sqlite"
	"relais/webhook"
)

// idle is an operator that is never called: the gateway of these tests sends
// nothing.
type idle struct{}

func (idle) Submit(context.Context, []sms.Message) ([]connector.Outcome, error) { return nil, nil }

// house is a door before a gateway on a store in a directory.
type house struct {
	url   string
	store *sqlite.Store
	logs  *strings.Builder
}

const account = "town"

func open(t *testing.T) *house {
	t.Helper()
	store, err := sqlite.OpenExclusive(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	logs := &strings.Builder{}
	log := slog.New(slog.NewTextHandler(logs, nil))
	g := newGateway(t, store, log)
	sealer, err := auth.NewSealer(strings.Repeat("5c", 32))
	if err != nil {
		t.Fatal(err)
	}
	manager := &webhook.Manager{
		Store: store, Seal: sealer.Seal, Open: sealer.Open, Derive: sealer.Derive,
		Policy: webhook.Policy{}, Now: time.Now, Changed: func() {},
	}
	server := httptest.NewServer(kannel.New(kannel.Options{
		Gateway: g, Report: manager.ForFormat, Log: log, Now: time.Now, Users: users,
		Keys: auth.NewKeeper(store, nil, time.Now),
	}))
	t.Cleanup(server.Close)
	return &house{server.URL + kannel.Path, store, logs}
}

func newGateway(t testing.TB, store gateway.Store, log *slog.Logger) *gateway.Gateway {
	t.Helper()
	var instances []lane.Instance
	for _, name := range []string{"ovh", "sfr"} {
		instances = append(instances, lane.Instance{
			Name: name, Connector: idle{}, Facts: connector.Facts{MaxBatch: 1, Simulated: true},
		})
	}
	instances[0].Facts.Kinds = sms.Kinds // sfr sends none
	g, err := gateway.New(gateway.Options{
		Store: store, Instances: instances,
		Account: func(name string) gateway.Account { return gateway.Account{Name: name, Region: "FR"} },
		Limits:  gateway.Limits{Segments: 10, Recipients: 100, Backlog: 1000},
		Metrics: gateway.NewMetrics(prometheus.NewRegistry()), Log: log, Clock: duty.NewClock(time.Now),
	})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

var users = map[string]kannel.User{
	"tester": {Password: "foobar", Account: account},
	"shut": {Password: "foobar", Account: account, AllowFrom: []netip.Prefix{
		netip.MustParsePrefix("192.0.2.0/24"),
	}},
	"forced": {Password: "foobar", Account: account, Connector: "sfr", ForceConnector: true, Sender: "Mairie", Class: sms.Marketing, UrgentClass: sms.OTP},
	"home":   {Password: "foobar", Account: account, National: true},
	"empty":  {Account: account},
}

func ask(t *testing.T, r *http.Request) (int, string, http.Header) {
	t.Helper()
	answer, err := http.DefaultClient.Do(r.WithContext(t.Context()))
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(body), answer.Header
}

// get sends a query as it is written.
func (h *house) get(t *testing.T, query string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, h.url+"?"+query, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	status, body, _ := ask(t, r)
	return status, body
}

func (h *house) stored(t *testing.T) []sms.Message {
	t.Helper()
	found, _, err := h.store.Search(t.Context(), search.Query{Account: account, Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

const good = "username=tester&password=foobar&to=%2B33639980001&text=Bonjour"

// TestAnswersAreThoseOfKannel compares status and words with gw/smsbox.c.
func TestAnswersAreThoseOfKannel(t *testing.T) {
	for _, tc := range []struct {
		name, query string
		status      int
		want        string
		stored      int
	}{
		{"good", good, 202, "0: Accepted for delivery", 1},
		{"short names", "user=tester&pass=foobar&to=0639980001&text=Bonjour", 202, "0: Accepted for delivery", 1},
		{"plus that is a space", "username=tester&password=foobar&to=+33639980001&text=Bonjour", 202, "0: Accepted for delivery", 1},
		{"bare digits", "username=tester&password=foobar&to=33639980001&text=Bonjour", 202, "0: Accepted for delivery", 1},
		{"several", "username=tester&password=foobar&to=0639980001+0639980002%200639980001&text=Bonjour", 202, "0: Accepted for delivery", 2},
		{"some denied", "username=tester&password=foobar&to=0639980001+123&text=Bonjour", 202, "0: Accepted for delivery. Denied receivers are: +123", 1},
		{"deferred", good + "&deferred=5&validity=10", 202, "0: Accepted for delivery", 1},
		{"wrong password", "username=tester&password=x&to=0639980001&text=Bonjour", 403, "Authorization failed for sendsms", 0},
		{"unknown user", "username=nobody&password=foobar&to=0639980001&text=Bonjour", 403, "Authorization failed for sendsms", 0},
		{"no password at all", "username=empty&password=&to=0639980001&text=Bonjour", 403, "Authorization failed for sendsms", 0},
		{"wrong address", "username=shut&password=foobar&to=0639980001&text=Bonjour", 403, "Authorization failed for sendsms", 0},
		{"no receiver", "username=tester&password=foobar&text=Bonjour", 400, "Missing receiver number, rejected", 0},
		{"empty receiver", "username=tester&password=foobar&to=&text=Bonjour", 400, "Empty receiver number not allowed, rejected", 0},
		{"bad receiver", "username=tester&password=foobar&to=123&text=Bonjour", 400, "Number(s) has/have been denied by white- and/or black-lists. ", 0},
		{"unknown smsc", good + "&smsc=nowhere", 403, "Not routable. Do not try again.", 0},
		{"udh of a text", good + "&coding=0&udh=%05%00%03%01%02%01", 400, "UDH field misformed, rejected: ", 0},
		{"udh that is cut short", good + "&udh=%05%00%03%01", 400, "The first octet of the header says that 5 octets follow, and 3 do; at most 139 may.", 0},
		{"binary at an operator without", good + "&coding=1&smsc=sfr", 400, "Connector sfr sends no binary messages. GET /v1/connectors shows what each can do.", 0},
		{"binary", good + "&coding=1", 202, "0: Accepted for delivery", 1},
		{"coding", good + "&coding=3", 400, "Coding field misformed, rejected", 0},
		{"mask", good + "&dlr-mask=67", 400, "DLR-Mask field misformed, rejected", 0},
		{"class", good + "&mclass=4", 400, "MClass field misformed, rejected", 0},
		{"pid", good + "&pid=256", 400, "PID field misformed, rejected", 0},
		{"rpi", good + "&rpi=3", 400, "RPI field misformed, rejected", 0},
		{"alt-dcs", good + "&alt-dcs=2", 400, "Alt-DCS field misformed, rejected", 0},
		{"mwi", good + "&mwi=8", 400, "MWI field misformed, rejected", 0},
		{"compress", good + "&compress=2", 400, "Compress field misformed, rejected", 0},
		{"validity", good + "&validity=-2", 400, "Validity field misformed, rejected", 0},
		{"validity over", good + "&validity=5&deferred=5", 400, "Validity field misformed, rejected: ", 0},
		{"deferred below", good + "&deferred=-2", 400, "Deferred field misformed, rejected", 0},
		{"deferred too far", good + "&deferred=99999999999", 400, "The date is more than a year ahead.", 0},
		{"number with a tail", good + "&mclass=+4x", 400, "MClass field misformed, rejected", 0},
		{"no number", good + "&mclass=x&validity=-&deferred=", 202, "0: Accepted for delivery", 1},
		{"priority", good + "&priority=4", 400, "Priority field misformed, rejected", 0},
		{"account", good + "&account=" + strings.Repeat("a", 65), 400, "Account field misformed or too long, rejected", 0},
		{"dlr-url", good + "&dlr-mask=31&dlr-url=ftp://example.org/", 400, "DLR-URL field misformed, rejected", 0},
		{"dlr-url that cannot be called", good + "&dlr-mask=31&dlr-url=http%3A%2F%2Fexample.org%2F%25zz", 400, "DLR-URL field misformed, rejected", 0},
		{"private dlr-url", good + "&dlr-mask=31&dlr-url=http://127.0.0.1:9/%25d", 400, "DLR-URL field misformed, rejected: ", 0},
		{"charset", good + "&charset=klingon", 400, "Charset or body misformed, rejected", 0},
		{"no text", "username=tester&password=foobar&to=0639980001", 400, "The text is empty.", 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			h := open(t)
			status, body := h.get(t, tc.query)
			exact := !strings.HasSuffix(tc.want, " ")
			if status != tc.status || exact && body != tc.want || !strings.HasPrefix(body, tc.want) {
				t.Errorf("%d %q, want %d %q", status, body, tc.status, tc.want)
			}
			if got := len(h.stored(t)); got != tc.stored {
				t.Errorf("%d messages on disk, want %d", got, tc.stored)
			}
			for _, secret := range []string{"foobar", "639980001", "Bonjour"} {
				if strings.Contains(h.logs.String(), secret) {
					t.Errorf("the log holds %q: %s", secret, h.logs)
				}
			}
		})
	}
}

func TestPosts(t *testing.T) {
	const text = "Été à Paris"
	headers := map[string]string{
		"X-Kannel-Username": "tester", "X-Kannel-Password": "foobar",
		"X-Kannel-To": " +33639980001 +33639980002 ",
	}
	for _, tc := range []struct {
		name, kind, body string
		headers          map[string]string
		status           int
		want             string
		stored           int
	}{
		{"text", "text/plain; charset=UTF-8", text, headers, 202, "0: Accepted for delivery", 2},
		{"text is Latin-1", "text/plain", "\xc9t\xe9 \xe0 Paris", headers, 202, "0: Accepted for delivery", 2},
		{"form", "application/x-www-form-urlencoded", "username=tester&password=foobar&to=0639980001&text=" + url.QueryEscape(text), nil, 202, "0: Accepted for delivery", 1},
		{"octets", "application/octet-stream", text, headers, 202, "0: Accepted for delivery", 2},
		{"nobody", "text/plain", text, nil, 403, "Authorization failed for sendsms", 0},
		{"no receiver", "text/plain", text, map[string]string{"X-Kannel-Username": "tester", "X-Kannel-Password": "foobar"}, 400, "Missing receiver(s) number(s), rejected", 0},
		{"html", "text/html", text, headers, 415, "Unsupported content-type, rejected", 0},
		{"other", "image/png", "{}", headers, 400, "Invalid content-type: send a form, JSON, or text/plain with X-Kannel headers", 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			h := open(t)
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, h.url,
				strings.NewReader(tc.body))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Content-Type", tc.kind)
			for name, value := range tc.headers {
				r.Header.Set(name, value)
			}
			status, body, answered := ask(t, r)
			if status != tc.status || body != tc.want {
				t.Errorf("%d %q, want %d %q", status, body, tc.status, tc.want)
			}
			if answered.Get("Cache-Control") != "no-cache" || answered.Get("Pragma") != "no-cache" {
				t.Errorf("headers %v", answered)
			}
			found := h.stored(t)
			if len(found) != tc.stored {
				t.Fatalf("%d messages on disk, want %d", len(found), tc.stored)
			}
			for i := range found {
				want := text
				if tc.kind == "application/octet-stream" {
					want = sms.Octets{Data: []byte(text)}.Text()
				}
				if found[i].Text != want {
					t.Errorf("text %q, want %q", found[i].Text, text)
				}
			}
		})
	}
}

// TestClassZeroIsFlash: 0 alone asks for a text that is shown at once; where no connector can, the
// message is refused and nothing is sent as something else.
func TestClassZeroIsFlash(t *testing.T) {
	for _, tc := range []struct {
		name, more string
		status     int
		kind       sms.Kind
	}{
		{"class 0", "&mclass=0", http.StatusAccepted, sms.Flash},
		{"class 1", "&mclass=1", http.StatusAccepted, sms.Plain},
		{"no class", "&mclass=", http.StatusAccepted, sms.Plain},
		{"at an operator without", "&mclass=0&smsc=sfr", http.StatusBadRequest, sms.Plain},
	} {
		t.Run(tc.name, func(t *testing.T) {
			h := open(t)
			status, body := h.get(t, "username=tester&password=foobar&to=0639980001&text=a"+tc.more)
			if status != tc.status {
				t.Fatalf("%d %s, want %d", status, body, tc.status)
			}
			found := h.stored(t)
			if status != http.StatusAccepted {
				if len(found) > 0 || !strings.Contains(body, "flash") {
					t.Errorf("%d messages, told %q", len(found), body)
				}
				return
			}
			if len(found) != 1 || found[0].Kind != tc.kind {
				t.Errorf("stored %+v, want kind %q", found, tc.kind)
			}
		})
	}
}

// TestOctetsAreBinary: coding 1, and a header without a coding, are a binary message.
func TestOctetsAreBinary(t *testing.T) {
	for name, more := range map[string]string{"coding": "&coding=1", "header alone": ""} {
		t.Run(name, func(t *testing.T) {
			h := open(t)
			status, body := h.get(t, "username=tester&password=foobar&to=0639980001&text=%DC%06%01%AE&udh=%06%05%04%0B%84%23%F0"+more)
			if status != http.StatusAccepted {
				t.Fatalf("%d %s", status, body)
			}
			if m := h.stored(t)[0]; m.Kind != sms.Binary || m.Text != "0605040b8423f0:dc0601ae" || m.Segments != 1 {
				t.Errorf("stored %+v", m)
			}
		})
	}
}

func TestParametersReachTheMessage(t *testing.T) {
	h := open(t)
	status, body := h.get(t, "username=forced&password=foobar&to=0639980001&smsc=old&priority=3&mclass=2&pid=5&charset=UTF-16BE&coding=2"+
		"&text=%00B%00o%00n&account=a1&binfo=b1&meta-data=%3Fsmpp%3Fx%3D1&validity=20000&dlr-mask=3&dlr-url=https%3A%2F%2Fexample.org%2Fd%2F%25d%3Fid%3D7")
	if status != http.StatusAccepted {
		t.Fatalf("%d %s", status, body)
	}
	m := h.stored(t)[0]
	if m.Text != "Bon" || m.Connector != "sfr" || m.Sender != "Mairie" || m.Class != sms.OTP ||
		m.ExpiresAt.Sub(m.DueAt) != 7*24*time.Hour {
		t.Errorf("stored %+v", m)
	}
	for key, want := range map[string]string{
		"kannel-user": "forced", "kannel-account": "a1", "kannel-binfo": "b1",
		"kannel-meta-data": "?smpp?x=1", "kannel-dlr-mask": "3",
		"kannel-dlr-url": "https://example.org/d/%d?id=7",
	} {
		if m.Metadata[key] != want {
			t.Errorf("%s is %q, want %q", key, m.Metadata[key], want)
		}
	}
	events, decisions, err := h.store.Timeline(t.Context(), account, m.ID)
	if err != nil || len(events) == 0 || events[0].Actor != "kannel:forced" {
		t.Fatalf("events %+v, %v", events, err)
	}
	told := reason.Reason{}.With(decisions...).In(reason.English)
	for _, want := range []string{"smsc", "mclass", "pid", "cut to 168 hours"} {
		if !strings.Contains(told, want) {
			t.Errorf("the timeline does not tell of %s: %s", want, told)
		}
	}
	endpoints, err := h.store.Endpoints(t.Context(), account)
	if err != nil || len(endpoints) != 1 || endpoints[0].URL != "https://example.org/" ||
		endpoints[0].Format != kannel.Format {
		t.Errorf("endpoints %+v, %v", endpoints, err)
	}
}

func TestCharsets(t *testing.T) {
	for _, tc := range []struct{ query, want string }{
		{"text=%C3%A9t%C3%A9", "été"},
		{"text=%E9t%E9&charset=ISO-8859-1", "été"},
		{"text=%E9t%E9&charset=latin1", "été"},
		{"text=l%92%E9cole&charset=ISO-8859-1", "l’école"},
		{"text=%80&charset=latin-1", "€"},
		{"text=a%81&charset=iso-8859-1", ""},
		{"text=l%92%E9cole", ""},
		{"text=l%92%E9cole&charset=UTF-8", ""},
		{"text=%80&charset=windows-1252", "€"},
		{"text=%80&charset=CP1252", "€"},
		{"text=%A4&charset=iso8859_15", "€"},
		{"text=%00%E9&charset=UCS-2&coding=2", "é"},
		{"text=%E9%00&charset=UTF-16LE&coding=2", "é"},
		{"text=%20%AC&coding=2", "€"},
		{"text=%D8=%DE%00&coding=2", "😀"},
		{"text=100%+s%C3%BBr", "100% sûr"},
		{"text=%FF%FE%FD", ""},
		{"text=%D8%3D&coding=2", ""},
		{"text=a&coding=2", ""},
	} {
		t.Run(tc.query, func(t *testing.T) {
			h := open(t)
			status, body := h.get(t, "username=tester&password=foobar&to=0639980001&"+tc.query)
			found := h.stored(t)
			switch {
			case tc.want == "" && (status != http.StatusBadRequest || body != "Charset or body misformed, rejected"):
				t.Errorf("%d %q", status, body)
			case tc.want != "" && (len(found) != 1 || found[0].Text != tc.want):
				t.Errorf("%d %q, stored %+v, want %q", status, body, found, tc.want)
			}
		})
	}
}

func TestOtherMethodsSendNothing(t *testing.T) {
	h := open(t)
	for _, method := range []string{http.MethodHead, http.MethodPut, http.MethodDelete} {
		r, err := http.NewRequestWithContext(t.Context(), method, h.url+"?"+good, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		if status, _, header := ask(t, r); status != http.StatusMethodNotAllowed ||
			header.Get("Allow") != "GET, POST" {
			t.Errorf("%s: %d", method, status)
		}
	}
	if found := h.stored(t); len(found) != 0 {
		t.Errorf("%d messages on disk", len(found))
	}
}

// FuzzForm: whatever a query holds, a client gets an answer of the door.
func FuzzForm(f *testing.F) {
	f.Add("to=0639980001&text=Bonjour&coding=2&charset=UTF-8&validity=9&deferred=-1&dlr-url=http://x/%d&dlr-mask=31")
	f.Add("to=%&text=%zz&udh=%00&mclass=+-3&%74o=1")
	store, err := sqlite.OpenExclusive(f.Context(), f.TempDir())
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { store.Close() })
	door := kannel.New(kannel.Options{
		Users: map[string]kannel.User{"tester": {Password: "foobar", Account: account}},
		Log:   slog.New(slog.DiscardHandler), Now: time.Now,
		Report: func(context.Context, string, string,
			string,
		) (sms.ID, error) {
			return sms.ID{}, &webhook.Error{}
		},
		Gateway: newGateway(f, store, slog.New(slog.DiscardHandler)),
	})
	f.Fuzz(func(t *testing.T, query string) {
		r := httptest.NewRequest(http.MethodGet, kannel.Path, http.NoBody)
		r.URL.RawQuery = "username=tester&password=foobar&" + query
		w := httptest.NewRecorder()
		door.ServeHTTP(w, r)
		if w.Code != http.StatusAccepted && (w.Code < 400 || w.Body.Len() == 0) {
			t.Errorf("%d %q", w.Code, w.Body)
		}
	})
}
