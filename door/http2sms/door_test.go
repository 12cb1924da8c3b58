package http2sms_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"relais/auth"
	"relais/connector"
	"relais/door/http2sms"
	"relais/door/ovh"
	"relais/duty"
	"relais/gateway"
	"relais/lane"
	"relais/search"
	"relais/sms"
	"relais/store/sqlite"
)

// silent takes no message: nothing is sent here.
type silent struct{}

func (silent) Submit(context.Context, []sms.Message) ([]connector.Outcome, error) {
	return nil, errors.New("not asked")
}

// world is the door over a real store, with the logins of the door for OVH's API.
type world struct {
	url   string
	login *ovh.Login
	store *sqlite.Store
	logs  *strings.Builder
}

func open(t *testing.T) *world {
	t.Helper()
	dir := t.TempDir()
	store, err := sqlite.OpenExclusive(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	text, err := auth.SealKeyFile(filepath.Join(dir, "seal.key"))
	if err != nil {
		t.Fatal(err)
	}
	sealer, err := auth.NewSealer(text)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{store: store, logs: &strings.Builder{}}
	log := slog.New(slog.NewTextHandler(w.logs, &slog.HandlerOptions{Level: slog.LevelDebug}))
	g, err := gateway.New(gateway.Options{
		Store: store,
		Instances: []lane.Instance{{
			Name: "pigeon", Provider: "pigeon", Connector: silent{},
			Facts: connector.Facts{Simulated: true},
		}},
		Account: func(name string) gateway.Account { return gateway.Account{Name: name, Region: "FR"} },
		Limits:  gateway.Limits{Segments: 10, Recipients: 100, Backlog: 1000},
		Metrics: gateway.NewMetrics(prometheus.NewRegistry()), Log: log, Clock: duty.NewClock(time.Now),
	})
	if err != nil {
		t.Fatal(err)
	}
	clients := ovh.New(ovh.Options{
		Gateway: g, Reader: store, Store: store, Open: sealer.Open, Derive: sealer.Derive,
		Log: log, Now: time.Now,
		Settings: func(string) ovh.Settings { return ovh.Settings{Credits: 85.95, Tolerance: time.Minute} },
	})
	if w.login, err = ovh.IssueLogin(
		t.Context(), store, sealer.Derive, "default", "web", "", time.Now(),
	); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http2sms.New(http2sms.Options{
		Gateway: g, Numbers: clients.Numbers, Credits: clients.Credits, Endpoint: clients.Endpoint,
		Log: log, Now: time.Now,
		Login: func(ctx context.Context, service, login, password, remote string) (http2sms.Caller, error) {
			user, err := clients.Login(ctx, service, login, password, remote)
			switch {
			case errors.Is(err, ovh.ErrLogin):
				return http2sms.Caller{}, http2sms.ErrLogin
			case errors.Is(err, ovh.ErrAddress):
				return http2sms.Caller{}, http2sms.ErrAddress
			}
			return http2sms.Caller{Account: user.Account, Within: ovh.WithinOf(user.Limits)}, err
		},
	}))
	t.Cleanup(server.Close)
	w.url = server.URL + http2sms.Path
	return w
}

// form is a good request with changes; an empty value takes the parameter out.
func (w *world) form(changes ...string) url.Values {
	f := url.Values{
		"account": {w.login.Service}, "login": {w.login.Login}, "password": {w.login.Password},
		"from": {"Acme"}, "to": {"0033639980001"}, "message": {"Bonjour"}, "noStop": {"1"},
	}
	for i := 0; i+1 < len(changes); i += 2 {
		f.Set(changes[i], changes[i+1])
		if changes[i+1] == "" {
			f.Del(changes[i])
		}
	}
	return f
}

func (w *world) get(t *testing.T, f url.Values) (status int, kind, body string) {
	t.Helper()
	return send(t, http.MethodGet, w.url+"?"+f.Encode(), "", "")
}

