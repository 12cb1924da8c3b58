package brevo_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"relais/auth"
	"relais/door/brevo"
	"relais/door/ovh"
	"relais/search"
	"relais/sms"
)

// hiding reads as after a retention that hid every number.
type hiding struct{ brevo.Reader }

func (h hiding) Search(ctx context.Context, q search.Query) ([]sms.Message, bool, error) {
	found, more, err := h.Reader.Search(ctx, q)
	for i := range found {
		found[i].To = sms.NoNumber + "k3x"
	}
	return found, more, err
}

// TestHiddenNumbers: a pseudonym is no telephone number, and in no list; reports count the message.
func TestHiddenNumbers(t *testing.T) {
	h := open(t, func(o *brevo.Options) { o.Reader = hiding{o.Reader} })
	ask(t, h, key, http.MethodPost, sendPath, good(t))
	if a := ask(t, h, key, http.MethodGet, eventsPath, ""); a.Body != "{\"events\":[]}\n" {
		t.Errorf("%d %s", a.Status, a.Body)
	}
	if a := ask(t, h, key, http.MethodGet, "/v3/transactionalSMS/statistics/aggregatedReport", ""); a.fields["requests"] != 1.0 {
		t.Errorf("%d %s", a.Status, a.Body)
	}
}

// numberless cannot read the numbers of messages.
type numberless struct{ brevo.Reader }

func (numberless) OVHNumbers(context.Context, string, []sms.ID) ([]ovh.Numbered, error) {
	return nil, errors.New("no numbers")
}

// TestNoNumber: a message whose number cannot be read is taken, and has no id rather than that of all such.
func TestNoNumber(t *testing.T) {
	h := open(t, func(o *brevo.Options) { o.Reader = numberless{o.Reader} })
	for _, path := range []string{sendPath, "/v3/transactionalSMS/send"} {
		if a := ask(t, h, key, http.MethodPost, path, good(t)); a.Status != 201 || strings.Contains(a.Body, "messageId") {
			t.Errorf("%s: %d %s", path, a.Status, a.Body)
		}
	}
}

// TestAKeyIsItsCallers: nobody gets the answer of another caller of the account.
func TestAKeyIsItsCallers(t *testing.T) {
	h := open(t)
	api := h.Key(t, "town", auth.KeyLimits{})
	first := ask(t, h, key, http.MethodPost, sendPath, good(t), "Idempotency-Key", "order-7")
	other := ask(t, h, api, http.MethodPost, sendPath, good(t), "Idempotency-Key", "order-7")
	if first.Status != 201 || other.Status != 400 || other.fields["code"] != "duplicate_parameter" {
		t.Errorf("%d %s, then %d %s", first.Status, first.Body, other.Status, other.Body)
	}
}

// TestListsHaveASpan: without dates a list looks at the last 30 days, and not at all that the account has.
func TestListsHaveASpan(t *testing.T) {
	var asked search.Query
	h := open(t, func(o *brevo.Options) { o.Reader = spying{o.Reader, &asked} })
	from, to := time.Now().AddDate(0, 0, -31), time.Now().AddDate(0, 0, -27) // whole days, of another zone
	if a := ask(t, h, key, http.MethodGet, eventsPath, ""); a.Status != 200 || asked.Since.Before(from) || asked.Since.After(to) {
		t.Errorf("%d %s: since %v", a.Status, a.Body, asked.Since)
	}
}

// spying tells what is searched for.
type spying struct {
	brevo.Reader
	asked *search.Query
}

func (s spying) Search(ctx context.Context, q search.Query) ([]sms.Message, bool, error) {
	*s.asked = q
	return s.Reader.Search(ctx, q)
}
