package engine_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"relais/campaign/engine"
	"relais/campaign/ledger"
	"relais/connector"
	"relais/inbox"
	"relais/reason"
	"relais/sms"
)

// guarded starts a campaign of so many rows, of ten a second, and waits until so many left.
func (w *world) guarded(t *testing.T, o *operator, g ledger.Guards, rows, left int) ledger.Campaign {
	t.Helper()
	c := w.optioned(t, rows, ledger.Options{Guards: g})
	for range 1000 {
		if len(o.sent()) >= left {
			return c
		}
		sleep(t, 100*time.Millisecond)
	}
	t.Fatalf("%d left, want %d", len(o.sent()), left)
	return c
}

// tell brings a receipt of each message.
func (w *world) tell(t *testing.T, messages []sms.Message, status sms.Status, why sms.Reason) {
	t.Helper()
	var receipts []sms.Receipt
	for i := range messages {
		receipts = append(receipts, sms.Receipt{
			ProviderID: "id-" + messages[i].ID.Ref(), Status: status, Reason: why, At: time.Now(),
		})
	}
	w.hear(t, connector.News{Receipts: receipts})
}

func (w *world) hear(t *testing.T, news connector.News) {
	t.Helper()
	if _, err := w.gateway.Inbox.Accept(t.Context(), inbox.Teller{Connector: "ovh"}, news, true); err != nil {
		t.Fatal(err)
	}
}

// stops answers of some people with STOP.
func (w *world) stops(t *testing.T, messages []sms.Message) {
	t.Helper()
	var news connector.News
	for i := range messages {
		news.Inbounds = append(news.Inbounds, sms.Inbound{
			ProviderID: "mo-" + messages[i].ID.Ref(), From: string(messages[i].To), Text: "STOP", At: time.Now(),
		})
	}
	w.hear(t, news)
}

// sees awaits that a campaign is where a guard leaves it, or goes on.
func (w *world) sees(t *testing.T, id sms.ID, why reason.Code, some, of int) {
	t.Helper()
	sleep(t, 5*time.Second)
	c, err := w.Campaign(t.Context(), "default", id)
	if err != nil {
		t.Fatal(err)
	}
	if why == "" {
		if c.Status != ledger.Running {
			t.Errorf("it is %s (%s): %s", c.Status, c.Why, c.Saw.In(reason.English))
		}
		return
	}
	want := reason.Of(why, reason.Args{"count": reason.Count(some), "of": reason.Count(of)})
	if c.Status != ledger.Paused || c.Why != why || !c.Saw.Equal(want) {
		t.Errorf("it is %s (%s): %q, want %q", c.Status, c.Why, c.Saw.In(reason.English), want.In(reason.English))
	}
	events, err := w.Timeline(t.Context(), "default", id)
	if last := events[len(events)-1]; err != nil || last.Why != why || !last.Saw.Equal(want) ||
		last.Actor != sms.ActorGateway {
		t.Errorf("%+v, %v", last, err)
	}
}

func TestErrorsPauseACampaign(t *testing.T) {
	const rows = 5000
	for _, tc := range []struct {
		name    string
		guards  ledger.Guards
		settled int
		failed  int
		status  sms.Status
		reason  sms.Reason
		paused  bool
	}{
		{"a tenth", ledger.Guards{}, 50, 5, sms.Undelivered, sms.ReasonUnknownSubscriber, true},
		{"refused", ledger.Guards{}, 60, 6, sms.Rejected, sms.ReasonContent, true},
		{"less", ledger.Guards{}, 60, 5, sms.Undelivered, sms.ReasonUnknownSubscriber, false},
		{"few rows", ledger.Guards{}, 49, 49, sms.Undelivered, sms.ReasonUnknownSubscriber, false},
		{"handsets that are off", ledger.Guards{}, 60, 60, sms.Undelivered, sms.ReasonAbsent, false},
		{"gave up", ledger.Guards{}, 60, 60, sms.Expired, sms.ReasonExpired, false},
		{"another share", ledger.Guards{Errors: 50}, 60, 29, sms.Rejected, sms.ReasonContent, false},
		{"that share", ledger.Guards{Errors: 50}, 60, 30, sms.Rejected, sms.ReasonContent, true},
		{"off", ledger.Guards{Errors: -1}, 60, 60, sms.Rejected, sms.ReasonContent, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			slowly(t, func(t *testing.T, w *world, o *operator) {
				c := w.guarded(t, o, tc.guards, rows, tc.settled)
				sent := o.sent()
				w.tell(t, sent[:tc.failed], tc.status, tc.reason)
				w.arrive(t, sent[tc.failed:tc.settled])
				var why reason.Code
				if tc.paused {
					why = engine.Errors
				}
				w.sees(t, c.ID, why, tc.failed, tc.settled)
			})
		})
	}
}

