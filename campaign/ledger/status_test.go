package ledger_test

import (
	"slices"
	"testing"

	"relais/campaign/ledger"
)

func TestFinalStatusesStay(t *testing.T) {
	var final []ledger.Status
	for _, s := range ledger.Statuses {
		if s.Final() {
			final = append(final, s)
		}
		for _, next := range s.Next() {
			if !next.Valid() {
				t.Errorf("%s leads to %s", s, next)
			}
		}
	}
	if !slices.Equal(final, []ledger.Status{ledger.Finished, ledger.Canceled}) {
		t.Errorf("final are %v", final)
	}
	if ledger.Status("dropped").Final() {
		t.Error("a status that is none is final")
	}
}

// TestEveryStatusIsReached: and from every one that is not final an end is.
func TestEveryStatusIsReached(t *testing.T) {
	reach := func(from ledger.Status) map[ledger.Status]bool {
		seen, todo := map[ledger.Status]bool{from: true}, []ledger.Status{from}
		for len(todo) > 0 {
			for _, next := range todo[0].Next() {
				if !seen[next] {
					seen[next], todo = true, append(todo, next)
				}
			}
			todo = todo[1:]
		}
		return seen
	}
	for _, s := range ledger.Statuses {
		if !reach(ledger.Draft)[s] {
			t.Errorf("%s is never reached", s)
		}
		if from := reach(s); !from[ledger.Finished] && !from[ledger.Canceled] {
			t.Errorf("%s has no end", s)
		}
	}
}

func TestOpenRowsMove(t *testing.T) {
	for _, s := range ledger.States {
		moves := slices.ContainsFunc(ledger.States, s.May)
		if moves != s.Open() {
			t.Errorf("%s: open %v, moves %v", s, s.Open(), moves)
		}
	}
}
