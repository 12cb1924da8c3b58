package kannel_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"testing"
	"time"

	"relais/sms"
)

// postForm sends a form.
func (h *house) postForm(t *testing.T, form string) (int, string) {
	t.Helper()
	const patience = time.Minute
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, h.url, strings.NewReader(form))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(body)
}

// TestManyReceiversAreRefusedSoon: the time grows with their number, not with its
// square.
func TestManyReceiversAreRefusedSoon(t *testing.T) {
	h := open(t)
	var form strings.Builder
	form.WriteString("username=tester&password=foobar&text=Bonjour&to=")
	for i := range 700_000 {
		fmt.Fprintf(&form, "+%08d", i)
	}
	status, body := h.postForm(t, form.String())
	if status != http.StatusBadRequest || !strings.Contains(body, "recipients") {
		t.Errorf("%d %q", status, body)
	}
}

// TestUnknownNamesAreNotKept: whoever has no password cannot fill the memory.
func TestUnknownNamesAreNotKept(t *testing.T) {
	h := open(t)
	var form strings.Builder
	for i := range 1_000_000 {
		fmt.Fprintf(&form, "a%d=&", i)
	}
	form.WriteString("username=nobody")
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	status, body := h.postForm(t, form.String())
	runtime.ReadMemStats(&after)
	if status != http.StatusForbidden {
		t.Errorf("%d %q", status, body)
	}
	const most = 100 << 20
	if took := after.TotalAlloc - before.TotalAlloc; took > most {
		t.Errorf("a form of %d bytes took %d", form.Len(), took)
	}
}

// TestHostOfReportsIsPlain: escapes are filled behind the host only, so that what
// was judged is what is called.
func TestHostOfReportsIsPlain(t *testing.T) {
	for _, address := range []string{
		"http://example.org%C3%A9/%d", "http://[::1%25lo]/", "http://169.254.169.254/",
		"http://[::ffff:169.254.169.254]/", "http://localhost./",
		"http://[64:ff9b::7f00:1]/", "http://user:pass@127.0.0.1/", "http://a@b@127.0.0.1/",
		`http://example.org\@127.0.0.1/`, "http://2130706433/",
		"http://0x7f.1/", "http:///x", "http://example.org:0/", "HTTP://127.0.0.1/", "http://example.org%P/",
		"//example.org/", "gopher://example.org/",
	} {
		h := open(t)
		status, body := h.get(t, good+"&dlr-mask=31&dlr-url="+url.QueryEscape(address))
		if status != http.StatusBadRequest || !strings.HasPrefix(body, "DLR-URL field misformed, rejected") {
			t.Errorf("%s: %d %q", address, status, body)
		}
		if found, err := h.store.Endpoints(t.Context(), account); err != nil || len(found) != 0 {
			t.Errorf("%s: endpoints %+v, %v", address, found, err)
		}
	}
}

// TestBacklogIsTemporal: what is not on disk is never 202.
func TestBacklogIsTemporal(t *testing.T) {
	h := open(t)
	var to strings.Builder
	for i := range 100 {
		fmt.Fprintf(&to, "+%%2B336399800%02d", i)
	}
	for range 10 {
		if status, body := h.get(
			t, "username=tester&password=foobar&text=Bonjour&to="+to.String(),
		); status != http.StatusAccepted {
			t.Fatalf("%d %q", status, body)
		}
	}
	if status, body := h.get(t, good); status != http.StatusServiceUnavailable ||
		body != "Temporal failure, try again later." {
		t.Errorf("%d %q", status, body)
	}
}

// TestNoDiskIsTemporal: neither with a report nor without.
func TestNoDiskIsTemporal(t *testing.T) {
	h := open(t)
	if err := h.store.Close(); err != nil {
		t.Fatal(err)
	}
	for _, query := range []string{good, good + "&dlr-mask=1&dlr-url=http://example.org/"} {
		if status, body := h.get(t, query); status != http.StatusServiceUnavailable ||
			body != "Temporal failure, try again later." {
			t.Errorf("%d %q", status, body)
		}
	}
}

func TestLargeBodyIsRefused(t *testing.T) {
	h := open(t)
	status, body := h.postForm(t, "text="+strings.Repeat("a", 10<<20)+"&"+good)
	if status != http.StatusRequestEntityTooLarge {
		t.Errorf("%d %q", status, body)
	}
}

