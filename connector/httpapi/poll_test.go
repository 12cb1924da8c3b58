package httpapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"relais/connector"
)

const fetched = `version = 1
title = "Operator"
base_url = "https://api.operator.example"
poll_every = "2m"
[auth]
kind = "bearer"
value = "{key}"
[send]
path = "/send"
body = "json"
fields = { to = "{to}", text = "{text}" }
[[send.rule]]
status = 200
then = "taken"
id = "/id"
[receipts]
each = "/items"
id = "/id"
status = "/state"
[receipts.states]
ok = "delivered"
[[receipts.poll]]
path = "/reports"
query = { since = "{since}", until = "{until}", page = "{page}" }
since_format = "yyyy-MM-dd HH:mm"
zone = "Europe/Paris"
overlap = "10m"
page_from = 0
[replies]
each = "/"
id = "/id"
from = "/from"
text = "/text"
[[replies.poll]]
path = "/inbox"
query = { after = "{cursor}" }
next = "header:X-Next"
`

// archive is an operator that is asked for what it has to tell.
type archive struct {
	*httptest.Server
	pages   [][]string // of reports
	replies []string   // texts, told one a call

	mu    sync.Mutex
	asked []string
	clock time.Time
}

func (a *archive) start(t *testing.T) *archive {
	t.Helper()
	a.clock = time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)
	a.Server = httptest.NewServer(http.HandlerFunc(a.serve))
	t.Cleanup(a.Close)
	return a
}

func (a *archive) serve(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.asked = append(a.asked, r.URL.Path+"?"+r.URL.RawQuery)
	switch {
	case r.Header.Get("Authorization") != "Bearer k-0123456789":
		w.WriteHeader(http.StatusUnauthorized)
	case r.URL.Path == "/reports":
		page, _ := strconv.Atoi(r.URL.Query().Get("page"))
		items := []map[string]string{}
		if page < len(a.pages) {
			for _, id := range a.pages[page] {
				items = append(items, map[string]string{"id": id, "state": "ok"})
			}
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"items": items})
	default:
		after, _ := strconv.Atoi(r.URL.Query().Get("after"))
		if after >= len(a.replies) {
			fmt.Fprint(w, "[]")
			return
		}
		w.Header().Set("X-Next", strconv.Itoa(after+1))
		_ = json.NewEncoder(w).Encode([]map[string]any{{"id": after, "from": "+33639980001", "text": a.replies[after]}})
	}
}

func (a *archive) took() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	all := a.asked
	a.asked = nil
	return all
}

func (a *archive) open(t *testing.T) connector.NewsPoller {
	t.Helper()
	return connector.CapabilitiesOf(openAt(t, fetched, a.URL, "", nil, func() time.Time {
		a.mu.Lock()
		defer a.mu.Unlock()
		return a.clock
	})).NewsPoller
}

// heard keeps what is told.
type heard struct {
	all  []string
	fail int // the nth is not stored; 0: all are
}

func (h *heard) take(news connector.News) error {
	if h.fail--; h.fail == 0 {
		return errors.New("the disk is full")
	}
	for i := range news.Receipts {
		h.all = append(h.all, news.Receipts[i].ProviderID+" "+string(news.Receipts[i].Status))
	}
	for i := range news.Inbounds {
		h.all = append(h.all, news.Inbounds[i].Text)
	}
	return nil
}

