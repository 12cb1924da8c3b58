package postgres

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

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
				if now, _ := s.people.present(); claims > 0 && now != nil {
					t.Errorf("node %d relies on what it knows", i)
				}
			}
		})
	}
}

// writeSlowly accepts a message in a transaction that does something before it ends. A program of
// before does not look who is named.
func writeSlowly(s *Store, a *gateway.Acceptance, before bool, meanwhile func(pgx.Tx)) error {
	r, err := encode(a)
	if err != nil {
		return err
	}
	return s.writeCounted(context.Background(), []*accepting{r}, func(w *reliance, kept []*accepting) error {
		return pgx.BeginTxFunc(context.Background(), s.pool, readCommitted, func(tx pgx.Tx) error {
			batch := &pgx.Batch{}
			queueSubmissions(batch, kept)
			if !before {
				w.queueCheck(batch)
			}
			queueMessages(batch, kept)
			if err := tx.SendBatch(context.Background(), batch).Close(); err != nil {
				return err
			}
			meanwhile(tx)
			return nil
		})
	})
}

// openPair are two nodes of which the first one may be named whenever it asks.
func openPair(t *testing.T) (a, b *Store) {
	t.Helper()
	address := pgtest.Database(t)
	var nodes [2]*Store
	for i := range nodes {
		s, err := OpenWatched(t, address)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		nodes[i] = s
	}
	nodes[0].people.claims, nodes[1].people.claims = 0, time.Hour
	nodes[1].people.lost = time.Now()
	return nodes[0], nodes[1]
}

// accepted fails the test unless a node accepts a message, or refuses it where full.
func accepted(t *testing.T, s *Store, to sms.Number, most int, full bool) {
	t.Helper()
	if _, err := s.Accept(t.Context(), toPerson(to, most)); full != errors.Is(err, quota.ErrExceeded) || !full && err != nil {
		t.Errorf("full: %t, but %v", full, err)
	}
}

// relies fails the test unless a node relies on what it knows, or does not.
func relies(t *testing.T, s *Store, want bool) {
	t.Helper()
	if now, _ := s.people.present(); (now != nil) != want {
		t.Errorf("the node relies: %t, want %t", now != nil, want)
	}
}

// A node relies on what it knows only once the transactions of others have ended: it counts what
// they wrote, whether their program is this one or one of before.
func TestPeopleOfATransactionUnderWay(t *testing.T) {
	for _, before := range []bool{false, true} {
		a, b := openPair(t)
		const to, most = "+33639980001", 2
		err := writeSlowly(b, toPerson(to, 0), before, func(pgx.Tx) {
			accepted(t, a, to, most, false)
			relies(t, a, false)
		})
		if err != nil {
			t.Fatal(err)
		}
		accepted(t, a, to, most, true)
		relies(t, a, true)
	}
}

// Who takes out the name of another waits for what that one writes.
func TestPeopleOfTheNamedUnderWay(t *testing.T) {
	a, b := openPair(t)
	const to = "+33639980001"
	accepted(t, a, "+33639980002", 1, false)
	relies(t, a, true)
	done := make(chan error, 1)
	err := writeSlowly(a, toPerson(to, 1), false, func(tx pgx.Tx) {
		go func() {
			_, err := b.Accept(context.Background(), toPerson(to, 1))
			done <- err
		}()
		awaitLock(t, tx)
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := <-done; !errors.Is(err, quota.ErrExceeded) {
		t.Errorf("the second message to a person: %v", err)
	}
}

// What a program of before writes is counted by the node that was named until then.
func TestPeopleOfAProgramOfBefore(t *testing.T) {
	a, b := openPair(t)
	const to, most = "+33639980001", 2
	accepted(t, a, to, most, false)
	relies(t, a, true)
	if err := writeSlowly(b, toPerson(to, 0), true, func(pgx.Tx) {}); err != nil {
		t.Fatal(err)
	}
	accepted(t, a, to, most, true)
}

// Of a transaction whose connection broke it is not known whether it was written.
func TestPeopleOfATransactionInDoubt(t *testing.T) {
	a, _ := openPair(t)
	accepted(t, a, "+33639980001", 1, false)
	relies(t, a, true)
	err := a.writeTo(t.Context(), nil, func(*reliance) error { return io.ErrUnexpectedEOF })
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Error(err)
	}
	relies(t, a, false)
}
