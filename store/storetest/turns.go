package storetest

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"relais/lane"
	"relais/sms"
)

// waits puts messages of a key in the queue, written as "account/key".
func waits(t *testing.T, s Store, line string, d draft) {
	t.Helper()
	account, key, _ := strings.Cut(line, "/")
	d.account, d.actor = account, sms.Actor(key)
	accept(t, s, d)
}

// lines are the keys whose messages were claimed, by call: "a/k a/k, b/k".
func lines(calls [][]sms.Message) string {
	var all []string
	for _, call := range calls {
		var one []string
		for i := range call {
			one = append(one, call[i].Account+"/"+string(call[i].Actor))
		}
		all = append(all, strings.Join(one, " "))
	}
	return strings.Join(all, ", ")
}

// turnsTaken: who waits gets a turn however much another has waiting.
func turnsTaken(t *testing.T, open func(t *testing.T) Store) {
	campaign := draft{count: 50, due: start.Add(-time.Minute)}
	dated := draft{count: 50, accepted: start.Add(-time.Hour), due: start.Add(-time.Minute)}
	for _, tc := range []struct {
		name  string
		queue []string // "account/key", in this order; the first one's is a campaign
		first draft
		claim lane.Claim
		want  string
	}{
		{
			"one account goes on as it is due",
			[]string{"a/k"},
			campaign,
			lane.Claim{Calls: 3, Batch: 1},
			"a/k, a/k, a/k",
		},
		{
			"accounts",
			[]string{"a/k", "b/k", "c/k"},
			campaign,
			lane.Claim{Calls: 6, Batch: 1},
			"a/k, b/k, c/k, a/k, a/k, a/k",
		},
		{
			"keys inside the turns of their account",
			[]string{"a/k", "a/l", "b/k", "b/k"},
			campaign,
			lane.Claim{Calls: 6, Batch: 1},
			"a/k, b/k, a/l, b/k, a/k, a/k",
		},
		{
			"calls that mix texts",
			[]string{"a/k", "b/k"},
			campaign,
			lane.Claim{Calls: 2, Batch: 4},
			"a/k b/k a/k a/k, a/k a/k a/k a/k",
		},
		{
			"calls of one text are full",
			[]string{"a/k", "b/k", "b/k", "c/k"},
			campaign,
			lane.Claim{Calls: 4, Batch: 3, SameText: true},
			"a/k a/k a/k, b/k, c/k, a/k a/k a/k",
		},
		{
			"an account with a weight",
			[]string{"a/k", "b/k", "b/k", "c/k"},
			campaign,
			lane.Claim{Calls: 8, Batch: 1, Weight: func(account string) int { return map[string]int{"a": 3}[account] }},
			"a/k, a/k, a/k, b/k, c/k, a/k, a/k, a/k",
		},
		{
			"a campaign whose date has come",
			[]string{"a/k", "b/k", "c/k"},
			dated,
			lane.Claim{Calls: 4, Batch: 1},
			"a/k, b/k, c/k, a/k",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := open(t)
			for i, line := range tc.queue {
				d := draft{}
				if i == 0 {
					d = tc.first
				}
				waits(t, s, line, d)
			}
			tc.claim.Rota = lane.NewRota()
			if diff := cmp.Diff(tc.want, lines(claim(t, s, tc.claim).Calls)); diff != "" {
				t.Errorf("claimed (-want +got):\n%s", diff)
			}
		})
	}
}

// firstOfAMinute: in the minute in which several lines have something dated, the first
// of all is known, and may be claimed before the others are due.
func firstOfAMinute(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	minute := start.Truncate(time.Minute).Add(10 * time.Minute)
	waits(t, s, "a/k", draft{due: minute.Add(40 * time.Second)})
	waits(t, s, "b/k", draft{due: minute.Add(5 * time.Second)})
	if next := claim(t, s, lane.Claim{Calls: 1, Batch: 1}).Next; !next.Equal(minute.Add(5 * time.Second)) {
		t.Errorf("next due at %v, want %v", next, minute.Add(5*time.Second))
	}
	claimed := claim(t, s, lane.Claim{Calls: 2, Batch: 1, Now: minute.Add(10 * time.Second)})
	if got := lines(claimed.Calls); got != "b/k" {
		t.Errorf("claimed %q, want the one that is due", got)
	}
}

