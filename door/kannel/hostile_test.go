package kannel_test

import (
	"context"
	"fmt"
	"net/http"
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