// TestAGuardActsOnce: whoever lets the campaign go on has seen it.
func TestAGuardActsOnce(t *testing.T) {
	slowly(t, func(t *testing.T, w *world, o *operator) {
		c := w.guarded(t, o, ledger.Guards{}, 5000, 60)
		sent := o.sent()[:60]
		w.tell(t, sent[:30], sms.Rejected, sms.ReasonContent)
		w.arrive(t, sent[30:])
		w.sees(t, c.ID, engine.Errors, 30, 60)
		w.stops(t, sent[30:])
		if _, err := w.Resume(t.Context(), "default", c.ID, by); err != nil {
			t.Fatal(err)
		}
		w.sees(t, c.ID, "", 0, 0)
		now := o.sent()
		if len(now) < 110 {
			t.Fatalf("%d left", len(now))
		}
		w.tell(t, now[len(now)-50:len(now)-45], sms.Rejected, sms.ReasonContent)
		w.arrive(t, now[len(now)-45:])
		w.sees(t, c.ID, engine.Errors, 5, 50)
	})
}

func TestPeopleWhoAnswerStopPauseACampaign(t *testing.T) {
	for _, tc := range []struct {
		name    string
		guards  ledger.Guards
		stopped int
		paused  bool
	}{
		{"one of a hundred", ledger.Guards{}, 1, false},
		{"two of a hundred", ledger.Guards{}, 2, true},
		{"another share", ledger.Guards{OptOuts: 5}, 4, false},
		{"off", ledger.Guards{OptOuts: -1}, 50, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			slowly(t, func(t *testing.T, w *world, o *operator) {
				c := w.guarded(t, o, tc.guards, 5000, 100)
				sent := o.sent()[:100]
				w.arrive(t, sent)
				sleep(t, 2*time.Second)
				w.stops(t, sent[:tc.stopped])
				var why reason.Code
				if tc.paused {
					why = engine.OptOuts
				}
				w.sees(t, c.ID, why, tc.stopped, 100)
			})
		})
	}
}

// TestOthersWhoAnswerStopDoNotCount: an opt-out that came otherwise, or of somebody who had no
// message of the campaign, says nothing about it.
func TestOthersWhoAnswerStopDoNotCount(t *testing.T) {
	slowly(t, func(t *testing.T, w *world, o *operator) {
		c := w.guarded(t, o, ledger.Guards{}, 5000, 60)
		sent := o.sent()[:60]
		w.arrive(t, sent)
		sleep(t, 2*time.Second)
		var changes []inbox.OptOutChange
		for i := range sent {
			changes = append(changes, inbox.OptOutChange{
				ID: sms.NewID(time.Now()), Account: "default", Number: sent[i].To, Added: true, Source: inbox.FromAPI,
				Actor: by, At: time.Now(),
			})
		}
		if _, err := w.store.ChangeOptOuts(t.Context(), changes); err != nil {
			t.Fatal(err)
		}
		w.hear(t, connector.News{Inbounds: []sms.Inbound{
			{ProviderID: "mo-1", From: "+33639989001", Text: "STOP"}, {ProviderID: "mo-2", From: "+33639989002", Text: "STOP"},
		}})
		w.sees(t, c.ID, "", 0, 0)
	})
}