// A list is read page by page, from where the last round ended: what was not stored is asked for again.
func TestListsAreFetched(t *testing.T) {
	a := (&archive{pages: [][]string{{"a", "b"}, {"c"}}, replies: []string{"OUI", "NON"}}).start(t)
	p, h := a.open(t), &heard{fail: 4} // two replies and a page are stored
	cursor, err := p.PollNews(t.Context(), "", h.take)
	if err == nil || !slices.Equal(h.all, []string{"OUI", "NON", "a delivered", "b delivered"}) {
		t.Errorf("told %v, and %v", h.all, err)
	}
	if asked := a.took(); !slices.Equal(asked, []string{
		"/inbox?", "/inbox?after=1", "/inbox?after=2",
		"/reports?page=0&since=2026-02-28+10%3A50&until=2026-03-01+11%3A00", "/reports?page=1&since=2026-02-28+10%3A50&until=2026-03-01+11%3A00",
	}) {
		t.Errorf("asked %s", strings.Join(asked, "\n"))
	}
	a.clock = a.clock.Add(5 * time.Minute)
	h = &heard{}
	if cursor, err = p.PollNews(t.Context(), cursor, h.take); err != nil || !slices.Equal(h.all, []string{"c delivered"}) {
		t.Errorf("told %v, and %v", h.all, err)
	}
	if asked := a.took(); !slices.Equal(asked, []string{
		"/inbox?after=2", "/reports?page=1&since=2026-02-28+10%3A50&until=2026-03-01+11%3A00",
		"/reports?page=2&since=2026-02-28+10%3A50&until=2026-03-01+11%3A00",
	}) {
		t.Errorf("asked %s", strings.Join(asked, "\n"))
	}
	a.pages = nil
	if _, err = p.PollNews(t.Context(), cursor, h.take); err != nil {
		t.Error(err)
	}
	if asked := a.took(); len(asked) != 2 || asked[1] != "/reports?page=0&since=2026-03-01+10%3A50&until=2026-03-01+11%3A05" {
		t.Errorf("the next window is asked for by %v", asked)
	}
}

// An operator that gives the same page for ever costs a bounded number of calls, and its list comes to an end.
func TestAListWithoutEnd(t *testing.T) {
	a := (&archive{replies: slices.Repeat([]string{"OUI"}, 100)}).start(t)
	text := strings.Replace(fetched, `page = "{page}"`, `p = "{page}"`, 1) // which it does not know
	a.pages = [][]string{{"a"}}
	p := connector.CapabilitiesOf(openAt(t, text, a.URL, "", nil, func() time.Time { return a.clock })).NewsPoller
	h := &heard{}
	cursor, err := p.PollNews(t.Context(), "", h.take)
	if err != nil {
		t.Fatal(err)
	}
	if asked := a.took(); len(asked) != mostPages+2 {
		t.Errorf("%d calls in a round", len(asked))
	}
	if _, err := p.PollNews(t.Context(), cursor, h.take); err != nil {
		t.Fatal(err)
	}
	if asked := a.took(); asked[0] != "/inbox?after="+strconv.Itoa(mostPages) {
		t.Errorf("the next round begins with %s", asked[0])
	}
}

// lists is an operator whose lists are given by a function of how many calls came and of what was asked.
func lists(t *testing.T, text string, clock func() time.Time, answer func(call int, query url.Values) string) connector.NewsPoller {
	t.Helper()
	var calls atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, answer(int(calls.Add(1)), r.URL.Query()))
	}))
	t.Cleanup(server.Close)
	return connector.CapabilitiesOf(openAt(t, text, server.URL, "", nil, clock)).NewsPoller
}

// onlyReplies is an operator that tells of replies by one list.
func onlyReplies(list string) string {
	return fetched[:strings.Index(fetched, "[receipts]")] + "[replies]\neach = \"/items\"\nid = \"/id\"\nfrom = \"/from\"\ntext = \"/text\"\n" + list
}

// What an operator tells once is read until nothing is left, within a round.
func TestAListIsDrained(t *testing.T) {
	left := 120
	text := onlyReplies("[[replies.poll]]\npath = \"/inbox\"\nquery = { limit = \"50\" }\ndrained = true\n")
	p := lists(t, text, time.Now, func(int, url.Values) string {
		items := []map[string]any{}
		for ; left > 0 && len(items) < 50; left-- {
			items = append(items, map[string]any{"id": left, "from": "+33639980001", "text": "OUI"})
		}
		body, _ := json.Marshal(map[string]any{"items": items})
		return string(body)
	})
	h := &heard{}
	if _, err := p.PollNews(t.Context(), "", h.take); err != nil || len(h.all) != 120 {
		t.Errorf("told %d, left %d: %v", len(h.all), left, err)
	}
}

// A list that keeps what it told, though the declaration says that it does not, costs one call more.
func TestAListThatIsNotDrained(t *testing.T) {
	text, calls := onlyReplies("[[replies.poll]]\npath = \"/inbox\"\ndrained = true\n"), 0
	p := lists(t, text, time.Now, func(call int, _ url.Values) string {
		calls = call
		return `{"items":[{"id":1,"from":"+33639980001","text":"OUI"}]}`
	})
	if _, err := p.PollNews(t.Context(), "", (&heard{}).take); err != nil || calls != 2 {
		t.Errorf("%d calls: %v", calls, err)
	}
}

