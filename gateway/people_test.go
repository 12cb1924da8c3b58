package gateway_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"relais/connector"
	"relais/gateway"
	"relais/lane"
	"relais/person"
	"relais/reason"
	"relais/search"
	"relais/sms"
)

// people is a gateway that sends nothing yet.
func people(t *testing.T) *line {
	t.Helper()
	l := prepareOptions(t, t.TempDir(), map[string]*operator{"ovh": {}}, connector.Facts{}, func(s gateway.Store) gateway.Store {
		return s
	},
		func(o *gateway.Options) {
			o.Pseudonym = func(account string, n sms.Number) string { return account + string(n[len(n)-2:]) }
		})
	t.Cleanup(func() { l.stop(t) })
	return l
}

var someone = person.Request{Account: "default", Number: "+33639980001", Actor: "api:desk"}

func searched(t *testing.T, l *line, q search.Query) []sms.Message {
	t.Helper()
	q.Account, q.Limit = "default", 1000
	found, _, err := l.store.Search(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestErasureWaitsForMessagesToEnd(t *testing.T) {
	l := people(t)
	l.submit(t, gateway.Submission{})
	claimed, err := l.store.Claim(t.Context(),
		lane.Claim{Connector: "ovh", Calls: 1, Batch: 1, Now: searched(t, l, search.Query{})[0].DueAt})
	if err != nil || len(claimed.Calls) != 1 {
		t.Fatalf("claimed %+v, %v", claimed, err)
	}
	l.submit(t, gateway.Submission{})
	for _, tc := range []struct {
		name   string
		cancel bool
		want   []string
	}{
		{"as they are", false, []string{"1 queued, 1 submitting", "Nothing was erased"}},
		{"those that wait are canceled", true, []string{": 1 submitting.", "1 were canceled"}},
	} {
		r := someone
		r.Cancel = tc.cancel
		_, err := l.Persons.ErasePerson(t.Context(), r)
		refusal, ok := errors.AsType[*gateway.Error](err)
		if !ok || refusal.Kind != gateway.Conflict || !refusal.Is("person_waiting") {
			t.Fatalf("%s: %v, want a refusal", tc.name, err)
		}
		for _, want := range tc.want {
			if !strings.Contains(refusal.In(reason.English), want) {
				t.Errorf("%s: %q does not say %q", tc.name, refusal.In(reason.English), want)
			}
		}
	}
	if found := searched(t, l, search.Query{To: someone.Number}); len(found) != 2 || found[0].Text == "" {
		t.Errorf("%d messages, want both as they were", len(found))
	}
	if entries, _, err := l.store.Audit(t.Context(), person.AuditQuery{
		Account: "default", Limit: 10,
	}); err != nil || len(entries) != 0 {
		t.Errorf("audit %+v, %v; want none of what was not done", entries, err)
	}
}

// TestErasureOfMany takes more than one step, and leaves one entry.
func TestErasureOfMany(t *testing.T) {
	l := people(t)
	const many = 450
	for range many {
		l.submit(t, gateway.Submission{})
	}
	other := l.submit(t, gateway.Submission{To: []string{"0639980002"}})[0]
	r := someone
	r.Cancel = true
	done, err := l.Persons.ErasePerson(t.Context(), r)
	if err != nil || done.Messages != many || done.Canceled != many {
		t.Fatalf("erased %+v, %v; want %d", done, err, many)
	}
	if found := searched(t, l, search.Query{To: someone.Number}); len(found) != 0 {
		t.Errorf("%d messages are still found by the number", len(found))
	}
	if got := searched(t, l, search.Query{To: other.To}); len(got) != 1 || got[0].Text != "Bonjour" ||
		got[0].Status != sms.Queued {
		t.Errorf("another person's message: %+v", got)
	}
	entries, _, err := l.store.Audit(t.Context(),
		person.AuditQuery{Account: "default", Subject: l.Persons.Hidden("default", someone.Number), Limit: 10})
	if err != nil || len(entries) != 1 || entries[0].Messages != many || entries[0].ID != done.Audit ||
		entries[0].Subject != "~default01" {
		t.Errorf("audit %+v, %v", entries, err)
	}
}

// breaking ends its context after the first step of an erasure.
type breaking struct {
	gateway.Store
	end context.CancelFunc
}

func (b *breaking) Erase(ctx context.Context, e person.Erasure) (person.ErasureDone, error) {
	done, err := b.Store.Erase(ctx, e)
	if b.end != nil {
		b.end()
	}
	return done, err
}

// TestErasureThatBreaksOff goes on when it is asked for again, and both parts
// are in the audit.
func TestErasureThatBreaksOff(t *testing.T) {
	b := &breaking{}
	l := prepareWith(t, t.TempDir(), map[string]*operator{"ovh": {}}, connector.Facts{}, func(s gateway.Store) gateway.Store {
		b.Store = s
		return b
	})
	defer l.stop(t)
	const many = 450
	for range many {
		l.submit(t, gateway.Submission{})
	}
	r := someone
	r.Cancel = true
	ctx, cancel := context.WithCancel(t.Context())
	b.end = cancel
	if _, err := l.Persons.ErasePerson(ctx, r); err == nil {
		t.Fatal("an erasure whose caller has gone ended well")
	}
	b.end = nil
	rest, err := l.Persons.ErasePerson(t.Context(), r)
	if err != nil || rest.Messages == 0 || rest.Messages == many {
		t.Errorf("the rest: %+v, %v", rest, err)
	}
	entries, _, err := l.store.Audit(t.Context(), person.AuditQuery{Account: "default", Limit: 10})
	if err != nil || len(entries) != 2 || entries[0].Messages+entries[1].Messages != many {
		t.Errorf("audit %+v, %v; want two entries of %d messages together", entries, err, many)
	}
}
