package sms_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"relais/sms"
)

// moves is the whole life of a message as a person would check it: a row for
// each status, a column for each next one, in the order of Statuses.
const moves = `
             q s u S d U e r c
queued       . x . x x x x x x
submitting   x . x x x x x x .
uncertain    x . . x x x x x .
submitted    . . . . x x x x .
delivered    . . . . . . . . .
undelivered  . . . . . . . . .
expired      . . . . x x x x .
rejected     . . . . . . . . .
canceled     . . . . . . . . .
`

func TestCanBecomeEveryPair(t *testing.T) {
	rows := strings.Split(strings.TrimSpace(moves), "\n")[1:]
	if len(rows) != len(sms.Statuses) {
		t.Fatalf("%d rows for %d statuses", len(rows), len(sms.Statuses))
	}
	for i, row := range rows {
		cells := strings.Fields(row)
		from := sms.Status(cells[0])
		if from != sms.Statuses[i] {
			t.Fatalf("row %d is %q, want %q", i, from, sms.Statuses[i])
		}
		for j, to := range sms.Statuses {
			if got, want := from.CanBecome(to), cells[1+j] == "x"; got != want {
				t.Errorf("%s to %s: %v, want %v", from, to, got, want)
			}
		}
	}
}

// age orders the statuses: a message only grows older, unless it is queued
// again. Final statuses are of one age.
func age(s sms.Status) int {
	return min(slices.Index(sms.Statuses, s), slices.Index(sms.Statuses, sms.Delivered))
}

func TestStatusNeverGoesBack(t *testing.T) {
	for _, from := range sms.Statuses {
		for _, to := range sms.Statuses {
			if !from.CanBecome(to) {
				continue
			}
			if to == sms.Queued {
				if from != sms.Submitting && from != sms.Uncertain {
					t.Errorf("%s may be queued again", from)
				}
				continue
			}
			if age(to) < age(from) || age(to) == age(from) && from != sms.Expired {
				t.Errorf("%s may go back to %s", from, to)
			}
		}
	}
}

func TestFinalStaysFinal(t *testing.T) {
	final := []sms.Status{sms.Delivered, sms.Undelivered, sms.Expired, sms.Rejected, sms.Canceled}
	for _, s := range sms.Statuses {
		if got, want := s.Final(), slices.Contains(final, s); got != want {
			t.Errorf("%s final: %v, want %v", s, got, want)
		}
		for _, next := range s.Next() {
			if s.Final() && (s != sms.Expired || !next.Final() || next == sms.Canceled) {
				t.Errorf("%s is final and may become %s", s, next)
			}
		}
	}
}

// An end that our own clock gave yields; one that an operator or a person gave does
// not.
func TestEndsThatYield(t *testing.T) {
	for _, tc := range []struct {
		name   string
		status sms.Status
		reason string
		want   bool
	}{
		{"no receipt came", sms.Expired, "no_receipt", true},
		{"it never left", sms.Expired, "validity_over", true},
		{"the operator did not have it, too late to send it again", sms.Expired, "lookup_not_taken", true},
		{"in doubt, too late to send it again", sms.Expired, "resent_after_doubt", true},
		{"a person said not taken, too late to send it again", sms.Expired, "resolved_not_taken", true},
		{"a person gave it up", sms.Expired, "resolved_given_up", false},
		{"the operator's validity was over", sms.Expired, "expired", false},
		{"the operator does not tell why", sms.Expired, "unknown", false},
		{"no reason", sms.Expired, "", false},
		{"delivered, whatever the reason", sms.Delivered, "no_receipt", false},
		{"canceled, whatever the reason", sms.Canceled, "validity_over", false},
		{"not ended", sms.Submitted, "no_receipt", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := tc.status.ByClock(tc.reason); got != tc.want {
				t.Errorf("by our clock: %v, want %v", got, tc.want)
			}
			move := sms.Transition{From: tc.status, FromReason: tc.reason, To: sms.Delivered}
			if got := move.Check() == nil; tc.status.Final() && got != tc.want {
				t.Errorf("may become delivered: %v, want %v", got, tc.want)
			}
		})
	}
}

// Every status that is not final leads to an end, and every status can be
// reached from the first.
func TestEveryStatusIsOnTheWay(t *testing.T) {
	reached := map[sms.Status]bool{}
	var walk func(sms.Status)
	walk = func(s sms.Status) {
		if reached[s] {
			return
		}
		reached[s] = true
		for _, next := range s.Next() {
			walk(next)
		}
	}
	walk(sms.Queued)
	for _, s := range sms.Statuses {
		if !reached[s] {
			t.Errorf("%s is never reached", s)
		}
		if !s.Final() && !slices.ContainsFunc(s.Next(), sms.Status.Final) {
			t.Errorf("%s has no way out", s)
		}
	}
}

func TestUnknownStatus(t *testing.T) {
	for _, tc := range []struct {
		name   string
		status sms.Status
	}{
		{"empty", ""},
		{"capitals", "Queued"},
		{"another word", "sent"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if tc.status.Valid() || tc.status.Final() || len(tc.status.Next()) > 0 {
				t.Errorf("%q passes for a status", tc.status)
			}
			for _, s := range sms.Statuses {
				if !s.Valid() || s.CanBecome(tc.status) || tc.status.CanBecome(s) {
					t.Errorf("%q and %q", s, tc.status)
				}
			}
		})
	}
}

func TestNextIsACopy(t *testing.T) {
	next := sms.Queued.Next()
	next[0] = sms.Uncertain
	if sms.Queued.CanBecome(sms.Uncertain) {
		t.Error("a caller changed the table")
	}
}

func TestDiagram(t *testing.T) {
	lines := strings.Split(strings.TrimSuffix(sms.Diagram(), "\n"), "\n")
	if lines[0] != "stateDiagram-v2" {
		t.Errorf("first line %q", lines[0])
	}
	got := lines[1:]
	want := []string{"    [*] --> queued"}
	for _, from := range sms.Statuses {
		for _, to := range sms.Statuses {
			if from.CanBecome(to) {
				want = append(want, "    "+string(from)+" --> "+string(to))
			}
		}
		if from.Final() {
			want = append(want, "    "+string(from)+" --> [*]")
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Diagram (-want +got):\n%s", diff)
	}
}