// mute is an operator of which nobody knows whether it took some messages.
type mute struct {
	*operator
	every int // one of so many
	count int
}

func (m *mute) Submit(ctx context.Context, batch []sms.Message) ([]connector.Outcome, error) {
	outcomes, err := m.operator.Submit(ctx, batch)
	for i := range outcomes {
		m.mu.Lock()
		m.count++
		if m.count%m.every == 0 {
			outcomes[i] = connector.Outcome{Err: &connector.Error{Fault: connector.Uncertain, Detail: "no answer"}}
		}
		m.mu.Unlock()
	}
	return outcomes, err
}

// silently runs a test in a world whose operator does not answer one of so many calls.
func silently(t *testing.T, every int, test func(t *testing.T, w *world, o *operator)) {
	t.Helper()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		m := &mute{operator: &operator{}, every: every}
		w := openWith(t, dir, m, connector.Facts{CallsPerSecond: 10}, nil)
		defer w.stop(t)
		test(t, w, m.operator)
	})
}

func TestDoubtPausesACampaign(t *testing.T) {
	silently(t, 50, func(t *testing.T, w *world, o *operator) {
		c := w.guarded(t, o, ledger.Guards{}, 5000, 60)
		sent := o.sent()[:60]
		w.arrive(t, append(sent[:49:49], sent[50:]...))
		w.sees(t, c.ID, engine.Doubt, 1, 60)
		if _, err := w.Resume(t.Context(), "default", c.ID, by); err != nil {
			t.Fatal(err)
		}
		w.sees(t, c.ID, "", 0, 0)
	})
	t.Run("no receipt yet", func(t *testing.T) { // too few have settled for a share
		silently(t, 2, func(t *testing.T, w *world, o *operator) {
			c := w.guarded(t, o, ledger.Guards{}, 5000, 38)
			if c = w.await(t, c.ID, ledger.Paused); c.Why != engine.Doubt || len(o.sent()) > 80 {
				t.Errorf("%s, %d left", c.Why, len(o.sent()))
			}
		})
	})
	t.Run("another share", func(t *testing.T) {
		silently(t, 10, func(t *testing.T, w *world, o *operator) {
			c := w.guarded(t, o, ledger.Guards{Doubt: 50}, 5000, 300)
			w.sees(t, c.ID, "", 0, 0)
		})
	})
	t.Run("off", func(t *testing.T) {
		silently(t, 2, func(t *testing.T, w *world, o *operator) {
			c := w.guarded(t, o, ledger.Guards{Doubt: -1}, 5000, 120)
			w.sees(t, c.ID, "", 0, 0)
		})
	})
}

// TestTemporaryFaultsPauseNothing: they are over by themselves.
func TestTemporaryFaultsPauseNothing(t *testing.T) {
	slowly(t, func(t *testing.T, w *world, o *operator) {
		c := w.guarded(t, o, ledger.Guards{}, 5000, 60)
		w.arrive(t, o.sent()[:60])
		o.mu.Lock()
		o.busy = true
		o.mu.Unlock()
		sleep(t, time.Minute)
		w.sees(t, c.ID, "", 0, 0)
	})
}

func TestGuardsThatAreNone(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, _ *operator) {
		for want, g := range map[string]ledger.Guards{
			"campaign_guard /options/guards/errors":   {Errors: 101},
			"campaign_guard /options/guards/opt_outs": {OptOuts: -2},
			"campaign_guard /options/guards/doubt":    {Doubt: 1000},
			"no refusal":                              {Errors: 100, OptOuts: 1, Doubt: -1},
		} {
			content := ledger.Content{Name: "a", Options: ledger.Options{Guards: g}}
			if _, err := w.Create(t.Context(), "default", content, by); code(err) != want {
				t.Errorf("%+v: %v, want %s", g, err, want)
			}
		}
	})
}
