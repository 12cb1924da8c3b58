package jasmin_test

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"
)

// batchTold is what a batch was answered.
type batchTold struct {
	Data struct {
		BatchID      string
		MessageCount int
		Scheduled    string
		Refused      []struct{ To, Message string }
	}
	Message string
}

func (h *house) batch(t *testing.T, body string, header ...string) (told batchTold, status int) {
	t.Helper()
	got := h.rest(t, http.MethodPost, "/secure/sendbatch", body, header...)
	if err := json.Unmarshal([]byte(got.body), &told); err != nil {
		t.Fatalf("%s: %v", got.body, err)
	}
	return told, got.status
}

func TestBatch(t *testing.T) {
	h := open(t)
	const body = `{
		"globals": {"from": "Brand2", "dlr-level": 3, "dlr": "yes", "dlr_url": "https://town.example/dlr"},
		"messages": [
			{"from": "Brand1", "to": ["33639980001", "33639980002", 33639980003], "content": "First"},
			{"to": 33639980004, "hex_content": "0623063106460628", "coding": 8},
			{"to": "33639980005"}, {"content": "Nobody"}, {"to": "12", "content": "Short"}, {"to": ["33639980006", "abc"], "content": "Half"}
		]}`
	told, status := h.batch(t, body, "Idempotency-Key", "batch-1")
	if status != http.StatusOK || told.Data.MessageCount != 4 || len(told.Data.BatchID) != 36 {
		t.Fatalf("%d %+v", status, told)
	}
	var refused []string
	for _, r := range told.Data.Refused {
		if !strings.HasPrefix(r.Message, `Error "`) {
			t.Errorf("%+v", r)
		}
		refused = append(refused, r.To)
	}
	if got := strings.Join(refused, " "); got != "33639980005  33639980006 abc +12" {
		t.Errorf("refused %q", got)
	}
	stored := h.stored(t, "town")
	if len(stored) != 4 {
		t.Fatalf("%d are stored", len(stored))
	}
	for i := range stored {
		m := &stored[i]
		want := map[bool]string{true: "Brand2", false: "Brand1"}[m.To == "+33639980004"]
		if string(m.Sender) != want || m.Metadata["jasmin-batch"] != told.Data.BatchID || m.Metadata["jasmin-dlr-level"] != "3" {
			t.Errorf("%+v", m)
		}
	}
	again, status := h.batch(t, body, "Idempotency-Key", "batch-1")
	if status != http.StatusOK || again.Data.BatchID != told.Data.BatchID || again.Data.MessageCount != 4 || len(h.stored(t, "town")) != 4 {
		t.Errorf("again: %d %+v", status, again)
	}
}

func TestBatchLater(t *testing.T) {
	h := open(t)
	const messages = `"messages": [{"to": "33639980001", "content": "Later"}]`
	at := time.Now().UTC().Add(time.Hour).Truncate(time.Second)
	for schedule, want := range map[string]time.Duration{"3600s": time.Hour, at.Format(time.DateTime): time.Hour} {
		told, status := h.batch(t, `{"batch_config": {"schedule_at": "`+schedule+`"}, `+messages+`}`)
		seconds, err := strconv.Atoi(strings.TrimSuffix(told.Data.Scheduled, "s"))
		if status != http.StatusOK || err != nil || seconds < 3000 || seconds > 3600 {
			t.Fatalf("%s: %d %+v", schedule, status, told)
		}
		if m := h.last(t); m.DueAt.Sub(m.AcceptedAt).Round(10*time.Minute) != want {
			t.Errorf("%s: due %s after %s", schedule, m.DueAt, m.AcceptedAt)
		}
	}
	before := len(h.stored(t, "town"))
	for body, want := range map[string]int{
		`{"batch_config": {"schedule_at": "soon"}, ` + messages + `}`:                   http.StatusPreconditionFailed,
		`{"batch_config": {"schedule_at": "2020-01-01 00:00:00"}, ` + messages + `}`:    http.StatusPreconditionFailed,
		`{"batch_config": {"callback_url": "https://town.example/"}, ` + messages + `}`: http.StatusBadRequest,
		`{"messages": []}`: http.StatusBadRequest, `{}`: http.StatusBadRequest, `[]`: http.StatusPreconditionFailed, ``: http.StatusPreconditionFailed,
		`{"messages": [{"to": "12", "content": "x"}]}`:                                                                                http.StatusBadRequest,
		`{"messages": [{"to": "33139980001", "content": "x"}]}`:                                                                       http.StatusForbidden,
		`{"messages": [` + strings.Repeat(`{"to": "33639980001", "content": "x"},`, 1000) + `{"to": "33639980001", "content": "x"}]}`: http.StatusBadRequest,
	} {
		if told, status := h.batch(t, body); status != want || told.Message == "" {
			t.Errorf("%s: %d %+v, want %d", body[:min(len(body), 80)], status, told, want)
		}
	}
	if n := len(h.stored(t, "town")); n != before {
		t.Errorf("%d are stored, of refused batches too", n)
	}
}