// turnsRemembered: claims of one call each go on where the last one ended.
func turnsRemembered(t *testing.T, open func(t *testing.T) Store) {
	for _, tc := range []struct {
		name   string
		weight func(string) int
		want   string
	}{
		{"each in its turn", nil, "a/k, b/k, c/k, a/l, b/k, c/k, a/k, b/k, c/k"},
		{
			"a has two", func(account string) int { return map[string]int{"a": 2}[account] },
			"a/k, a/l, b/k, c/k, a/k, a/l, b/k, c/k, a/k",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := open(t)
			for _, line := range []string{"a/k", "a/l", "b/k", "c/k"} {
				waits(t, s, line, draft{count: 10})
			}
			line := newLane(tc.weight)
			var got [][]sms.Message
			for range 9 {
				got = append(got, line.claim(t, s, lane.Claim{Calls: 1}).Calls...)
			}
			if diff := cmp.Diff(tc.want, lines(got)); diff != "" {
				t.Errorf("claimed, one after the other (-want +got):\n%s", diff)
			}
		})
	}
}

// testLane claims as a lane does, which remembers whose turn it is.
type testLane struct {
	rota   *lane.Rota
	weight func(string) int
}

func newLane(weight func(string) int) *testLane { return &testLane{lane.NewRota(), weight} }

func (l *testLane) claim(t *testing.T, s Store, c lane.Claim) lane.Claimed {
	t.Helper()
	set(&c.Batch, 1)
	c.Rota, c.Weight = l.rota, l.weight
	claimed := claim(t, s, c)
	l.rota.Took(c, claimed)
	return claimed
}

// turnsUnderFlood: what is claimed of somebody does not wait behind what others have
// waiting, of whatever shape that is. It leaves by the second call.
func turnsUnderFlood(t *testing.T, open func(t *testing.T) Store) {
	accounts := func(d draft) func(t *testing.T, s Store) {
		return func(t *testing.T, s Store) {
			for i := range 300 {
				waits(t, s, fmt.Sprintf("a%03d/k", i), d)
			}
		}
	}
	for _, tc := range []struct {
		name   string
		flood  func(t *testing.T, s Store)
		victim string
		within int // calls
	}{
		{
			"10,000 of one account", func(t *testing.T, s Store) { waits(t, s, "a/k", draft{count: 10_000}) }, "b/k",
			2,
		},
		{
			"10,000 of one account, whose name comes later",
			func(t *testing.T, s Store) { waits(t, s, "a/k", draft{count: 10_000}) }, "A/k", 2,
		},
		{
			"10,000 of another key", func(t *testing.T, s Store) { waits(t, s, "a/k", draft{count: 10_000}) }, "a/l",
			2,
		},
		{"as many whose date has come", func(t *testing.T, s Store) {
			waits(t, s, "a/k", draft{count: 10_000, accepted: start.Add(-time.Hour), due: start.Add(-time.Minute)})
		}, "b/k", 2},
		{"300 keys of another account", func(t *testing.T, s Store) {
			for i := range 300 {
				waits(t, s, fmt.Sprintf("a/k%03d", i), draft{})
			}
		}, "b/k", 2},
		{"300 accounts with a date to come", accounts(draft{due: start.Add(time.Hour)}), "b/k", 1},
		{"what has expired", func(t *testing.T, s Store) {
			waits(t, s, "a/k", draft{count: 500, due: start.Add(-2 * time.Hour), valid: time.Hour})
		}, "b/k", 3},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := open(t)
			tc.flood(t, s)
			waits(t, s, tc.victim, draft{})
			line := newLane(nil)
			var got []string
			for range tc.within {
				got = append(got, lines(line.claim(t, s, lane.Claim{Calls: 1}).Calls))
			}
			if !slices.Contains(got, tc.victim) {
				t.Errorf("claimed %q; want %s among them", got, tc.victim)
			}
		})
	}
}

