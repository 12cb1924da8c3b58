package storetest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"relais/gateway"
	"relais/quota"
	"relais/sms"
)

// hourly is a charge of a quota of messages.
func hourly(subject string, messages, most int) quota.Charge {
	until := start.Truncate(time.Hour).Add(time.Hour)
	return quota.Charge{
		Quota: "hourly/hour", Subject: subject, Until: until, Latest: until.Add(time.Hour),
		Messages: messages, Segments: 2 * messages, MostMessages: most,
	}
}

func charged(d draft, charges ...quota.Charge) *gateway.Acceptance {
	a := d.acceptance()
	a.Charges = charges
	return a
}

func used(t *testing.T, s Store, charges ...quota.Charge) []quota.Use {
	t.Helper()
	uses, err := s.Used(t.Context(), "default", charges)
	if err != nil {
		t.Fatal(err)
	}
	for i := range uses {
		if !uses[i].Until.IsZero() {
			uses[i].Until = uses[i].Until.UTC()
		}
	}
	return uses
}

func quotaCounts(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	for i, tc := range []struct {
		count int
		want  error
	}{{3, nil}, {1, nil}, {2, quota.ErrExceeded}, {1, nil}, {1, quota.ErrExceeded}} {
		_, err := s.Accept(t.Context(), charged(draft{count: tc.count}, hourly("api:a", tc.count, 5),
			hourly("", tc.count, 100)))
		if !errors.Is(err, tc.want) {
			t.Errorf("step %d: %v, want %v", i, err, tc.want)
		}
	}
	if _, err := s.Accept(t.Context(), charged(draft{}, hourly("api:b", 1, 5))); err != nil {
		t.Errorf("another key: %v", err)
	}
	if _, err := s.Accept(t.Context(), charged(draft{account: "other"}, hourly("api:a", 1, 5))); err != nil {
		t.Errorf("another account: %v", err)
	}
	until := hourly("", 0, 0).Until
	want := []quota.Use{{Until: until, Messages: 5, Segments: 10}, {Until: until, Messages: 5, Segments: 10}, {}}
	ask := []quota.Charge{hourly("api:a", 1, 5), hourly("", 1, 5), hourly("api:nobody", 1, 5)}
	if diff := cmp.Diff(want, used(t, s, ask...)); diff != "" {
		t.Errorf("counted (-want +got):\n%s", diff)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t)
	if _, err := s.Accept(t.Context(), charged(draft{}, hourly("api:a", 1, 5))); !errors.Is(err,
		quota.ErrExceeded) {
		t.Errorf("after a restart: %v, want ErrQuota", err)
	}
	segments := hourly("api:b", 1, 0)
	segments.MostSegments = 3 // it has two
	if _, err := s.Accept(t.Context(), charged(draft{}, segments)); !errors.Is(err, quota.ErrExceeded) {
		t.Errorf("too many segments: %v, want ErrQuota", err)
	}
}

// race has many accepts at once, each beside one that its quota never refuses.
func race(t *testing.T, s Store, asked int, limited, free quota.Charge) (stored, refused int64) {
	t.Helper()
	var all sync.WaitGroup
	var taken, spent atomic.Int64
	for range asked {
		one, other := charged(draft{}, limited), charged(draft{}, free)
		all.Go(func() {
			switch _, err := s.Accept(t.Context(), one); {
			case err == nil:
				taken.Add(1)
			case errors.Is(err, quota.ErrExceeded):
				spent.Add(1)
			default:
				t.Errorf("Accept: %v", err)
			}
		})
		all.Go(func() {
			if _, err := s.Accept(t.Context(), other); err != nil {
				t.Errorf("what is not bounded: %v", err)
			}
		})
	}
	all.Wait()
	return taken.Load(), spent.Load()
}

func quotaRace(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	const most, asked = 40, 150
	stored, refused := race(t, s, asked, hourly("api:a", 1, most), hourly("api:b", 1, 0))
	if stored != most || refused != asked-most {
		t.Errorf("%d stored and %d refused, want %d and %d", stored, refused, most, asked-most)
	}
	if u := used(t, s, hourly("api:a", 1, most), hourly("api:b", 1, 0)); u[0].Messages != most ||
		u[1].Messages != asked {
		t.Errorf("counted %+v", u)
	}
}

