package lane

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"relais/connector"
	"relais/reason"
	"relais/sms"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func sending(n int) []sms.Message {
	batch := make([]sms.Message, n)
	for i := range batch {
		batch[i] = sms.Message{
			ID: sms.NewID(noon), Account: "default", To: "+33639980001", Class: sms.Transactional,
			Status: sms.Submitting, Attempt: 1, ExpiresAt: noon.Add(time.Hour),
		}
	}
	return batch
}

func TestSettle(t *testing.T) {
	fault := func(f connector.Fault) error {
		return &connector.Error{
			Fault: f, Code: "X1", Detail: "in words",
		}
	}
	for _, tc := range []struct {
		name   string
		err    error
		to     sms.Status
		code   string
		refund bool
	}{
		{"taken", nil, sms.Submitted, "operator_accepted", false},
		{"unclassified", errors.New("answer cut"), sms.Uncertain, "no_clear_answer", false},
		{"uncertain", fault(connector.Uncertain), sms.Uncertain, "no_clear_answer", false},
		{"temporary", fault(connector.Temporary), sms.Queued, "retry", false},
		{"throttled", fault(connector.Throttled), sms.Queued, "throttled", true},
		{"blocked", fault(connector.Blocked), sms.Queued, "connector_blocked", true},
		{"rejected", fault(connector.Rejected), sms.Rejected, "operator_rejected", false},
		{"wrapped", fmt.Errorf("submit: %w", fault(connector.Rejected)), sms.Rejected, "operator_rejected", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			batch := sending(2)
			outcomes := []connector.Outcome{{ProviderID: "7", Err: tc.err}, {ProviderID: "8"}}
			got := settle("ovh", batch, outcomes, nil, noon)
			if got[0].To != tc.to || got[0].Event.Code != tc.code || got[0].Refund != tc.refund {
				t.Errorf("settled to %s (%s), refund %v; want %s (%s), %v",
					got[0].To, got[0].Event.Code, got[0].Refund, tc.to, tc.code, tc.refund)
			}
			if got[1].To != sms.Submitted || got[1].ProviderID != "8" {
				t.Errorf("the other message became %s with id %q, want submitted with 8",
					got[1].To, got[1].ProviderID)
			}
			for i, tr := range got {
				if !tr.From.CanBecome(tr.To) || tr.ID != batch[i].ID || tr.Event.Status != tr.To ||
					tr.Event.Actor != "lane:ovh" || !tr.Event.At.Equal(noon) || tr.Event.Attempt != 1 {
					t.Errorf("transition %d = %+v", i, tr)
				}
			}
			if _, classified := errors.AsType[*connector.Error](tc.err); classified &&
				!strings.Contains(got[0].Event.Detail.In(reason.English), "[X1] in words") {
				t.Errorf("detail = %q, want the operator's code and words",
					got[0].Event.Detail.In(reason.English))
			}
		})
	}
}

func TestSettleErrorOfTheCallStandsForAll(t *testing.T) {
	for _, tr := range settle("ovh", sending(3), nil, errors.New("reset"), noon) {
		if tr.To != sms.Uncertain {
			t.Errorf("settled to %s, want uncertain", tr.To)
		}
	}
}

func TestSettleWrongCountOfOutcomesIsDoubt(t *testing.T) {
	for _, tr := range settle("ovh", sending(3), []connector.Outcome{{ProviderID: "1"}}, nil, noon) {
		if tr.To != sms.Uncertain || tr.ProviderID != "" {
			t.Errorf("settled to %s with id %q, want uncertain without", tr.To, tr.ProviderID)
		}
	}
}

func TestSettleRefusedBatchIsSentApart(t *testing.T) {
	refused := &connector.Error{Fault: connector.Rejected, Code: "BEANPARAMETER_REQUIRED"}
	for _, tr := range settle("sfr", sending(2), nil, refused, noon) {
		if tr.To != sms.Queued || !tr.Solo || !tr.Refund || tr.Event.Code != "batch_refused" {
			t.Errorf("settled to %s (%s), solo %v, refund %v", tr.To, tr.Event.Code, tr.Solo, tr.Refund)
		}
	}
	if tr := settle("sfr", sending(1), nil, refused, noon)[0]; tr.To != sms.Rejected || tr.Solo {
		t.Errorf("one message refused became %s, want rejected", tr.To)
	}
}

func TestRetryEndsWithTheValidity(t *testing.T) {
	batch := sending(1)
	batch[0].ExpiresAt = noon.Add(time.Second)
	temporary := &connector.Error{Fault: connector.Temporary}
	if tr := settle("ovh", batch, nil, temporary, noon)[0]; tr.To != sms.Expired ||
		tr.Event.Code != "validity_over" {
		t.Errorf("settled to %s (%s), want expired (validity_over)", tr.To, tr.Event.Code)
	}
}

func TestBackoff(t *testing.T) {
	m := sms.Message{Class: sms.Transactional}
	var waits []time.Duration
	for m.Attempt = 1; m.Attempt <= 12; m.Attempt++ {
		waits = append(waits, backoff(&m))
	}
	s := time.Second
	want := []time.Duration{
		2 * s, 4 * s, 8 * s, 16 * s, 32 * s, 64 * s, 128 * s, 256 * s, 512 * s, 900 * s, 900 * s, 900 * s,
	}
	if diff := cmp.Diff(want, waits); diff != "" {
		t.Errorf("waits without jitter (-want +got):\n%s", diff)
	}
	m.Attempt, m.ID[14] = 1, 255
	if got := backoff(&m); got != 2400*time.Millisecond {
		t.Errorf("longest jitter = %v, want 2.4s", got)
	}
	m.Class = sms.OTP
	m.Attempt, m.ID[14] = 100, 0
	if got := backoff(&m); got != maxBackoffOTP {
		t.Errorf("longest wait of a code = %v, want %v", got, maxBackoffOTP)
	}
}
