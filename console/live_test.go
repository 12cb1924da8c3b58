package console_test

import (
	"bufio"
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"relais/auth"
	"relais/client"
	"relais/console/consoletest"
)

// listen opens a stream of somebody, whose lines come by a channel.
func listen(t *testing.T, w *consoletest.World, b *consoletest.Browser, topics string) (http.Header, <-chan string) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, w.App.URL()+"/console/live?topics="+topics, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := (&http.Client{Jar: b.Cookies()}).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { answer.Body.Close() })
	lines := make(chan string, 100)
	go func() {
		defer close(lines)
		for s := bufio.NewScanner(answer.Body); s.Scan(); {
			lines <- s.Text()
		}
	}()
	return answer.Header, lines
}

// TestLive tells what changes, without what it says, and nothing of another account.
func TestLive(t *testing.T) {
	w := consoletest.Start(t, "")
	if err := w.Store.AddAccount(t.Context(), auth.Account{Name: "other", CreatedAt: time.Now()}); err != nil {
		t.Fatal(err)
	}
	w.User("claire", auth.Grant{Account: "sandbox", Role: auth.Agent})
	w.User("rose", auth.Grant{Account: "sandbox", Role: auth.Reader})
	w.User("otto", auth.Grant{Account: "other", Role: auth.Agent})
	claire, rose, otto := w.SignedIn("fr", "claire"), w.SignedIn("fr", "rose"), w.SignedIn("fr", "otto")
	for topics, want := range map[string]int{"": 400, "nonsense": 400, "message": 400, "message:x": 400, "handsets": 403, "held": 403} {
		if p := rose.Get("/console/live?topics=" + topics); p.Status != want {
			t.Errorf("%q: %d, want %d", topics, p.Status, want)
		}
	}
	if p := claire.Get("/console/live?topics=messages&since=x"); p.Status != http.StatusBadRequest {
		t.Errorf("a number that is none: %d", p.Status)
	}
	header, lines := listen(t, w, claire, "messages")
	for name, want := range map[string]string{
		"Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no",
	} {
		if got := header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	_, foreign := listen(t, w, otto, "messages,home,inbox")
	sent, err := w.API.Submit(t.Context(), client.SubmitRequest{To: []string{"+33639980001"}, Text: "Secret de Claire"})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for late := time.After(20 * time.Second); !strings.Contains(strings.Join(got, "\n"), "data: message "+sent.Messages[0].ID); {
		select {
		case line := <-lines:
			got = append(got, line)
		case <-late:
			t.Fatalf("no event: %q", got)
		}
	}
	for _, line := range got {
		if strings.Contains(line, "639980001") || strings.Contains(line, "Secret") {
			t.Errorf("the stream has what a person must not see: %s", line)
		}
	}
	if p := claire.Get("/console/messages"); !p.Has(`data-follow="messages"`, `data-list="message"`, "Arrêter les mises à jour") {
		t.Errorf("the page does not say what to follow: %s", p.HTML)
	}
	if p := claire.Post("/console/preferences", "live", "off", "next", "/console/messages"); !p.Has("data-off", "Mettre les pages à jour") {
		t.Errorf("the switch does nothing: %s", p.HTML)
	}
	<-time.After(time.Second)
	for done := false; !done; {
		select {
		case line := <-foreign:
			if strings.HasPrefix(line, "data: ") && line != "data: " {
				t.Errorf("another account is told: %s", line)
			}
		default:
			done = true
		}
	}
}

// TestAStopEndsStreams is not held up by pages that are open.
func TestAStopEndsStreams(t *testing.T) {
	w := consoletest.Start(t, "")
	w.User("claire", auth.Grant{Account: "sandbox", Role: auth.Agent})
	_, lines := listen(t, w, w.SignedIn("fr", "claire"), "home")
	<-lines
	begun := time.Now()
	if err := w.App.Stop(context.WithoutCancel(t.Context())); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(begun); took > 3*time.Second {
		t.Errorf("a stop with a stream takes %v", took)
	}
	for range lines { // until it ends
	}
}
