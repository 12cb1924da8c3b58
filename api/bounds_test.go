package api_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"relais/api"
	"relais/gateway"
	"relais/inbox"
	"relais/search"
	"relais/sms"
)

// slow is a database whose searches end when they are given up.
type slow struct{ api.Reader }

func (slow) Search(ctx context.Context, _ search.Query) ([]sms.Message, bool, error) {
	<-ctx.Done()
	return nil, false, ctx.Err()
}

func (slow) Inbounds(ctx context.Context, _ inbox.InboundQuery) ([]inbox.Inbound, bool, error) {
	<-ctx.Done()
	return nil, false, ctx.Err()
}

// held is a database whose whole lists wait for somebody.
type held struct {
	api.Reader

	entered, resume chan struct{}
}

func (s held) OptOuts(ctx context.Context, q inbox.OptOutQuery) ([]inbox.OptOut, bool, error) {
	if q.Limit == 1000 {
		s.entered <- struct{}{}
		<-s.resume
	}
	return s.Reader.OptOuts(ctx, q)
}

// TestSearchIsGivenUp: what takes too long is refused with what to narrow, and not as
// something that passes.
func TestSearchIsGivenUp(t *testing.T) {
	d := open(t, func(_ *gateway.Options, a *api.Options) {
		a.Reader, a.SearchTime = slow{a.Reader}, time.Millisecond
	})
	r := get("/v1/messages?class=marketing")
	got := d.do(r)
	if got.problem(http.StatusUnprocessableEntity, "search_slow"); got.Header.Get("Retry-After") != "" {
		t.Error("the caller is told to send again what takes as long")
	}
	golden(t, "search slow", transcript(r)+got.transcript())
	d.get("/v1/inbound?connector=ovh").problem(http.StatusUnprocessableEntity, "search_slow")

	french := withHeader(r, "Accept-Language", "fr")
	golden(t, "search slow in french", transcript(french)+d.do(french).transcript())
}

// TestSearchThatTheCallerGaveUp is no search that was too slow.
func TestSearchThatTheCallerGaveUp(t *testing.T) {
	d := open(t, func(_ *gateway.Options, a *api.Options) {
		a.Reader, a.SearchTime = slow{a.Reader}, time.Hour
	})
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	d.send(get("/v1/messages").http(gone, "http://relais.example")).
		problem(http.StatusServiceUnavailable, "storage_unavailable")
}

// TestExportsAreBounded: while four are written the next one is put off, of whatever kind,
// and refusals take no place.
func TestExportsAreBounded(t *testing.T) {
	s := held{entered: make(chan struct{}), resume: make(chan struct{})}
	d := open(t, func(_ *gateway.Options, a *api.Options) {
		s.Reader = a.Reader
		a.Reader = s
	})
	for range 6 {
		d.get("/v1/people/nobody/export").problem(http.StatusUnprocessableEntity, "invalid_parameter")
	}
	answers := make(chan int, 4)
	r := get("/v1/opt-outs.csv")
	for range 4 {
		go func() { answers <- d.do(r).StatusCode }()
	}
	for range 4 {
		<-s.entered
	}
	got := d.do(r)
	if got.problem(http.StatusTooManyRequests, "exports_many"); got.Header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	golden(t, "exports many", transcript(r)+got.transcript())
	d.get("/v1/people/+33639980001/export").problem(http.StatusTooManyRequests, "exports_many")
	close(s.resume)
	for range 4 {
		if status := <-answers; status != http.StatusOK {
			t.Errorf("an export that was under way: %d", status)
		}
	}
	go func() { <-s.entered }()
	if status := d.do(r).StatusCode; status != http.StatusOK {
		t.Errorf("after them: %d", status)
	}
	if status := d.get("/v1/people/+33639980001/export").StatusCode; status != http.StatusOK {
		t.Errorf("a person after them: %d", status)
	}
}