// costly is a charge of a quota of two units of money.
func costly(money sms.Money) quota.Charge {
	c := hourly("", 1, 0)
	c.Quota, c.Money, c.MostMoney = "budget/hour", money, 2*sms.Unit
	return c
}

func quotaMoney(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	const price, asked = 47_000, 100 // 42 of them cost 1.974
	stored, refused := race(t, s, asked, costly(price), costly(0))
	if stored != 42 || refused != asked-42 {
		t.Errorf("%d stored and %d refused, want 42 and %d", stored, refused, asked-42)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t)
	if u := used(t, s, costly(price)); u[0].Money != 42*price || u[0].Messages != 42+asked {
		t.Errorf("counted %+v", u)
	}
	if _, err := s.Accept(t.Context(), charged(draft{}, costly(price))); !errors.Is(err, quota.ErrExceeded) {
		t.Errorf("after a restart: %v, want ErrQuota", err)
	}
	if _, err := s.Accept(t.Context(), charged(draft{}, costly(26_000))); err != nil {
		t.Errorf("what is left to the last: %v", err)
	}
}

func quotaPeriods(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	if _, err := s.Accept(t.Context(), charged(draft{}, hourly("", 1, 1))); err != nil {
		t.Fatal(err)
	}
	next := func(by time.Duration, want error) {
		t.Helper()
		a := charged(draft{}, hourly("", 1, 1))
		a.At = start.Add(by)
		a.Charges[0].Until, a.Charges[0].Latest = a.Charges[0].Until.Add(by), a.Charges[0].Latest.Add(by)
		if _, err := s.Accept(t.Context(), a); !errors.Is(err, want) {
			t.Errorf("after %s: %v, want %v", by, err, want)
		}
	}
	next(0, quota.ErrExceeded)
	next(time.Hour, nil)
	next(time.Hour, quota.ErrExceeded)
	next(0, quota.ErrExceeded) // a node whose clock is a little behind
	next(240*time.Hour, nil)   // a clock that ran ahead, and
	next(2*time.Hour, nil)     // was set right, holds nothing up
	next(2*time.Hour, quota.ErrExceeded)
}

func quotaFirst(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	send := func(by time.Duration, want error) {
		t.Helper()
		a := charged(draft{}, hourly("api:a GB", 1, 2))
		a.At = start.Add(by)
		a.Charges[0].Until, a.Charges[0].Latest, a.Charges[0].Once = a.At.Add(time.Hour), a.At.Add(2*time.Hour),
			true
		if _, err := s.Accept(t.Context(), a); !errors.Is(err, want) {
			t.Errorf("after %s: %v, want %v", by, err, want)
		}
	}
	send(0, nil)
	send(30*time.Minute, nil)
	send(59*time.Minute, quota.ErrExceeded)
	for range 5 {
		send(time.Hour, nil)
	}
	if u := used(t, s, hourly("api:a GB", 1, 2)); u[0].Messages != 2 {
		t.Errorf("counted %+v, want the first two", u)
	}
}

func quotaRefuses(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	first := keyed("first", 1, "first")
	first.Charges = []quota.Charge{hourly("", 1, 1)}
	again := keyed("first", 1, "again") // a repetition, which is not counted
	again.Charges = first.Charges
	for _, a := range []*gateway.Acceptance{first, again} {
		if _, err := s.Accept(t.Context(), a); err != nil {
			t.Fatal(err)
		}
	}
	refused := keyed("refused", 1, "no")
	refused.Charges = []quota.Charge{hourly("other", 1, 0), hourly("", 1, 1)}
	if _, err := s.Accept(t.Context(), refused); !errors.Is(err, quota.ErrExceeded) {
		t.Fatalf("%v, want ErrQuota", err)
	}
	if answer, err := s.Answer(t.Context(), "default", *refused.Key); answer != nil || err != nil {
		t.Errorf("the key was kept: %q, %v", answer, err)
	}
	if _, err := s.Message(t.Context(), "default", refused.Drafts[0].ID); !errors.Is(err, gateway.ErrNotFound) {
		t.Errorf("the message was kept: %v", err)
	}
	if u := used(t, s, hourly("other", 1, 0)); u[0].Messages != 0 {
		t.Errorf("another quota counted it: %+v", u)
	}
}

