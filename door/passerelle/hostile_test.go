package passerelle_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestNonceOutlivesClocks: a node whose clock is ahead, and a clock that is set
// back, drop no nonce that a signature can still bring.
func TestNonceOutlivesClocks(t *testing.T) {
	s := open(t)
	replay := "/passerelle/town/send?" + sign("", formsHost, vectorKey, "aa01", vectorTime)
	if got := s.post(replay, order("Bonjour", "M", "0639980001")); got.StatusCode != http.StatusOK {
		t.Fatalf("answer %s", got.raw)
	}
	ahead := vectorTime.Add(5 * time.Minute)
	s.clock.set(ahead)
	if got := s.post("/passerelle/town/send?"+sign("", formsHost, vectorKey, "aa02", ahead), order("Bonjour", "M", "0639980001")); got.StatusCode != http.StatusOK {
		t.Fatalf("answer %s", got.raw)
	}
	s.clock.set(vectorTime.Add(10 * time.Second))
	if got := s.post(replay, order("Autre", "M", "0639980002")); got.StatusCode != http.StatusForbidden {
		t.Errorf("a used nonce opens again: %d %s", got.StatusCode, got.raw)
	}
}

// TestMonthsAreWhole: figures that begin late in a long month leave out no short
// one.
func TestMonthsAreWhole(t *testing.T) {
	s := counted(t)
	for _, tc := range []struct {
		query, labels string
		data          []int
	}{
		{"time_interval=month&start=2025-01-31&end=2025-04-01", "2025-01 2025-02 2025-03", []int{0, 1, 0}},
		{"time_interval=month&start=2024-12-31&end=2025-05-02", "2024-12 2025-01 2025-02 2025-03 2025-04 2025-05", []int{0, 6, 1, 0, 0, 0}},
		{"time_interval=year&start=2024-02-29&end=2025-02-20", "2024 2025", []int{0, 7}},
	} {
		got := s.figures(tc.query)
		if labels := strings.Join(got.Labels, " "); labels != tc.labels {
			t.Errorf("%s: labels %s, want %s", tc.query, labels, tc.labels)
			continue
		}
		for i, want := range tc.data {
			if got.Series[0].Data[i] != want {
				t.Errorf("%s: %v, want %v", tc.query, got.Series[0].Data, tc.data)
				break
			}
		}
	}
}

// TestTooManyRecipientsCostLittle: a request that is refused for its size is not
// read number by number first.
func TestTooManyRecipientsCostLittle(t *testing.T) {
	instance := town()
	instance.Families = []string{"fr-metro"}
	s := open(t, instance)
	to := slices.Repeat([]string{"+32470123456"}, 10_001)
	got := s.post("/passerelle/town/send?apikey=key-of-codes", order("Bonjour", "M", to...))
	if got.StatusCode != http.StatusBadRequest || got.Data.Code != "recipients_too_many" {
		t.Errorf("answer %.200s", got.raw)
	}
}

// TestTwoSlashesAreOne: w.c.s. takes a redirect for a failure.
func TestTwoSlashesAreOne(t *testing.T) {
	s := open(t)
	for _, path := range []string{"//passerelle/town/send", "//sfr-dmc/mairie/send/"} {
		if got := s.post(path+"?apikey=key-of-codes", order("Bonjour", "M", "0639980001")); got.StatusCode != http.StatusOK {
			t.Errorf("%s: %d %s", path, got.StatusCode, got.raw)
		}
	}
}
