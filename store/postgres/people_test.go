package postgres

import (
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"relais/gateway"
	"relais/internal/pgtest"
	"relais/quota"
	"relais/sms"
)

// toPerson is a message under a quota that allows a person most messages an hour; 0: under none.
func toPerson(to sms.Number, most int) *gateway.Acceptance {
	a := draftFor("ovh")
	a.Drafts[0].To = to
	if most > 0 {
		a.Repeats = []quota.Repeat{{
			Quota: "people", Since: time.Now().Add(-time.Hour), Most: most, Numbers: []sms.Number{to},
		}}
	}
	return a
}

// A node that alone writes messages asks the database once about a person.
func TestPeopleAreRemembered(t *testing.T) {
	s, w, err := openWatched(t, pgtest.Database(t), true)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for i := range 5 {
		most := 3
		if i == 1 {
			most = 0 // it is counted all the same
		}
		_, err := s.Accept(t.Context(), toPerson("+33639980001", most))
		if full := i > 2; full != errors.Is(err, quota.ErrExceeded) || !full && err != nil {
			t.Errorf("message %d: %v", i, err)
		}
		// the first one, and those that may be too many
		if asked, want := w.times(selectNear), []int{1, 1, 1, 2, 3}[i]; asked != want {
			t.Errorf("message %d: the database was asked %d times, want %d", i, asked, want)
		}
	}
}

// Two nodes that accept in turns let no more through than one, whether one of them just
// relied on what it knows or none does.
func TestPeopleOfTwoNodes(t *testing.T) {
	for _, claims := range []time.Duration{0, time.Hour} {
		t.Run(claims.String(), func(t *testing.T) {
			address, dice := pgtest.Database(t), rand.New(rand.NewPCG(16, 2026))
			var nodes []*Store
			for range 2 {
				s, err := OpenWatched(t, address)
				if err != nil {
					t.Fatal(err)
				}
				defer s.Close()
				s.people.claims = claims
				nodes = append(nodes, s)
			}
			const most = 7
			sent := map[sms.Number]int{}
			for i := range 60 {
				to, most := []sms.Number{"+33639980001", "+33639980002", "+33639980003"}[dice.IntN(3)], most
				if dice.IntN(4) == 0 {
					most = 0
				}
				_, err := nodes[dice.IntN(2)].Accept(t.Context(), toPerson(to, most))
				if full := most > 0 && sent[to] >= most; full != errors.Is(err, quota.ErrExceeded) || !full && err != nil {
					t.Fatalf("message %d, the person has %d: %v", i, sent[to], err)
				}
				if err == nil {
					sent[to]++
				}
			}
			for i, s := range nodes {
				if claims > 0 && s.people.relies() {
					t.Errorf("node %d relies on what it knows", i)
				}
			}
		})
	}
}
