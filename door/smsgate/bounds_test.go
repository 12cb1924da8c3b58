package smsgate_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"relais/door/smsgate"
	"relais/lane"
	"relais/search"
	"relais/sms"
	"relais/store/sqlite"
)

// serve puts a door with other options in the place of the house's.
func (h *house) serve(t *testing.T, change func(*smsgate.Options)) {
	t.Helper()
	o := h.options(slog.New(slog.NewTextHandler(h.logs, nil)))
	change(&o)
	server := httptest.NewServer(smsgate.New(o))
	t.Cleanup(server.Close)
	h.url = server.URL
}

// crowd is an account with messages without end, the newest of which came by the door, to two people each.
type crowd struct {
	*sqlite.Store
	ours, shown int
}

func (c *crowd) Search(_ context.Context, q search.Query) (found []sms.Message, more bool, err error) {
	if q.Before.IsZero() {
		c.shown = 0
	}
	now := time.Now()
	for range q.Limit {
		m := sms.Message{ID: sms.BucketOf("town").NewID(now), Account: "town", To: "+33639980001", Status: sms.Queued, AcceptedAt: now}
		if c.shown < 2*c.ours {
			m.Metadata = map[string]string{"smsgate-id": fmt.Sprintf("order-%d", c.shown/2)}
		}
		c.shown++
		found = append(found, m)
	}
	return found, true, nil
}

// TestListOfAFullAccount: what lies beyond the messages that are looked at is not said to be none.
func TestListOfAFullAccount(t *testing.T) {
	h := open(t)
	for _, tc := range []struct {
		ours   int
		query  string
		status int
		want   int // messages
	}{
		{0, "", http.StatusBadRequest, 0},
		{49, "", http.StatusBadRequest, 0},
		{51, "", http.StatusOK, 50},
		{51, "limit=10&offset=40", http.StatusOK, 10},
		{51, "limit=10&offset=41", http.StatusBadRequest, 0},
		{51, "sort=created_at", http.StatusBadRequest, 0},
		{51, "state=Failed", http.StatusBadRequest, 0},
		{51, "deviceId=x", http.StatusOK, 0},
	} {
		h.serve(t, func(o *smsgate.Options) { o.Reader = &crowd{Store: h.store, ours: tc.ours} })
		got := h.ask(t, http.MethodGet, "messages?"+tc.query, "")
		if n := strings.Count(got.body, `"id":"order-`); got.status != tc.status || n != tc.want || tc.want > 0 && got.header.Get("X-Total-Count") != "" {
			t.Errorf("%d, %q: %d with %d messages, count %q: %.200s", tc.ours, tc.query, got.status, n, got.header.Get("X-Total-Count"), got.body)
		}
	}
}

// failing is a store that does not confirm one cancel of several.
type failing struct {
	*sqlite.Store
	asked, fails int
}

func (f *failing) Settle(ctx context.Context, all []sms.Transition) (lane.Settled, error) {
	if f.asked++; f.asked == f.fails {
		return lane.Settled{}, errors.New("the disk is away")
	}
	return f.Store.Settle(ctx, all)
}

// TestCancelOfSome: what was canceled is said, whatever became of the rest; and the rest is canceled by the next request.
func TestCancelOfSome(t *testing.T) {
	h := open(t)
	store := &failing{Store: h.store, fails: 2}
	h.serve(t, func(o *smsgate.Options) { o.Gateway = newGateway(t, store, o.Log) })
	body := `{"id":"order-7","textMessage":{"text":"Bonjour"},"phoneNumbers":["+33639980001","+33639980002","+33639980003"]}`
	if got := h.ask(t, http.MethodPost, "messages", body); got.status != http.StatusAccepted {
		t.Fatalf("%d %s", got.status, got.body)
	}
	for _, want := range []string{"Failed Pending Failed", "Failed Failed Failed"} {
		got := h.ask(t, http.MethodDelete, "messages/order-7", "")
		var states []string
		for _, one := range got.shown(t).Recipients {
			states = append(states, one.State)
		}
		if said := strings.Join(states, " "); got.status != http.StatusOK || said != want {
			t.Errorf("%d %s, want %s", got.status, got.body, want)
		}
	}
}