func send(t *testing.T, method, address, sent, body string) (status int, kind, answer string) {
	t.Helper()
	r, err := http.NewRequest(method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", sent)
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, response.Header.Get("Content-Type"), string(text)
}

func (w *world) messages(t *testing.T) []sms.Message {
	t.Helper()
	found, _, err := w.store.Search(t.Context(), search.Query{Account: "default", Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// page is an answer in HTML, as the guide of http2sms shows it.
func page(lines string) string {
	return `<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">` +
		"\n<HTML>\n<HEAD>\n<meta http-equiv=\"Content-Type\" content=\"text/html; charset=utf-8\" >\n<title>HTTP2SMS</title>\n</HEAD>\n<BODY>\n" +
		lines + "</BODY>\n</HTML>\n"
}

func TestAnswersInEveryContentType(t *testing.T) {
	for _, tc := range []struct{ asked, kind, done, failed string }{
		{"", "text/plain", "OK\n85.95\n1\n2\n", "KO\nMissing message. For more information: docs/migrate/http2sms.md\n"},
		{"text/plain", "text/plain", "OK\n85.95\n1\n2\n", "KO\nMissing message. For more information: docs/migrate/http2sms.md\n"},
		{"text/html", "text/html", page("OK<br>\n85.95<br>\n1<br>\n2<br>\n"), page("KO<br>Missing message. For more information: docs/migrate/http2sms.md<br>\n")},
		{
			"text/xml", "text/xml", "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<response><status>100</status><creditLeft>85.95</creditLeft><smsIds><smsId>1</smsId><smsId>2</smsId></smsIds></response>\n",
			"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<response><status>201</status><message>Missing message. For more information: docs/migrate/http2sms.md</message></response>\n",
		},
		{
			"application/xml", "application/xml",
			"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<response><status>100</status><creditLeft>85.95</creditLeft><smsIds><smsId>1</smsId><smsId>2</smsId></smsIds></response>\n",
			"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<response><status>201</status><message>Missing message. For more information: docs/migrate/http2sms.md</message></response>\n",
		},
		{"text/json", "text/json", `{"status":100,"creditLeft":"85.95","SmsIds":["1","2"]}`, `{"status":201,"message":"Missing message. For more information: docs/migrate/http2sms.md"}`},
		{"application/json", "application/json", `{"status":100,"creditLeft":"85.95","SmsIds":["1","2"]}`, `{"status":201,"message":"Missing message. For more information: docs/migrate/http2sms.md"}`},
	} {
		t.Run(tc.asked, func(t *testing.T) {
			w := open(t)
			status, kind, body := w.get(t,
				w.form("contentType", tc.asked, "to", "0033639980001,+33639980002"))
			if status != http.StatusOK || !strings.HasPrefix(kind, tc.kind+";") || body != tc.done {
				t.Errorf("done: %d %s %q", status, kind, body)
			}
			status, _, body = w.get(t, w.form("contentType", tc.asked, "message", ""))
			if status != http.StatusOK || body != tc.failed {
				t.Errorf("failed: %d %q", status, body)
			}
		})
	}
}

func TestOptions(t *testing.T) {
	w := open(t)
	later := time.Now().Add(48 * time.Hour)
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	_, _, body := w.get(t, w.form("message", "un\rdeux\r\ntrois \xe9", "tag", "file 7", "class", "1",
		"smsCoding", "2", "deferred", later.In(paris).Format("150402012006")))
	if !strings.HasPrefix(body, "OK\n") {
		t.Fatal(body)
	}
	m := w.messages(t)[0]
	if m.Text != "un\ndeux\ntrois é" || m.Reference != "file 7" || m.Class != sms.Transactional ||
		m.Sender != "Acme" || m.DueAt.Sub(later).Abs() > time.Minute {
		t.Errorf("%+v", m)
	}
	if _, _, body = w.get(
		t, w.form("noStop", "0", "senderForResponse", "1", "from", ""),
	); !strings.HasPrefix(body, "OK\n") {
		t.Fatal(body)
	}
	if m := w.messages(t)[0]; m.Class != sms.Marketing || m.Sender != "" || m.Metadata["ovh_user"] != "web" {
		t.Errorf("%+v", m)
	}
	events, _, err := w.store.Timeline(t.Context(), "default", m.ID)
	if err != nil || events[0].Actor != "http2sms:web" {
		t.Errorf("%+v, %v", events, err)
	}
}

// TestNoStop: its name alone says 1, as clients send it.
func TestNoStop(t *testing.T) {
	for _, tc := range []struct {
		name, query string
		want        sms.Class
	}{
		{"absent", "", sms.Marketing},
		{"0", "&noStop=0", sms.Marketing},
		{"1", "&noStop=1", sms.Transactional},
		{"the name alone", "&noStop", sms.Transactional},
		{"empty", "&noStop=", sms.Transactional},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := open(t)
			form := w.form()
			form.Del("noStop")
			if status, _, body := send(
				t, http.MethodGet, w.url+"?"+form.Encode()+tc.query, "", "",
			); status != 200 || !strings.HasPrefix(body, "OK\n") {
				t.Fatalf("%d %q", status, body)
			}
			if got := w.messages(t)[0].Class; got != tc.want {
				t.Errorf("class %s, want %s", got, tc.want)
			}
		})
	}
}

// TestFormsOfRequest: POST in both encodings, and numbers in each form.
func TestFormsOfRequest(t *testing.T) {
	w := open(t)
	if status, _, body := send(
		t, http.MethodPost, w.url, "application/x-www-form-urlencoded", w.form().Encode(),
	); status != 200 || body != "OK\n85.95\n1\n" {
		t.Errorf("a form: %d %q", status, body)
	}
	var b bytes.Buffer
	parts := multipart.NewWriter(&b)
	for key, values := range w.form() {
		parts.WriteField(key, values[0])
	}
	parts.Close()
	if status, _, body := send(
		t, http.MethodPost, w.url, parts.FormDataContentType(), b.String(),
	); status != 200 || body != "OK\n85.95\n2\n" {
		t.Errorf("a multipart form: %d %q", status, body)
	}
	// the plus sign arrives as a space
	query := strings.Replace(w.form("to", "TO").Encode(), "TO", "+33639980001,0033639980002,33639980003", 1)
	if status, _, body := send(t, http.MethodGet, w.url+"?"+query, "", ""); status != 200 ||
		body != "OK\n85.95\n3\n4\n5\n" {
		t.Errorf("numbers: %d %q", status, body)
	}
	if _, _, body := w.get(
		t, w.form("to", "0033639980001,0639980002", "contentType", "application/json"),
	); !strings.HasPrefix(body, `{"status":101,`) {
		t.Errorf("one number that cannot be read: %q", body)
	}
	if status, _, _ := send(t, http.MethodPut, w.url, "", ""); status != http.StatusMethodNotAllowed {
		t.Errorf("PUT: %d", status)
	}
}

func TestRefusals(t *testing.T) {
	w := open(t)
	for _, tc := range []struct {
		name    string
		changes []string
		status  int
		code    string
		words   string
	}{
		{"no account", []string{"account", ""}, 200, "201", "Missing account"},
		{"no password", []string{"password", ""}, 200, "201", "Missing password"},
		{"no sender", []string{"from", ""}, 200, "201", "Missing from"},
		{"wrong password", []string{"password", "wrong"}, 403, "202", "Invalid account, login or password"},
		{"wrong login", []string{"login", "nobody"}, 403, "202", "Invalid account, login or password"},
		{"wrong account", []string{"account", "sms-other-1"}, 403, "202", "Invalid account, login or password"},
		{"national number", []string{"to", "0639980001"}, 200, "202", "Invalid receiver"},
		{"no number", []string{"to", "0033x"}, 200, "202", "Invalid receiver"},
		{"long tag", []string{"tag", strings.Repeat("x", 21)}, 200, "202", "Invalid tag"},
		{"another class", []string{"class", "4"}, 200, "202", "Invalid class"},
		{"another coding", []string{"smsCoding", "8"}, 200, "202", "Invalid smsCoding"},
		{"no date", []string{"deferred", "soon"}, 200, "202", "Invalid deferred"},
		{"long sender", []string{"from", "Mairie de Saint-Denis"}, 200, "202", "Invalid parameter. The sender has"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			status, _, body := w.get(t, w.form(append(tc.changes, "contentType", "application/json")...))
			if status != tc.status || !strings.HasPrefix(body, `{"status":`+tc.code+`,"message":"`+tc.words) {
				t.Errorf("%d %s", status, body)
			}
		})
	}
	if status, _, body := w.get(t, w.form("contentType", "text/csv")); status != 200 ||
		!strings.HasPrefix(body, "KO\nInvalid contentType") {
		t.Errorf("%d %q", status, body)
	}
	if diff := cmp.Diff(0, len(w.messages(t))); diff != "" {
		t.Errorf("messages were stored: %s", diff)
	}
	if logged := w.logs.String(); strings.Contains(logged, w.login.Password) ||
		strings.Contains(logged, "wrong") || !strings.Contains(logged, "an http2sms login was refused") {
		t.Errorf("the log: %s", logged)
	}
}

// TestLimitsOfLogins refuses what the limits of a login forbid.
func TestLimitsOfLogins(t *testing.T) {
	w := open(t)
	for _, c := range []struct {
		name        string
		limits      auth.KeyLimits
		status      int
		code, words string
	}{
		{"may not send", auth.KeyLimits{Rights: []auth.KeyRight{auth.KeyRead}}, 403, "202", "Invalid login. This key may not send; it may read."},
		{"over", auth.KeyLimits{Until: time.Now().Add(-time.Minute)}, 403, "202", "Invalid login. The key ended on"},
		{"another address", auth.KeyLimits{Networks: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}}, 403, "401", "This IP address is not allowed. This key does not work from the address"},
		{"another sender", auth.KeyLimits{Senders: []sms.Sender{"ECOLE"}}, 200, "202", "Invalid parameter. The sender Acme is not among those of this key: ECOLE."},
		{"its sender", auth.KeyLimits{Senders: []sms.Sender{"Acme"}}, 200, "100", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			u, err := w.store.OVHUser(t.Context(), "default", w.login.Login)
			if err != nil {
				t.Fatal(err)
			}
			u.Limits = c.limits
			if err := w.store.KeepOVHUser(t.Context(), u); err != nil {
				t.Fatal(err)
			}
			status, _, body := w.get(t, w.form("contentType", "application/json"))
			if status != c.status || !strings.HasPrefix(body, `{"status":`+c.code) || !strings.Contains(body, c.words) {
				t.Errorf("%d %s", status, body)
			}
		})
	}
}
