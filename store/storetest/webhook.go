package storetest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"relais/sms"
	"relais/webhook"
)

func endpoint(t *testing.T, s Store, account string, events ...webhook.Type) webhook.Endpoint {
	t.Helper()
	set(&account, "default")
	e := webhook.Endpoint{
		ID: sms.NewID(start), Account: account, URL: "https://example.org/", Events: events,
		Secret: []byte("sealed"),
		Origin: webhook.OfAPI, State: webhook.Active, CreatedAt: start,
	}
	if _, err := s.AddEndpoint(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	return e
}

func due(t *testing.T, s Store, e webhook.Endpoint, at time.Time, skip map[int64]bool) []webhook.Delivery {
	t.Helper()
	found, err := s.Due(t.Context(), e, at, skip, 100)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func kinds(deliveries []webhook.Delivery) (all []webhook.Type) {
	for _, d := range deliveries {
		all = append(all, d.Event.Type)
	}
	return all
}

func settleWebhook(t *testing.T, s Store, d webhook.Delivery, state webhook.DeliveryState, next time.Time) {
	t.Helper()
	a := webhook.Attempt{
		Account: d.Account, Endpoint: d.Endpoint, Seq: d.Event.Seq, State: state, NextAt: next,
		Try: webhook.Try{At: start, Status: 500, Error: "status 500"},
	}
	if err := s.SettleDeliveries(t.Context(), []webhook.Attempt{a}); err != nil {
		t.Fatal(err)
	}
}

// later is after everything that these tests do.
var later = start.Add(24 * time.Hour)

func webhooksInOrder(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	all, ends := endpoint(t, s, ""), endpoint(t, s, "", webhook.MessageDelivered, webhook.MessageUndelivered)
	m := submitted(t, s, draft{reference: "ref"}, "10")
	other := submitted(t, s, draft{}, "11")
	receipt(t, s, delivered("10"))
	first := due(t, s, all, later, nil)
	if fmt.Sprint(kinds(first)) != "[message.submitted message.submitted]" {
		t.Fatalf("due first: %v; the second event of a message waits for its first", kinds(first))
	}
	var data webhook.MessageData
	if err := json.Unmarshal(first[0].Event.Data, &data); err != nil {
		t.Fatal(err)
	}
	if data.ID != m.ID || data.Status != sms.Submitted || data.Reason != "operator_accepted" ||
		data.Reference != "ref" || data.ProviderID != "10" {
		t.Errorf("data %+v", data)
	}
	if skipped := due(t, s, all, later, map[int64]bool{first[0].Event.Seq: true}); len(skipped) != 1 ||
		skipped[0].Event.Subject != other.ID {
		t.Errorf("beside the one under way: %v", kinds(skipped))
	}
	settleWebhook(t, s, first[0], webhook.Delivered, time.Time{})
	if next := due(t, s, all, later, nil); fmt.Sprint(kinds(next)) != "[message.submitted message.delivered]" {
		t.Errorf("due next: %v", kinds(next))
	}
	if only := due(t, s, ends, later, nil); fmt.Sprint(kinds(only)) != "[message.delivered]" {
		t.Errorf("an endpoint that wants ends gets %v", kinds(only))
	}
	busy, _, err := s.Busy(t.Context(), later)
	if err != nil || len(busy) != 2 {
		t.Errorf("%d busy endpoints, %v; want 2", len(busy), err)
	}
}

func webhooksOfRequests(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	var all sync.WaitGroup
	ids := make([]sms.ID, 8)
	for i := range ids {
		all.Go(func() {
			e, err := s.RequestEndpoint(t.Context(), "default", "https://example.org/mine", "",
				fmt.Appendf(nil, "fresh %d", i), start, 0)
			if err != nil {
				t.Error(err)
			}
			ids[i] = e.ID
		})
	}
	all.Wait()
	for _, id := range ids {
		if id != ids[0] {
			t.Fatal("one address of one account has several endpoints")
		}
	}
	shaped, err := s.RequestEndpoint(t.Context(), "default", "https://example.org/mine", "shape",
		[]byte("fresh"), start, 0)
	if err != nil || shaped.ID == ids[0] {
		t.Errorf("in another format it is the same endpoint, %v", err)
	}
	room := func(account, url, format string, most int) error {
		_, err := s.RequestEndpoint(t.Context(), account, url, format, []byte("fresh"), start, most)
		return err
	}
	if err := room("default", "https://example.net/", "shape", 1); !errors.Is(err, webhook.ErrFull) {
		t.Errorf("one more than may be: %v", err)
	}
	if err := room("default", "https://example.org/mine", "shape", 1); err != nil {
		t.Errorf("the one that is there: %v", err)
	}
	if err := room("other", "https://example.net/", "shape", 1); err != nil {
		t.Errorf("of another account: %v", err)
	}
	again, err := s.RequestEndpoint(t.Context(), "default", "https://example.org/mine", "shape",
		[]byte("fresh"), start, 0)
	if err != nil || again.ID != shaped.ID || again.Format != "shape" {
		t.Errorf("asked again %+v, %v", again, err)
	}
	if all, err := s.Endpoints(t.Context(), "default"); err != nil || len(all) != 2 ||
		all[0].Format+all[1].Format != "shape" {
		t.Errorf("endpoints %+v, %v", all, err)
	}
	if none, err := s.SigningSecret(t.Context(), "nobody", nil, false, start); err != nil || none != nil {
		t.Errorf("a secret that nobody made: %q, %v", none, err)
	}
	secret, err := s.SigningSecret(t.Context(), "default", []byte("unused"), false, start)
	if err != nil {
		t.Fatal(err)
	}
	e, err := s.Endpoint(t.Context(), "default", ids[0])
	if err != nil || string(e.Secret) != string(secret) || string(secret) == "unused" {
		t.Errorf("the endpoint signs with %q, the account with %q, %v", e.Secret, secret, err)
	}
	if replaced, err := s.SigningSecret(t.Context(), "default", []byte("new"), true, start); err != nil ||
		string(replaced) != "new" {
		t.Errorf("replaced by %q, %v", replaced, err)
	}
	a := draft{}.acceptance()
	a.Endpoint = e.ID
	if _, err := s.Accept(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	m := claimOne(t, s)
	settle(t, s, move(m, sms.Rejected, "no"))
	submitted(t, s, draft{}, "10")
	if got := due(t, s, e, later, nil); len(got) != 1 || got[0].Event.Subject != m.ID {
		t.Errorf("it gets %v", kinds(got))
	}
}

func webhooksSettled(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	e := endpoint(t, s, "")
	submitted(t, s, draft{}, "10")
	d := due(t, s, e, later, nil)[0]
	settleWebhook(t, s, d, webhook.Pending, later.Add(time.Hour))
	if early := due(t, s, e, later, nil); len(early) != 0 {
		t.Error("it is due before its next attempt")
	}
	if _, next, err := s.Busy(t.Context(), later); err != nil || !next.Equal(later.Add(time.Hour)) {
		t.Errorf("next at %s, %v", next, err)
	}
	settleWebhook(t, s, d, webhook.Failed, time.Time{})
	log, err := s.Deliveries(t.Context(), "default", e.ID, webhook.Failed, 0, 10)
	if err != nil || len(log) != 1 || log[0].Attempts != 2 || log[0].Last.Status != 500 ||
		log[0].Last.Error != "status 500" {
		t.Fatalf("log %+v, %v", log, err)
	}
	for _, r := range []webhook.Replay{{Since: start.Add(-time.Hour)}, {Seq: d.Event.Seq}} {
		r.Account, r.Endpoint, r.Now = "default", e.ID, later
		if n, err := s.Replay(t.Context(), r); err != nil || n != 1 {
			t.Errorf("%d replayed, %v", n, err)
		}
		if again := due(t, s, e, later, nil); len(again) != 1 || again[0].Attempts != 0 {
			t.Errorf("%d due after a replay", len(again))
		}
		settleWebhook(t, s, d, webhook.Failed, time.Time{})
	}
	if n, err := s.Replay(t.Context(), webhook.Replay{
		Account: "default", Endpoint: e.ID, Since: later,
		Now: later,
	}); err != nil || n != 0 {
		t.Errorf("%d replayed from before, %v", n, err)
	}
}

// What came of each attempt is remembered with the delivery.
func webhooksRemembered(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	e := endpoint(t, s, "")
	submitted(t, s, draft{}, "10")
	d := due(t, s, e, later, nil)[0]
	first := webhook.Try{
		At: start, Took: 1500 * time.Microsecond, Status: 503, Error: "status 503", Answer: "<b>\u202e\n•••",
	}
	last := webhook.Try{At: later, Took: time.Second, Status: 200, Answer: "ok"}
	for _, a := range []webhook.Attempt{
		{Try: first, State: webhook.Pending, NextAt: start},
		{Try: last, State: webhook.Delivered, Earlier: []webhook.Try{first}},
	} {
		a.Account, a.Endpoint, a.Seq = d.Account, d.Endpoint, d.Event.Seq
		if err := s.SettleDeliveries(t.Context(), []webhook.Attempt{a}); err != nil {
			t.Fatal(err)
		}
	}
	log, err := s.Deliveries(t.Context(), "default", e.ID, "", d.Event.Seq+1, 1)
	if err != nil || len(log) != 1 {
		t.Fatalf("%d in the log, %v", len(log), err)
	}
	if diff := cmp.Diff([]webhook.Try{last, first}, log[0].Tries()); diff != "" {
		t.Errorf("attempts (-want +got):\n%s", diff)
	}
	again := webhook.Replay{
		Account: "default", Endpoint: e.ID, State: webhook.Delivered, Since: start.Add(-time.Hour), Now: later,
	}
	if n, err := s.Replay(t.Context(), again); err != nil || n != 1 {
		t.Fatalf("%d replayed, %v", n, err)
	}
	if after := due(t, s, e, later, nil); len(after) != 1 || len(after[0].Tries()) != 2 {
		t.Errorf("a replay forgets what came before: %+v", after)
	}
}

// A replay is counted first, and takes the oldest events first.
func webhooksReplayedInSteps(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	e := endpoint(t, s, "")
	for i := range 3 {
		submitted(t, s, draft{}, fmt.Sprint(i))
	}
	all := due(t, s, e, later, nil)
	for _, d := range all {
		settleWebhook(t, s, d, webhook.Failed, time.Time{})
	}
	r := webhook.Replay{Account: "default", Endpoint: e.ID, Since: start.Add(-time.Hour), Now: later, Limit: 2}
	count := func(limit, want int) {
		t.Helper()
		r := r
		r.Limit = limit
		if n, err := s.CountReplay(t.Context(), r); err != nil || n != want {
			t.Errorf("%d counted, %v; want %d", n, err, want)
		}
	}
	count(10, 3)
	count(2, 2)
	if n, err := s.Replay(t.Context(), r); err != nil || n != 2 {
		t.Errorf("%d replayed, %v; want 2", n, err)
	}
	count(10, 1)
	if now := due(t, s, e, later, nil); len(now) != 2 || now[0].Event.Seq != all[0].Event.Seq {
		t.Errorf("due are %v, want the two oldest", kinds(now))
	}
	other := r
	other.Account = "other"
	if n, err := s.CountReplay(t.Context(), other); err != nil || n != 0 {
		t.Errorf("another account counts %d, %v", n, err)
	}
}

// What a person does to an endpoint is not undone by an attempt that was under way.
func webhooksJudged(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	e := endpoint(t, s, "")
	submitted(t, s, draft{}, "10")
	moved := e
	moved.URL, moved.Events = "https://example.org/other", []webhook.Type{webhook.MessageDelivered}
	moved.State, moved.Reason = webhook.Disabled, "by hand"
	if err := s.ChangeEndpoint(t.Context(), e, moved); err != nil {
		t.Fatal(err)
	}
	failed := e
	failed.Failures, failed.FailingAt = 3, start
	for _, before := range []webhook.Endpoint{e, moved} {
		after := before
		after.Failures, after.FailingAt = failed.Failures, failed.FailingAt
		if err := s.JudgeEndpoint(t.Context(), before, after); err != nil {
			t.Fatal(err)
		}
		got, err := s.Endpoint(t.Context(), "default", e.ID)
		if err != nil || got.URL != moved.URL || got.State != webhook.Disabled || len(got.Events) != 1 {
			t.Errorf("after an attempt %+v, %v", got, err)
		}
		if judged := before.State == webhook.Disabled; judged != (got.Failures == 3) {
			t.Errorf("judged from %s: %d failures", before.State, got.Failures)
		}
	}
	shown, err := s.Endpoints(t.Context(), "default")
	if err != nil || len(shown) != 1 || shown[0].Pending != 1 || shown[0].WaitingSince.IsZero() {
		t.Errorf("shown %+v, %v; one waits", shown, err)
	}
	if err := s.RemoveEndpoint(t.Context(), "default", e.ID); err != nil {
		t.Fatal(err)
	}
	if err := s.JudgeEndpoint(t.Context(), moved, failed); err != nil {
		t.Errorf("one that is gone: %v", err)
	}
}

func webhooksBack(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	e := endpoint(t, s, "")
	for i := range 3 {
		submitted(t, s, draft{}, fmt.Sprint(i))
	}
	for _, d := range due(t, s, e, later, nil) {
		settleWebhook(t, s, d, webhook.Pending, later.Add(8*time.Hour))
	}
	well := e
	e.State, e.Reason, e.Failures, e.FailingAt, e.ProbeAt = webhook.Quarantined, "gone", 10, start, later
	if err := s.ChangeEndpoint(t.Context(), well, e); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Endpoint(t.Context(), "default", e.ID); err != nil || got.State != webhook.Quarantined ||
		got.Failures != 10 || !got.ProbeAt.Equal(later) {
		t.Errorf("endpoint %+v, %v", got, err)
	}
	if early, _, err := s.Busy(t.Context(), later.Add(-time.Minute)); err != nil || len(early) != 0 {
		t.Errorf("a quarantined endpoint is busy before its probe, %v", err)
	}
	if probe := due(t, s, e, later, nil); len(probe) != 3 {
		t.Errorf("%d may try it, want any of 3", len(probe))
	}
	if err := s.ChangeEndpoint(t.Context(), e, well); err != nil {
		t.Fatal(err)
	}
	if now := due(t, s, e, later, nil); len(now) != 3 {
		t.Errorf("%d due after it came back, want 3", len(now))
	}
}

// webhooksRaced: who changes what somebody else changed meanwhile is told, whatever it was.
func webhooksRaced(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	e := endpoint(t, s, "")
	const people = 8
	did := make(chan error, people)
	for i := range people {
		mine := e
		mine.URL = fmt.Sprintf("https://example.org/%d", i)
		go func() { did <- s.ChangeEndpoint(context.WithoutCancel(t.Context()), e, mine) }()
	}
	won := 0
	for range people {
		switch err := <-did; {
		case err == nil:
			won++
		case !errors.Is(err, webhook.ErrOutdated):
			t.Error(err)
		}
	}
	now, err := s.Endpoint(t.Context(), "default", e.ID)
	if err != nil || won != 1 || now.URL == e.URL {
		t.Fatalf("%d of %d changes counted, %+v, %v", won, people, now, err)
	}
	for what, seen := range map[string]func(*webhook.Endpoint){
		"address": func(b *webhook.Endpoint) { b.URL = e.URL },
		"events":  func(b *webhook.Endpoint) { b.Events = []webhook.Type{webhook.CreditLow} },
		"state":   func(b *webhook.Endpoint) { b.State = webhook.Disabled },
	} {
		before := now
		seen(&before)
		if err := s.ChangeEndpoint(t.Context(), before, e); !errors.Is(err, webhook.ErrOutdated) {
			t.Errorf("with another %s: %v", what, err)
		}
	}
	judged := now
	judged.Failures, judged.FailingAt = 3, start
	if err := s.JudgeEndpoint(t.Context(), now, judged); err != nil {
		t.Fatal(err)
	}
	if err := s.ChangeEndpoint(t.Context(), now, e); err != nil {
		t.Errorf("an attempt is no change that a person makes: %v", err)
	}
	e.ID = sms.NewID(start.Add(time.Hour))
	if err := s.ChangeEndpoint(t.Context(), e, e); !errors.Is(err, webhook.ErrUnknown) {
		t.Errorf("one that is not there: %v", err)
	}
}

func webhooksStand(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	stands := func(want webhook.Standing) {
		t.Helper()
		got, err := s.Standing(t.Context())
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" || err != nil {
			t.Errorf("standing (-want +got), %v:\n%s", err, diff)
		}
	}
	stands(webhook.Standing{})
	e, other := endpoint(t, s, ""), endpoint(t, s, "other")
	stands(webhook.Standing{Endpoints: map[webhook.State]int{webhook.Active: 2}})
	submitted(t, s, draft{}, "10")
	submitted(t, s, draft{}, "11")
	waiting := due(t, s, e, later, nil)
	stands(webhook.Standing{Endpoints: map[webhook.State]int{webhook.Active: 2}, Oldest: waiting[0].NextAt})
	settleWebhook(t, s, waiting[0], webhook.Delivered, time.Time{})
	settleWebhook(t, s, waiting[1], webhook.Pending, later)
	stands(webhook.Standing{Endpoints: map[webhook.State]int{webhook.Active: 2}, Oldest: later})
	for _, to := range []struct {
		of    webhook.Endpoint
		state webhook.State
	}{{e, webhook.Quarantined}, {other, webhook.Disabled}} {
		changed := to.of
		changed.State = to.state
		if err := s.ChangeEndpoint(t.Context(), to.of, changed); err != nil {
			t.Fatal(err)
		}
	}
	stands(webhook.Standing{Endpoints: map[webhook.State]int{webhook.Quarantined: 1, webhook.Disabled: 1}})
}

func webhooksApart(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	e := endpoint(t, s, "other")
	submitted(t, s, draft{}, "10")
	if got := due(t, s, e, later, nil); len(got) != 0 {
		t.Errorf("it gets another account's %v", kinds(got))
	}
	for name, err := range map[string]error{
		"read":   second(s.Endpoint(t.Context(), "default", e.ID)),
		"remove": s.RemoveEndpoint(t.Context(), "default", e.ID),
	} {
		if !errors.Is(err, webhook.ErrUnknown) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := s.TellAll(t.Context(), string(webhook.ConnectorBlocked), sms.NewID(start), start,
		[]byte(`{"connector":"ovh"}`)); err != nil {
		t.Fatal(err)
	}
	if got := due(t, s, e, later, nil); len(got) != 1 || string(got[0].Event.Data) != `{"connector":"ovh"}` {
		t.Errorf("of the whole gateway it gets %v", kinds(got))
	}
	if err := s.RemoveEndpoint(t.Context(), "other", e.ID); err != nil {
		t.Fatal(err)
	}
	if left, err := s.Endpoints(t.Context(), "other"); err != nil || len(left) != 0 {
		t.Errorf("%d left, %v", len(left), err)
	}
}

func second[T any](_ T, err error) error { return err }

func feedPages(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	for i := range 3 {
		submitted(t, s, draft{}, fmt.Sprint(i))
	}
	submitted(t, s, draft{account: "other"}, "9")
	if err := s.TellAll(t.Context(), string(webhook.CreditLow), sms.NewID(start), start,
		[]byte(`{}`)); err != nil {
		t.Fatal(err)
	}
	receipt(t, s, delivered("0"))
	awaitFeed(t, s, "default")
	var seen []webhook.Type
	after := int64(0)
	for {
		page, err := s.Feed(t.Context(), "default", after, nil, 2)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			break
		}
		for _, e := range page {
			if e.Seq <= after || len(e.Data) == 0 {
				t.Errorf("event %d after %d, %d bytes", e.Seq, after, len(e.Data))
			}
			if after = e.Seq; e.Type != marker {
				seen = append(seen, e.Type)
			}
		}
	}
	if got := fmt.Sprint(seen); got != "[message.submitted message.submitted message.submitted credit.low "+
		"message.delivered]" {
		t.Errorf("feed %s", got)
	}
	some, err := s.Feed(t.Context(), "default", 0, []webhook.Type{webhook.CreditLow, webhook.MessageDelivered},
		10)
	if err != nil || len(some) != 2 {
		t.Errorf("%d of two types, %v", len(some), err)
	}
}

// A cursor of the feed is a number: one that comes again would hide what it names.
func numbersStayUsed(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	submitted(t, s, draft{}, "1")
	last := feed(t, s, "default", webhook.MessageSubmitted)[0].Seq
	if n, err := s.Prune(t.Context(), later); err != nil || n == 0 {
		t.Fatalf("%d events dropped, %v; want all", n, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t)
	submitted(t, s, draft{}, "2")
	if next := feed(t, s, "default", webhook.MessageSubmitted)[0].Seq; next <= last {
		t.Errorf("after event %d was dropped comes %d", last, next)
	}
}

func pruned(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	e := endpoint(t, s, "")
	submitted(t, s, draft{}, "1")
	submitted(t, s, draft{}, "2")
	settleWebhook(t, s, due(t, s, e, later, nil)[0], webhook.Delivered, time.Time{})
	if n, err := s.Prune(t.Context(), start); err != nil || n != 0 {
		t.Errorf("%d young events dropped, %v", n, err)
	}
	if n, err := s.Prune(t.Context(), later); err != nil || n != 1 {
		t.Errorf("%d events dropped, %v; want the one that nobody waits for", n, err)
	}
	if left := due(t, s, e, later, nil); len(left) != 1 {
		t.Errorf("%d left to deliver, want 1", len(left))
	}
}
