package app_test

import (
	"crypto/sha1" //nolint:gosec // the signature of OVH's API is one
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"relais/app"
	"relais/client"
	"relais/connector/ovh"
	"relais/internal/dump"
	"relais/internal/pgtest"
	"relais/sandbox"
	simworld "relais/sandbox/world"
)

// TestAskingChangesNothing calls each route of the API, of the doors and of the
// callbacks by each method that only asks, and a preview of many moments, on a
// database with a bit of everything. Then the database is what it was.
func TestAskingChangesNothing(t *testing.T) {
	for _, tc := range []struct {
		name     string
		database func(t *testing.T) (line string, rows func(t *testing.T, data string) []string)
	}{
		{"SQLite", func(*testing.T) (string, func(*testing.T, string) []string) {
			return "", func(t *testing.T, data string) []string {
				return dump.SQLite(t, filepath.Join(data, "relais.db"), background...)
			}
		}},
		{"PostgreSQL", func(t *testing.T) (string, func(*testing.T, string) []string) {
			address := pgtest.Database(t)
			return fmt.Sprintf("database = %q\n", address), func(t *testing.T, _ string) []string {
				return dump.Postgres(t, address, background...)
			}
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			line, rows := tc.database(t)
			operators, data := simulate(t, sandbox.Options{}), ""
			a, _, logs := run(t, func(dir string) string {
				data = dir
				return fmt.Sprintf("listen = \"127.0.0.1:0\"\ndata = %q\nsandbox_at = %q\n%s", dir,
					operators.URL(), line)
			})
			w := &world{client.New(a.URL(), app.SandboxKey), a, operators, logs, data}
			known := w.populate(t)
			asked := w.questions(t, known)
			for _, q := range asked {
				// its clients are given numbers when they first look: ADR 21
				if strings.HasPrefix(q.path, "/ovh/") {
					w.ask(t, q)
				}
			}
			before := quiet(t, func() []string { return rows(t, data) })
			if answered := w.ask(t, asked...); answered < 60 { // closed doors would prove nothing
				t.Errorf("%d of %d questions were answered", answered, len(asked))
			}
			w.preview(t)
			if diff := cmp.Diff(before, rows(t, data)); diff != "" {
				t.Errorf("%d questions changed the database (-before +after):\n%s", len(asked), diff)
			}
			next, err := w.Submit(t.Context(),
				client.SubmitRequest{To: []string{"+33639980002"}, Text: "Bonjour"})
			if err != nil {
				t.Fatal(err)
			}
			if milli, err := strconv.ParseInt(
				strings.ReplaceAll(next.Messages[0].ID[:13], "-", ""), 16, 64,
			); err != nil || time.Since(time.UnixMilli(milli)).Abs() > time.Minute {
				t.Errorf("the next id is %s, of %v, %v", next.Messages[0].ID, time.UnixMilli(milli), err)
			}
		})
	}
}

// populate leaves something of each kind, and returns what paths name.
func (w *world) populate(t *testing.T) map[string]string {
	t.Helper()
	if err := w.sandbox.SetFault(simworld.Fault{
		Operator: simworld.OVH, Kind: simworld.FaultNoReceipt, Rate: 1,
	}); err != nil {
		t.Fatal(err)
	}
	var hook struct{ ID string }
	body := `{"url":"` + w.sandbox.URL() + `/webhooks/asking"}`
	if status := w.call(t, http.MethodPost, "/v1/webhooks", body, &hook); status != http.StatusCreated {
		t.Fatalf("status %d", status)
	}
	if status := w.call(t, http.MethodPut, "/v1/opt-outs/+33639980009", `{}`, nil); status != http.StatusOK {
		t.Fatalf("status %d", status)
	}
	answer, err := w.Submit(t.Context(),
		client.SubmitRequest{To: []string{"+33639980001", "+33639980050"}, Text: "Bonjour", Connector: "ovh"})
	if err != nil {
		t.Fatal(err)
	}
	later := time.Now().Add(24 * time.Hour)
	if _, err := w.Submit(t.Context(), client.SubmitRequest{
		To: []string{"+33639980003"}, Text: "Demain", SendAt: later,
	}); err != nil {
		t.Fatal(err)
	}
	id := answer.Messages[0].ID
	var sent client.MessageWithTimeline
	await(t, "the operator's answer", patience, func() bool {
		w.call(t, http.MethodGet, "/v1/messages/"+id, "", &sent)
		return sent.Status == client.Submitted
	})
	return map[string]string{
		"{id}": id, "{number}": "+33639980001", "{login}": app.SandboxUser, "{serviceName}": "sms-sandbox-1",
		"webhook": hook.ID, "provider": sent.ProviderID,
	}
}