// A page of which the declaration wants nothing, or can read nothing, is not the last one.
func TestPagesWithoutNews(t *testing.T) {
	text := onlyReplies("where = { \"/direction\" = \"in\" }\n[[replies.poll]]\npath = \"/log\"\nquery = { since = \"{since}\", page = \"{page}\" }\nsince_format = \"unix\"\n")
	pages := map[string]string{
		"1": `{"items":[{"id":1,"direction":"out"},{"id":2,"direction":"out"}]}`,
		"2": `{"items":[{"id":3,"direction":"in","from":{}}]}`,
		"3": `{"items":[{"id":4,"direction":"in","from":"+33639980001","text":"STOP"}]}`,
	}
	p := lists(t, text, time.Now, func(_ int, q url.Values) string {
		if page, there := pages[q.Get("page")]; there {
			return page
		}
		return `{"items":[]}`
	})
	h := &heard{}
	if _, err := p.PollNews(t.Context(), "", h.take); err != nil || !slices.Equal(h.all, []string{"STOP"}) {
		t.Errorf("told %v: %v", h.all, err)
	}
}

// A cursor is of the window that it was given in, and an empty list ends a window whatever cursor comes with it.
func TestCursorsOfWindows(t *testing.T) {
	text := onlyReplies("[[replies.poll]]\npath = \"/log\"\nquery = { since = \"{since}\", after = \"{cursor}\" }\nnext = \"/next\"\nsince_format = \"unix\"\noverlap = \"0s\"\n")
	var asked []string
	now := time.Unix(1_772_000_000, 0)
	p := lists(t, text, func() time.Time { return now }, func(call int, q url.Values) string {
		asked = append(asked, q.Get("since")+" "+q.Get("after"))
		if q.Get("after") == "" {
			return fmt.Sprintf(`{"next":"c%d","items":[{"id":%d,"from":"+33639980001","text":"OUI"}]}`, call, call)
		}
		return fmt.Sprintf(`{"next":"c%d","items":[]}`, call)
	})
	h, cursor := &heard{}, ""
	for range 2 {
		var err error
		if cursor, err = p.PollNews(t.Context(), cursor, h.take); err != nil {
			t.Fatal(err)
		}
		now = now.Add(5 * time.Minute)
	}
	if want := []string{"1771913600 ", "1771913600 c1", "1772000000 ", "1772000000 c3"}; !slices.Equal(asked, want) || len(h.all) != 2 {
		t.Errorf("asked %q, told %v", asked, h.all)
	}
}

// Whatever is in a cursor, or in an answer, a poll goes on, and says what it could not read.
func TestHostileLists(t *testing.T) {
	for _, tc := range []struct {
		name, cursor, answer string
		told                 int
		fails                bool
	}{
		{"a cursor of another program", `{"receipts.0":7}`, `{"items":[{"id":"a","state":"ok"}]}`, 1, false},
		{"a moment that is still to come", `{"receipts.0":{"since":"2036-01-01T00:00:00Z"}}`, `{"items":[{"id":"a","state":"ok"}]}`, 1, false},
		{"no list", "", `{"items":{"id":"a"}}`, 0, true},
		{"no JSON", "", `<html>`, 0, true},
		{"elements that are none", "", `{"items":[1,null,"x",{"state":"ok"},{"id":"a","state":"ok"}]}`, 1, false},
		{"deep", "", strings.Repeat("[", 100_000), 0, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/inbox" || r.URL.Query().Get("page") != "0" {
					fmt.Fprint(w, map[bool]string{true: `[]`, false: `{"items":[]}`}[r.URL.Path == "/inbox"])
					return
				}
				fmt.Fprint(w, tc.answer)
			}))
			defer server.Close()
			now := time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)
			p := connector.CapabilitiesOf(openAt(t, fetched, server.URL, "", nil, func() time.Time { return now })).NewsPoller
			h := &heard{}
			next, err := p.PollNews(t.Context(), tc.cursor, h.take)
			if len(h.all) != tc.told || (err != nil) != tc.fails || !json.Valid([]byte(next)) {
				t.Errorf("told %v, then %v, from %s", h.all, err, next)
			}
			if err != nil && strings.Contains(err.Error(), "0123456789") {
				t.Errorf("%v shows the key", err)
			}
		})
	}
}

