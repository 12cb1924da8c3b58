package kannel_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"testing"
	"time"
)

// postForm sends a form, and waits no longer than a client would.
func (h *house) postForm(t *testing.T, form string) (int, string) {
	t.Helper()
	const patience = 20 * time.Second
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
	body := make([]byte, 200)
	n, _ := answer.Body.Read(body) //nolint:errcheck // what has come is compared
	return answer.StatusCode, string(body[:n])
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
		"http://example.org%C3%A9/%d", "http://[::1%25lo]/", "http://169.254.169.254/", "http://[::ffff:169.254.169.254]/", "http://localhost./",
		"http://[64:ff9b::7f00:1]/", "http://user:pass@127.0.0.1/", "http://a@b@127.0.0.1/", `http://example.org\@127.0.0.1/`, "http://2130706433/",
		"http://0x7f.1/", "http:///x", "http://example.org:0/", "HTTP://127.0.0.1/", "http://example.org%P/", "//example.org/", "gopher://example.org/",
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
