package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"relais/cmd/relais/terminal"
	"relais/door/shadow"
	"relais/reason"
	"relais/sms"
	"relais/store/sqlite"
)

// compared makes a database with three requests of one instance.
func compared(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	store, err := sqlite.OpenExclusive(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	at := time.Now().UTC().Truncate(time.Second)
	for i, r := range []shadow.Row{
		{Verdict: shadow.Same, Found: shadow.Found{OldStatus: 200, OurStatus: 200}},
		{Verdict: shadow.OldFailed, Found: shadow.Found{OurStatus: 200, Why: "timeout"}},
		{Verdict: shadow.Differs, Found: shadow.Found{
			OldStatus: 200, OurStatus: 200,
			Plan: &shadow.Plan{Messages: 1, Segments: 2, Connectors: map[string]int{"ovh": 1}},
			Differences: []shadow.Difference{
				{What: "recipient", To: "+26**********", Old: "accepted", Ours: "refused: number_family"},
			},
		}},
	} {
		r.Account, r.Door, r.Instance, r.At = "default", "passerelle", "town", at.Add(
			time.Duration(i-3)*time.Hour,
		)
		r.ID = sms.NewID(r.At)
		if err := store.KeepShadow(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestShadow(t *testing.T) {
	dir := compared(t)
	for _, tc := range []struct {
		name     string
		args     string
		language reason.Language
		want     []string // in this order
		not      string
	}{
		{"all", "", reason.English, []string{
			"ACCOUNT  DOOR        INSTANCE  SAME  DIFFERS  NOT COMPARABLE  OLD FAILED",
			"default  passerelle  town      1     1        0               1",
			"differs     200  200   recipient +26**********: there accepted, here refused: number_family",
			"old_failed  -    200   timeout",
		}, ""},
		{"of late", " --since 90m", reason.English, []string{"town      0     1        0               0", "differs"}, "timeout"},
		{"the newest", " --limit 1", reason.English, []string{"differs"}, "timeout"},
		{"French", "", "fr", []string{"PAREIL", "DIFFÈRE", "là-bas accepted, ici refused: number_family"}, "there"},
		{"nothing", " --since 1s", reason.English, []string{"nothing was compared"}, "DOOR"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := shadowSays(t, tc.language, "shadow --data "+dir+tc.args)
			rest := got
			for _, want := range tc.want {
				_, after, found := strings.Cut(rest, want)
				if !found {
					t.Errorf("%q does not stand in the output, or not in its place:\n%s", want, got)
				}
				rest = after
			}
			if tc.not != "" && strings.Contains(got, tc.not) {
				t.Errorf("%q stands in the output:\n%s", tc.not, got)
			}
		})
	}
}

func TestShadowInJSON(t *testing.T) {
	var got struct {
		Counts []struct {
			Door     string
			Verdicts map[string]int
		}
		Requests []struct {
			Verdict     string
			Why         string
			Differences []map[string]string
			Plan        *struct{ Segments int }
		}
	}
	if err := json.Unmarshal(
		[]byte(shadowSays(t, reason.English, "shadow --json --data "+compared(t))), &got,
	); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(
		map[string]int{"same": 1, "differs": 1, "old_failed": 1}, got.Counts[0].Verdicts,
	); diff != "" {
		t.Errorf("verdicts (-want +got):\n%s", diff)
	}
	if len(got.Requests) != 2 || got.Requests[0].Plan.Segments != 2 ||
		got.Requests[0].Differences[0]["ours"] != "refused: number_family" ||
		got.Requests[1].Why != "timeout" {
		t.Errorf("requests: %+v", got.Requests)
	}
}

// shadowSays returns what a command printed, result first.
func shadowSays(t *testing.T, l reason.Language, line string) string {
	t.Helper()
	switch l {
	case "fr":
		t.Setenv("LC_ALL", "fr_FR.UTF-8")
	default:
		t.Setenv("LC_ALL", "C")
	}
	var out, errs strings.Builder
	if code := run(strings.Fields(line), terminal.Terminal{Stdout: &out, Stderr: &errs}); code != exitDone {
		t.Fatalf("exit code %d: %s", code, errs.String())
	}
	return out.String() + errs.String()
}