// The instance has what its declaration has.
func TestAbilitiesOfLists(t *testing.T) {
	d, err := Parse([]byte(fetched))
	if err != nil {
		t.Fatal(err)
	}
	if d.facts.PollEvery != 2*time.Minute {
		t.Errorf("it is asked every %s", d.facts.PollEvery)
	}
	can := connector.CapabilitiesOf(openAt(t, fetched, "http://127.0.0.1:1", "", nil, time.Now))
	if can.NewsPoller == nil || can.NewsParser != nil || can.Balancer != nil || can.Reconciler != nil || can.Checker == nil {
		t.Errorf("it can %v", can.Names())
	}
}

func TestMistakesOfLists(t *testing.T) {
	for _, tc := range []struct{ name, old, changed, key, why string }{
		{"a list of one thing", "each = \"/items\"\n", "", "receipts.each", string(whyMissing)},
		{"a list in XML", "each = \"/items\"", "body = \"xml\"", "receipts.body", string(whyPollJSON)},
		{"an answer in a text", `path = "/inbox"`, "path = \"/inbox\"\nanswers = \"text\"", "replies.poll[0].answers", string(whyPollJSON)},
		{"a text where no message is", `after = "{cursor}"`, `after = "{cursor}", text = "{text}"`, "replies.poll[0].query.text", string(whyPollMessage)},
		{"a page of a message", `text = "{text}"`, `text = "{text}", page = "{page}"`, "send.fields.page", string(whyPollName)},
		{"a secret in the address", `after = "{cursor}"`, `after = "{cursor}", key = "{key}"`, "replies.poll[0].query.key", string(whySecretURL)},
		{"a time without a form", "since_format = \"yyyy-MM-dd HH:mm\"\n", "", "receipts.poll[0].since_format", string(whyMissing)},
		{"a form of no time", `"yyyy-MM-dd HH:mm"`, `"%Y"`, "receipts.poll[0].since_format", string(whyTime)},
		{"a form of a time that is not asked", `next = "header:X-Next"`, "next = \"header:X-Next\"\nsince_format = \"unix\"", "replies.poll[0].since_format", string(whyIdleKey)},
		{"an overlap without end", `overlap = "10m"`, `overlap = "9000h"`, "receipts.poll[0].overlap", string(whySpan)},
		{"a first page of its own", `page_from = 0`, `page_from = 7`, "receipts.poll[0].page_from", string(whyPageFrom)},
		{"a cursor from nowhere", "next = \"header:X-Next\"\n", "", "replies.poll[0].next", string(whyMissing)},
		{"a list that is drained behind a cursor", `next = "header:X-Next"`, "next = \"header:X-Next\"\ndrained = true", "replies.poll[0].drained", string(whyIdleKey)},
		{"two ways on", `after = "{cursor}"`, `after = "{cursor}", page = "{page}"`, "replies.poll[0].next", string(whyPollTwo)},
		{"a rule of a list", `next = "header:X-Next"`, "next = \"header:X-Next\"\nid = \"/id\"", "replies.poll[0].id", string(whyIdleKey)},
		{"more often than any operator takes", `poll_every = "2m"`, `poll_every = "1s"`, "poll_every", string(whySpan)},
		{"a push that has no path", "each = \"/items\"", "each = \"/items\"\nmethod = \"GET\"", "receipts.method", string(whyIdleKey)},
		{"nothing to fetch", fetched[strings.Index(fetched, "[[replies.poll]]"):], "", "replies.path", string(whyPath)},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if !strings.Contains(fetched, tc.old) {
				t.Fatalf("nothing to change: %s", tc.old)
			}
			_, err := Parse([]byte(strings.Replace(fetched, tc.old, tc.changed, 1)))
			joined, ok := err.(interface{ Unwrap() []error })
			if !ok {
				t.Fatalf("it is taken: %v", err)
			}
			for _, one := range joined.Unwrap() {
				if m := one.(*MistakeError); m.Key == tc.key && string(m.Reason.Code) == tc.why { //nolint:errorlint // Parse joins them as they are
					return
				}
			}
			t.Errorf("want %s of %s, got %v", tc.why, tc.key, err)
		})
	}
}