func repeatsCounted(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	const to = sms.Number("+33639980077")
	send := func(text, capped string, since time.Time, most int) error {
		a := draft{to: to, text: text}.acceptance()
		a.Repeats = []quota.Repeat{{
			Quota: "people", Since: since, Most: most, Text: capped,
			Numbers: []sms.Number{to},
		}}
		_, err := s.Accept(t.Context(), a)
		return err
	}
	for i, tc := range []struct {
		text, capped string
		since        time.Time
		most         int
		want         error
	}{
		{"Bonjour", "Bonjour", start.Add(-time.Hour), 2, nil},
		{"Bonsoir", "", start.Add(-time.Hour), 2, nil},
		{"Bonsoir", "", start.Add(-time.Hour), 2, quota.ErrExceeded},
		{"Bonjour", "Bonjour", start.Add(-time.Hour), 2, nil},
		{"Bonjour", "Bonjour", start.Add(-time.Hour), 2, quota.ErrExceeded},
		{"Bonsoir", "Bonsoir", start.Add(-time.Hour), 2, nil},
		{"Bonjour", "", start.Add(time.Hour), 1, nil}, // those before the time do not count
	} {
		if err := send(tc.text, tc.capped, tc.since, tc.most); !errors.Is(err, tc.want) {
			t.Errorf("step %d: %v, want %v", i, err, tc.want)
		}
	}
	full, err := s.Repeated(t.Context(), "default", quota.Repeat{
		Since: start.Add(-time.Hour), Most: 3, Text: "Bonjour", Numbers: []sms.Number{to, "+33639980078"},
	})
	if err != nil || len(full) != 1 || !full[to] {
		t.Errorf("full are %v, %v", full, err)
	}
}

// repeatsApart: two quotas look at different recipients of one submission, as many each.
func repeatsApart(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	const here, there = sms.Number("+33639980077"), sms.Number("+32470123456")
	send := func() error {
		a := draft{to: here}.acceptance()
		a.Repeats = []quota.Repeat{
			{Quota: "there", Since: start.Add(-time.Hour), Most: 2, Numbers: []sms.Number{there}},
			{Quota: "here", Since: start.Add(-time.Hour), Most: 2, Numbers: []sms.Number{here}},
		}
		_, err := s.Accept(t.Context(), a)
		return err
	}
	for i, want := range []error{nil, nil, quota.ErrExceeded} {
		if err := send(); !errors.Is(err, want) {
			t.Errorf("message %d: %v, want %v", i+1, err, want)
		}
	}
}

// repeatsAsAModel sends at random, with quotas of all kinds, and compares each answer
// with a list of what was accepted: what a store remembers of numbers must not let one
// message more through, nor one less.
func repeatsAsAModel(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	type sent struct {
		to   sms.Number
		text string
		at   time.Time
	}
	var accepted []sent
	dice := rand.New(rand.NewPCG(6, 2026))
	now := start
	for i := range 300 {
		now = now.Add(time.Duration(dice.IntN(60)-5) * time.Minute) // clocks of requests differ a little
		m := sent{sms.Number(fmt.Sprint("+3363998000", dice.IntN(3))), []string{"un", "deux"}[dice.IntN(2)], now}
		a := draft{to: m.to, text: m.text}.acceptance()
		a.At, a.Drafts[0].ID, a.Drafts[0].Submission = now, idAt(now), idAt(now)
		var want error
		for range dice.IntN(3) {
			r := quota.Repeat{
				Since: now.Add(-time.Duration(1+dice.IntN(12)) * time.Hour), Most: 1 + dice.IntN(6),
				Numbers: []sms.Number{m.to},
			}
			if dice.IntN(2) == 0 {
				r.Text = m.text
			}
			a.Repeats = append(a.Repeats, r)
			n := 0
			for _, b := range accepted {
				if b.to == m.to && !b.at.Before(r.Since) && (r.Text == "" || r.Text == b.text) {
					n++
				}
			}
			if n >= r.Most {
				want = quota.ErrExceeded
			}
		}
		if _, err := s.Accept(t.Context(), a); !errors.Is(err, want) {
			t.Fatalf("message %d: %v, want %v", i, err, want)
		}
		if want == nil {
			accepted = append(accepted, m)
		}
	}
	if n := len(accepted); n < 50 || n > 290 {
		t.Errorf("%d of 300 accepted: the test tries too little", n)
	}
}