// question is a call that only asks.
type question struct {
	method, path string
	header       map[string]string
}

var asking = []string{http.MethodGet, http.MethodHead, http.MethodOptions}

var (
	routePattern = regexp.MustCompile(`(?:HandleFunc|Handle)\("(?:[A-Z]+ )?(/[^"]*)"`)
	routeOfOVH   = regexp.MustCompile(`(?m)^(?:GET|PUT|POST|DELETE)(?: [A-Z]+)* (/sms\S*)$`)
	variable     = regexp.MustCompile(`\{[a-zA-Z]+\}`)
)

// questions are all that may be asked: the paths come from the description of the API,
// and from the sources where they are not described.
func (w *world) questions(t *testing.T, known map[string]string) (all []question) {
	t.Helper()
	var spec struct{ Paths map[string]any }
	if status := w.call(t, http.MethodGet, "/openapi.json", "", &spec); status != http.StatusOK ||
		len(spec.Paths) < 20 {
		t.Fatalf("status %d, %d paths", status, len(spec.Paths))
	}
	paths := slices.Sorted(maps.Keys(spec.Paths))
	paths = append(paths, sources(t, routePattern, "../api/*.go")...)
	key := map[string]string{"Authorization": "Bearer " + app.SandboxKey}
	for _, path := range paths {
		if strings.HasPrefix(path, "/callbacks/") || path == "/v1/people/{number}/export" {
			continue // below; an export hands out what is known of a person, and leaves its proof
		}
		ids := maps.Clone(known)
		if strings.HasPrefix(path, "/v1/webhooks") {
			ids["{id}"] = known["webhook"]
		}
		path = strings.TrimSuffix(filled(path, ids), "{$}")
		for _, method := range asking {
			all = append(all, question{method, path, key})
		}
	}
	for _, method := range []string{http.MethodHead, http.MethodOptions} {
		all = append(all, question{method, "/v1/people/" + known["{number}"] + "/export", key})
	}
	return append(all, w.questionsAtDoors(t, known)...)
}

// questionsAtDoors leaves out the methods by which a door sends.
func (w *world) questionsAtDoors(t *testing.T, known map[string]string) (all []question) {
	t.Helper()
	add := func(methods []string, path string) {
		for _, method := range methods {
			all = append(all, question{method: method, path: path})
		}
	}
	add(asking[1:], "/cgi-bin/sendsms?username=sandbox&password=sandbox&to=%2B33639980001&text=Bonjour")
	add(asking[1:], "/cgi-bin/sms/http2sms.cgi?account=sms-sandbox-1&login=sandbox&password=sandbox&from=RELAIS&to=%2B33639980001&message=Bonjour&noStop=1")
	add(asking, "/passerelle/ovh/send/?apikey=sandbox")
	add(asking, "/passerelle/ovh/up/?apikey=sandbox")
	add(asking, "/passerelle/api/statistics/?apikey=sandbox")
	add(asking, "/sfr-dmc/sfr/send/?apikey=sandbox")
	section := app.Simulated(w.sandbox.URL())[0].Section.(*ovh.Config)
	set, err := ovh.ReadCallbacks(t.Context(), section.LoginOptions(http.DefaultClient), section.Service)
	if err != nil {
		t.Fatal(err)
	}
	receipt := strings.TrimPrefix(set.Receipt, w.app.URL()) + "?ptt=4&description=1&id=" + known["provider"]
	number := "?number=%2B33639980004&senderid=%2B33639980004&message=STOP"
	add(asking[1:], receipt) // OVH tells of a receipt by GET
	add(asking, strings.TrimPrefix(set.Reply, w.app.URL())+number)
	add(asking[1:], strings.TrimPrefix(set.Stop, w.app.URL())+number)
	for _, path := range slices.Concat(sources(t, routeOfOVH, "../door/ovh/routes.go"), []string{
		"/auth/time", "/auth/details", "/auth/currentCredential", "/me",
	}) {
		for _, method := range asking {
			all = append(all, signed(method, w.app.URL(), "/ovh/1.0"+filled(path, known)))
		}
	}
	return all
}