// TestParametersThatContradict: of two values the first counts, the longer name
// before the shorter one, and what comes in the address before the form.
func TestParametersThatContradict(t *testing.T) {
	h := open(t)
	for query, want := range map[string]int{
		"password=bad&" + good: http.StatusForbidden, good + "&password=bad": http.StatusAccepted,
		"pass=bad&" + good: http.StatusAccepted, "user=nobody&" + good: http.StatusAccepted,
		"%70assword=bad&" + good: http.StatusForbidden, "Password=bad&" + good: http.StatusAccepted,
		good + "&account=a%0Ab": http.StatusBadRequest, good + "&account=%5Ba%5D": http.StatusBadRequest,
		good + "&binfo=a%00b": http.StatusBadRequest, good + "&from=%FF": http.StatusBadRequest,
	} {
		if status, body := h.get(t, query); status != want {
			t.Errorf("%s: %d %q, want %d", query, status, body, want)
		}
	}
}

// TestUserDecides: national numbers, the class of urgent messages, the sender, and
// no password in the endpoint.
func TestUserDecides(t *testing.T) {
	h := open(t)
	// no French number
	for user, want := range map[string]int{"home": http.StatusBadRequest, "tester": http.StatusAccepted} {
		if status, body := h.get(
			t, "username="+user+"&password=foobar&to=32470123456&text=a&from=Town",
		); status != want {
			t.Errorf("%s: %d %q", user, status, body)
		}
	}
	if status, body := h.get(t, "username=home&password=foobar&to=0639980001&text=a&from=Town&dlr-mask=1&dlr-url=http://user:secret@example.org/%25d"); status != http.StatusAccepted {
		t.Errorf("%d %q", status, body)
	}
	if status, body := h.get(
		t, "username=forced&password=foobar&to=0639980002&text=a&priority=2",
	); status != http.StatusAccepted {
		t.Errorf("%d %q", status, body)
	}
	for _, m := range h.stored(t) {
		national := (m.To == "+33639980001" || m.To == "+32470123456") && m.Sender == "Town"
		ordinary := m.To == "+33639980002" && m.Sender == "Mairie" && m.Class == sms.Marketing
		if !national && !ordinary {
			t.Errorf("stored %+v", m)
		}
	}
	endpoints, err := h.store.Endpoints(t.Context(), account)
	if err != nil || len(endpoints) != 1 || endpoints[0].URL != "http://example.org/" {
		t.Errorf("endpoints %+v, %v", endpoints, err)
	}
}

// TestTimesCountFromNow: the validity of a message for later is what is left of it.
func TestTimesCountFromNow(t *testing.T) {
	h := open(t)
	if status, body := h.get(t, good+"&deferred=60&validity=90"); status != http.StatusAccepted {
		t.Fatalf("%d %q", status, body)
	}
	m := h.stored(t)[0]
	if wait := m.DueAt.Sub(m.AcceptedAt).Round(time.Minute); wait != time.Hour ||
		m.ExpiresAt.Sub(m.DueAt) != 30*time.Minute {
		t.Errorf("waits %s, then valid for %s", wait, m.ExpiresAt.Sub(m.DueAt))
	}
}

// TestARefusedMessageLeavesNoEndpoint: else whoever has a password fills the list of webhooks for nothing.
func TestARefusedMessageLeavesNoEndpoint(t *testing.T) {
	h := open(t)
	asks := "&dlr-mask=31&dlr-url=http://example.org/%25d"
	refused := strings.Replace(good, "%2B33639980001", "%2B33123", 1) + asks
	if status, body := h.get(t, refused); status < 400 {
		t.Fatalf("%d %q", status, body)
	}
	if endpoints, err := h.store.Endpoints(t.Context(), account); err != nil || len(endpoints) != 0 {
		t.Errorf("endpoints %+v, %v", endpoints, err)
	}
	if status, body := h.get(t, good+asks); status != http.StatusAccepted {
		t.Fatalf("%d %q", status, body)
	}
	if endpoints, err := h.store.Endpoints(t.Context(), account); err != nil || len(endpoints) != 1 {
		t.Errorf("endpoints of a message that was taken: %+v, %v", endpoints, err)
	}
}

// TestReportsNobodyAskedFor: an address without a mask is not kept, and makes no
// endpoint.
func TestReportsNobodyAskedFor(t *testing.T) {
	h := open(t)
	for _, mask := range []string{"", "&dlr-mask=0", "&dlr-mask=-1", "&dlr-mask=x"} {
		if status, body := h.get(
			t, good+"&dlr-url=http://example.org/%25d"+mask,
		); status != http.StatusAccepted {
			t.Errorf("%s: %d %q", mask, status, body)
		}
	}
	for _, m := range h.stored(t) {
		if len(m.Metadata) != 1 {
			t.Errorf("metadata %v", m.Metadata)
		}
	}
	if endpoints, err := h.store.Endpoints(t.Context(), account); err != nil || len(endpoints) != 0 {
		t.Errorf("endpoints %+v, %v", endpoints, err)
	}
}
