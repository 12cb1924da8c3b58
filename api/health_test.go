package api_test

import (
	"context"
	"database/sql"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"modernc.org/sqlite"

	"relais/api"
	database "relais/store/sqlite"
)

func (a answer) plain(status int, want string) {
	a.t.Helper()
	if a.StatusCode != status || string(a.body) != want {
		a.t.Errorf("answer %d %q, want %d %q", a.StatusCode, a.body, status, want)
	}
}

func TestProbesNeedNoKey(t *testing.T) {
	d := open(t)
	for path, want := range map[string]string{"/healthz": "alive\n", "/readyz": "ready\n"} {
		d.do(withKey(get(path), "-")).plain(http.StatusOK, want)
	}
}

func TestStoppingIsNotReadyButAlive(t *testing.T) {
	d := open(t)
	d.Stopping()
	d.Stopping()
	d.get("/readyz").plain(http.StatusServiceUnavailable, "stopping\n")
	d.get("/healthz").plain(http.StatusOK, "alive\n")
	d.submit(good)
}

// Another process holds the database: the probe ends with its time, and not with the ten
// seconds for which SQLite waits for that process.
func TestProbeDoesNotHang(t *testing.T) {
	dir := t.TempDir()
	d := openIn(t, dir)
	other, err := sql.Open("sqlite", filepath.Join(dir, "relais.db")+"?_txlock=immediate")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	held, err := other.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer held.Rollback()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	got := httptest.NewRecorder()
	began := time.Now()
	d.ServeHTTP(got, httptest.NewRequestWithContext(ctx, "GET", "/readyz", nil))
	if got.Code != http.StatusServiceUnavailable || time.Since(began) > 9*time.Second {
		t.Errorf("answer %d after %v, want 503 at once", got.Code, time.Since(began))
	}
}

func TestStoreThatFails(t *testing.T) {
	d := open(t)
	id := d.submit(good).Messages[0].ID.String()
	if err := d.store.Close(); err != nil {
		t.Fatal(err)
	}
	d.get("/healthz").plain(http.StatusOK, "alive\n")
	d.get("/readyz").plain(http.StatusServiceUnavailable, "the database does not take writes\n")
	for _, tc := range []struct {
		name string
		request
	}{
		{"submit", message(good)},
		{"submit with a key", keyed("k", good)},
		{"message", get("/v1/messages/" + id)},
		{"search", get("/v1/messages")},
		{"cancel", request{method: "POST", path: "/v1/messages/" + id + "/cancel"}},
		{"connectors", get("/v1/connectors")},
		{"a key that must be looked up", withKey(get("/v1/messages"), "relais_some_key")},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := d.in(t).do(tc.request)
			got.problem(http.StatusServiceUnavailable, "storage_unavailable")
			if got.Header.Get("Retry-After") == "" {
				t.Error("no Retry-After")
			}
		})
	}
	got := d.do(message(good))
	golden(t, "store closed", transcript(message(good))+got.transcript())
}

// smallDisk limits databases whose path holds name to some pages.
func smallDisk(name, pages string) {
	sqlite.RegisterConnectionHook(func(conn sqlite.ExecQuerierContext, dsn string) error {
		if !strings.Contains(dsn, name) {
			return nil
		}
		_, err := conn.ExecContext(context.Background(), "PRAGMA max_page_count = "+pages, nil)
		return err
	})
}

// emptyPages is how many pages a database has in which nothing is stored.
func emptyPages(t *testing.T) int64 {
	t.Helper()
	const page = 4096
	dir := t.TempDir()
	s, err := database.OpenExclusive(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(filepath.Join(dir, "relais.db"))
	if err != nil {
		t.Fatal(err)
	}
	return info.Size() / page
}

func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	// An empty database has a page or more of each table and index; the rest is for messages.
	const room = 40
	smallDisk(filepath.Base(filepath.Dir(dir)), strconv.FormatInt(emptyPages(t)+room, 10))
	d := openIn(t, dir)
	accepted := 0
	body := `{"to":` + many(200) + `,"text":"Bonjour Madame"}`
	for range 100 {
		if d.post("/v1/messages", body).StatusCode != http.StatusAccepted {
			break
		}
		accepted += 200
	}
	got := d.post("/v1/messages", body)
	got.problem(http.StatusServiceUnavailable, "storage_full")
	if got.Header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	golden(t, "disk full", transcript(message(body))+got.transcript())
	if n := stored(d); n != min(accepted, 1000) || accepted == 0 {
		t.Errorf("%d messages stored after %d were accepted", n, accepted)
	}
}

// durations are sums of seconds, whose digits may look like a number.
var durations = regexp.MustCompile(`(?m)^relais_answer_seconds_sum\{door="[a-z]+"\} .*$`)

func TestMetrics(t *testing.T) {
	d := open(t)
	d.submit(`{"to":["+33639980001","+33639980002","12"],"text":"Bonjour Madame"}`)
	got := durations.ReplaceAllString(string(d.do(withKey(get("/metrics"), "-")).body), "")
	for _, want := range []string{
		`relais_messages_accepted_total{class="transactional",connector="ovh"} 2`,
		`relais_recipients_refused_total{code="number_too_short"} 1`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no line %q in\n%s", want, got)
		}
	}
	if leak := numberLike.FindString(got); leak != "" || strings.Contains(got, "Bonjour") {
		t.Errorf("the metrics hold %q or the text", leak)
	}
}

func TestRevokedKeyStopsWithinASecond(t *testing.T) {
	d := open(t)
	text, key := newKey(t, d)
	r := withKey(get("/v1/messages"), text)
	d.do(r).as(http.StatusOK, &api.MessageList{})
	if _, err := d.store.RevokeKey(t.Context(), key.ID, today); err != nil {
		t.Fatal(err)
	}
	d.clock.advance(time.Second)
	d.do(r).problem(http.StatusUnauthorized, "key_revoked")
	if log := d.log.String(); strings.Contains(log, text) {
		t.Errorf("the log holds a key: %s", log)
	}
}
