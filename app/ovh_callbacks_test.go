package app_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// called is a program that OVH would call.
type called struct {
	*httptest.Server
	mu    sync.Mutex
	calls []call
}

type call struct {
	method, path string
	query, form  url.Values
}

func listenAsProgram(t *testing.T) *called {
	t.Helper()
	p := &called{}
	p.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil {
			t.Error(err)
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		p.calls = append(p.calls, call{r.Method, r.URL.Path, r.URL.Query(), r.PostForm})
	}))
	t.Cleanup(p.Close)
	return p
}

// of are the calls of a path.
func (p *called) of(path string) (found []call) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.calls {
		if c.path == path {
			found = append(found, c)
		}
	}
	return found
}

// TestCallbacksAsOVHCalls registers the addresses with the official client, and
// has them called for receipts and a reply; a STOP is told to
// nobody but the blacklist.
func TestCallbacksAsOVHCalls(t *testing.T) {
	t.Parallel()
	c, program := startOVHClient(t), listenAsProgram(t)
	if err := c.Put(c.service, map[string]any{
		"callBack":    program.URL + "/dlr?k=s3cret",
		"smsResponse": map[string]any{"responseType": "cgi", "cgiUrl": program.URL + "/mo?k=s3cret"},
	}, nil); err != nil {
		t.Fatal(err)
	}
	r := c.job(t, map[string]any{
		"message": "Bonjour", "receivers": []string{"+33639980001", "+33639980050"}, "noStopClause": true,
		"tag": "file 7", "senderForResponse": true,
	})
	final := map[string]url.Values{}
	await(t, "the last receipts", patience, func() bool {
		for _, got := range program.of("/dlr") {
			if got.method != http.MethodGet || got.query.Get("k") != "s3cret" {
				t.Fatalf("a receipt came as %+v", got)
			}
			if got.query.Get("description") != "4" {
				final[got.query.Get("id")] = got.query
			}
		}
		return len(final) == 2
	})
	for i, want := range []struct{ state, ptt, text string }{{"1", "4", "success"}, {"2", "24", "failed"}} {
		got := final[strconv.FormatInt(r.IDs[i], 10)]
		if got.Get("description") != want.state || got.Get("ptt") != want.ptt ||
			got.Get("descriptionDlr") != want.text {
			t.Errorf("receipt %d is %v, want %+v", i, got, want)
		}
		if _, err := time.Parse(time.RFC3339, got.Get("date")); err != nil {
			t.Error(err)
		}
	}
	for _, text := range []string{"Oui, à 9 h", "STOP"} {
		if err := c.sandbox.Reply("+33639980001", "", text); err != nil {
			t.Fatal(err)
		}
	}
	var incoming []int64
	var stopped []string
	await(t, "the reply and the STOP", patience, func() bool {
		c.get(t, "/blacklists", &stopped)
		return len(program.of("/mo")) > 0 && len(stopped) > 0
	})
	c.get(t, "/incoming", &incoming)
	got := program.of("/mo")
	if len(got) != 1 || got[0].method != http.MethodPost || len(incoming) != 1 {
		t.Fatalf("the reply came as %+v; incoming %v", got, incoming)
	}
	want := url.Values{
		"id": {strconv.FormatInt(incoming[0], 10)}, "senderid": {"+33639980001"}, "message": {"Oui, à 9 h"}, "tag": {"file 7"}, "k": {"s3cret"},
		"shortcode": got[0].form["shortcode"],
	}
	if got[0].form.Encode() != want.Encode() {
		t.Errorf("the form is %v, want %v", got[0].form, want)
	}
	for _, secret := range []string{"s3cret", "39980001", "Oui"} {
		if strings.Contains(c.logs.String(), secret) {
			t.Errorf("the log holds %q", secret)
		}
	}
	if slices.ContainsFunc(program.of("/dlr"), func(c call) bool { return c.query.Get("id") == "" }) {
		t.Error("a receipt has no id")
	}
}