func sources(t *testing.T, pattern *regexp.Regexp, glob string) (found []string) {
	t.Helper()
	files, err := filepath.Glob(glob)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, one := range pattern.FindAllStringSubmatch(string(text), -1) {
			found = append(found, one[1])
		}
	}
	if len(found) == 0 {
		t.Fatalf("no route in %s", glob)
	}
	return found
}

// filled puts what there is in the place of variables.
func filled(path string, known map[string]string) string {
	return variable.ReplaceAllStringFunc(path, func(name string) string {
		if value := known[name]; value != "" {
			return value
		}
		return "1"
	})
}

// signed is a call that a client of OVH signed.
func signed(method, server, path string) question {
	at := strconv.FormatInt(time.Now().Unix(), 10)
	sum := sha1.Sum([]byte(strings.Join([]string{app.SandboxPassword, app.SandboxKey, method, server + path, "", at}, "+"))) //nolint:gosec // as above
	return question{method, path, map[string]string{
		"X-Ovh-Application": app.SandboxUser, "X-Ovh-Consumer": app.SandboxKey, "X-Ovh-Timestamp": at,
		"X-Ovh-Signature": "$1$" + hex.EncodeToString(sum[:]),
	}}
}

// ask asks, and counts the answers that say something.
func (w *world) ask(t *testing.T, all ...question) (answered int) {
	t.Helper()
	for _, q := range all {
		r, err := http.NewRequestWithContext(t.Context(), q.method, w.app.URL()+q.path, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		for name, value := range q.header {
			r.Header.Set(name, value)
		}
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, answer.Body); err != nil {
			t.Errorf("%s %s: %v", q.method, q.path, err)
		}
		answer.Body.Close()
		switch {
		case answer.StatusCode/100 == 2:
			answered++
		case answer.StatusCode == http.StatusUnauthorized || answer.StatusCode/100 == 5 &&
			answer.StatusCode != http.StatusNotImplemented:
			t.Errorf("%s %s: %d", q.method, q.path, answer.StatusCode)
		}
	}
	return answered
}

// preview asks about messages that would be sent, refused and put off, now and at
// moments a year away.
func (w *world) preview(t *testing.T) {
	t.Helper()
	for _, at := range []time.Duration{
		0, time.Hour, 180 * 24 * time.Hour, 365 * 24 * time.Hour, -365 * 24 * time.Hour,
	} {
		for _, r := range []client.SubmitRequest{
			{To: []string{"+33639980001", "+33639980009", "none"}, Text: "Soldes", Class: "marketing"},
			{To: []string{"+33639980001"}, Text: "Votre code : 1234", Class: "otp"},
			{To: []string{"+33639980001"}, Text: "Bonjour", Sender: "Nobody", Connector: "ovh"},
			{To: []string{"+33639980001"}, Text: "Bonjour", WebhookURL: w.sandbox.URL() + "/webhooks/other"},
		} {
			moment := time.Now().Add(at)
			_, err := w.Preview(t.Context(), client.PreviewRequest{SubmitRequest: r, At: moment})
			if _, refused := errors.AsType[*client.Problem](err); err != nil && !refused {
				t.Error(err)
			}
		}
	}
}

// background are the tables that the gateway writes by itself while nobody asks.
var background = []string{"cursors", "credit", "credit_samples", "leases", "sqlite_stat1", "sqlite_stat4"}

// quiet waits until what was under way is written.
func quiet(t *testing.T, dump func() []string) []string {
	t.Helper()
	last, since := dump(), time.Now()
	await(t, "a quiet database", patience, func() bool {
		now := dump()
		if !slices.Equal(now, last) {
			last, since = now, time.Now()
		}
		return time.Since(since) > 3*time.Second
	})
	return last
}