// turnsKept: what was put back, moved or came from another connector takes its turn
// like the rest.
func turnsKept(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	waits(t, s, "b/k", draft{})
	back := claimOne(t, s)
	retry := move(back, sms.Queued, "retry")
	retry.DueAt = start.Add(time.Minute)
	settle(t, s, retry)
	waits(t, s, "c/k", draft{connector: "sfr"})
	over := move(claim(t, s, lane.Claim{Connector: "sfr"}).Calls[0][0], sms.Queued, "retry")
	over.Connector, over.DueAt = "ovh", over.Event.At
	settle(t, s, over)
	moved := draft{account: "d", actor: "k", connector: "sfr", due: start.Add(time.Minute)}.acceptance()
	if _, err := s.Accept(t.Context(), moved); err != nil {
		t.Fatal(err)
	}
	if n, err := s.Move(t.Context(), []lane.Move{{
		Message: moved.Drafts[0].Message, To: "ovh",
		Event: over.Event,
	}}); n != 1 || err != nil {
		t.Fatalf("%d moved, %v", n, err)
	}
	waits(t, s, "a/k", draft{count: 50, due: start.Add(-time.Minute)})
	got := lines(claim(t, s, lane.Claim{Calls: 5, Now: start.Add(time.Hour / 2)}).Calls)
	if diff := cmp.Diff("a/k, b/k, c/k, d/k, a/k", got); diff != "" {
		t.Errorf("claimed (-want +got):\n%s", diff)
	}
}

// turnsAfter: what one account has in doubt, or cannot have moved, hides nothing of
// another's.
func turnsAfter(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	ids := map[string][]sms.ID{}
	for _, account := range []string{"a", "b", "c"} {
		a := draft{account: account, count: 3}.acceptance()
		for i := range a.Drafts {
			a.Drafts[i].Routes = []string{"ovh", "sfr"}
			ids[account] = append(ids[account], a.Drafts[i].ID)
		}
		if _, err := s.Accept(t.Context(), a); err != nil {
			t.Fatal(err)
		}
		slices.SortFunc(ids[account], func(x, y sms.ID) int { return bytes.Compare(x[:], y[:]) })
	}
	accept(t, s, draft{account: "d"}) // pinned
	if got, err := s.MovableAccounts(t.Context(), "ovh"); err != nil ||
		!slices.Equal(got, []string{"a", "b", "c"}) {
		t.Errorf("%q have messages to move, %v; want a, b and c", got, err)
	}
	page, err := s.Movable(t.Context(), "ovh", "b", ids["b"][0], 1)
	if err != nil || len(page) != 1 || page[0].ID != ids["b"][1] {
		t.Errorf("behind the first of b: %d messages, %v; want the second alone", len(page), err)
	}

	claimed := claim(t, s, lane.Claim{Calls: 100})
	for _, call := range claimed.Calls {
		tr := move(call[0], sms.Uncertain, "no_clear_answer")
		tr.AskAt = start.Add(time.Minute)
		switch call[0].ID {
		case ids["a"][2]:
			tr.AskAt = start.Add(time.Second)
		case ids["b"][0], ids["b"][1], ids["b"][2]:
			tr.AskAt = time.Time{} // held
		default:
		}
		settle(t, s, tr)
	}
	for _, tc := range []struct{ after, want string }{{"", "a"}, {"a", "c"}, {"b", "c"}, {"c", "d"}, {"d", ""}} {
		got, err := s.Doubtful(t.Context(), "ovh", tc.after, start.Add(time.Hour), 1)
		if err != nil {
			t.Fatal(err)
		}
		account := ""
		if len(got) > 0 {
			account = got[0].Account
		}
		if account != tc.want {
			t.Errorf("after %q it is the turn of %q, want %q", tc.after, account, tc.want)
		}
		if account == "a" && got[0].ID != ids["a"][2] {
			t.Error("not the longest due of a")
		}
	}
}
