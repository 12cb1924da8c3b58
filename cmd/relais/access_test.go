package main

import (
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"relais/client"
)

// reunion is where the tests of times are.
var reunion = time.FixedZone("+04", 4*3600)

func TestReadTime(t *testing.T) {
	for _, tc := range []struct {
		name, text string
		direction  time.Duration
		want       string // RFC 3339 in UTC; empty for a refusal
	}{
		{"with a zone", "2026-03-01T09:30:00+01:00", ahead, "2026-03-01T08:30:00Z"},
		{"local", "2026-03-01 09:30", ahead, "2026-03-01T05:30:00Z"},
		{"local with seconds", "2026-03-01T09:30:15", ahead, "2026-03-01T05:30:15Z"},
		{"a day", "2026-03-01", ahead, "2026-02-28T20:00:00Z"},
		{"ahead", "2h", ahead, "2000-01-01T02:00:00Z"},
		{"ago", "2h", ago, "1999-12-31T22:00:00Z"},
		{"backwards", "-2h", ahead, ""},
		{"no date", "tomorrow", ahead, ""},
		{"no such day", "2026-02-30", ahead, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { // the clock begins on 2000-01-01
				at, err := (&terminal{zone: reunion}).readTime("--send-at", tc.text, tc.direction)
				if tc.want == "" {
					if _, usage := err.(*usageError); !usage || !strings.Contains(err.Error(), "--send-at") { //nolint:errorlint // not wrapped
						t.Errorf("readTime = %v, %v; want a usage error", at, err)
					}
					return
				}
				if got := at.UTC().Format(time.RFC3339); err != nil || got != tc.want {
					t.Errorf("readTime = %s, %v; want %s", got, err, tc.want)
				}
			})
		})
	}
}

func TestTimesThatComeTwiceOrNever(t *testing.T) {
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct{ name, text, want, said string }{
		{"twice", "2026-10-25 02:30", "2026-10-25T02:30:00+02:00", "--at: 2026-10-25 02:30 comes twice, for the clock is put back; the first one was taken, 2026-10-25T02:30:00+02:00\n"},
		{"never", "2027-03-28T02:30", "2027-03-28T03:30:00+02:00", "--at: 2027-03-28T02:30 never comes, for the clock is put forward; 2027-03-28T03:30:00+02:00 was taken\n"},
		{"once", "2026-10-25 03:30", "2026-10-25T03:30:00+01:00", ""},
		{"with its zone", "2026-10-25T02:30:00+01:00", "2026-10-25T02:30:00+01:00", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var said strings.Builder
			at, err := (&terminal{zone: paris, stderr: &said}).readTime("--at", tc.text, ahead)
			if err != nil || at.Format(time.RFC3339) != tc.want || said.String() != tc.said {
				t.Errorf("%s, %v, said %q; want %s, %q", at.Format(time.RFC3339), err, said.String(), tc.want, tc.said)
			}
		})
	}
}

func FuzzReadTime(f *testing.F) {
	for _, seed := range []string{"", "2h", "2026-03-01", "2026-03-01T09:30:00+01:00", "2026-03-01 09:30"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		at, err := (&terminal{stderr: io.Discard}).readTime("--since", text, ago)
		if (text == "" || err != nil) && !at.IsZero() || text == "" && err != nil {
			t.Errorf("readTime(%q) = %v, %v", text, at, err)
		}
	})
}

func TestTimesAreShownInLocalTimeWithTheirZone(t *testing.T) {
	person := &terminal{zone: reunion}
	at := time.Date(2026, 3, 1, 22, 30, 15, 123_000_000, time.UTC)
	if got, want := person.shown(at), "2026-03-02 02:30:15 +04"; got != want {
		t.Errorf("shown = %q, want %q", got, want)
	}
	if got, want := person.shownFine(at), "2026-03-02 02:30:15.123 +04"; got != want {
		t.Errorf("shownFine = %q, want %q", got, want)
	}
	if got := person.shown(time.Time{}); got != "" {
		t.Errorf("shown of no time = %q", got)
	}
}

func TestJudge(t *testing.T) {
	event := []client.Event{{Code: "code", Detail: "The reason."}}
	for _, tc := range []struct {
		status   client.Status
		timeline []client.Event
		want     bool
		said     string
	}{
		{client.Submitted, event, true, ""},
		{client.Delivered, event, true, ""},
		{client.Uncertain, event, false, "+33639980001: uncertain (code): The reason.\n"},
		{client.Rejected, event, false, "+33639980001: rejected (code): The reason.\n"},
		{client.Undelivered, nil, false, "+33639980001: undelivered (code)\n"},
		{client.Expired, nil, false, "+33639980001: expired (code)\n"},
		{client.Canceled, nil, false, "+33639980001: canceled (code)\n"},
		{client.Queued, nil, false, "+33639980001: still queued after 1m0s (code); relais status 1 tells more\n"},
	} {
		t.Run(string(tc.status), func(t *testing.T) {
			var said strings.Builder
			m := &client.MessageWithTimeline{
				Message:  client.Message{ID: "1", To: "+33639980001", Status: tc.status, Reason: "code"},
				Timeline: tc.timeline,
			}
			got := (&sendCommand{Timeout: time.Minute}).judge(&terminal{stderr: &said}, m)
			if got != tc.want {
				t.Errorf("judge = %v, want %v", got, tc.want)
			}
			if diff := cmp.Diff(tc.said, said.String()); diff != "" {
				t.Errorf("said (-want +got):\n%s", diff)
			}
		})
	}
}

func TestWithStdin(t *testing.T) {
	for _, tc := range []struct {
		name       string
		args, want []string
	}{
		{"apart", []string{"send", "--text", "-", "--wait"}, []string{"send", "--text=-", "--wait"}},
		{"joined", []string{"send", "--text=-"}, []string{"send", "--text=-"}},
		{"last", []string{"send", "--text"}, []string{"send", "--text"}},
		{"a text", []string{"send", "--text", "a", "-"}, []string{"send", "--text", "a", "-"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, withStdin(tc.args)); diff != "" {
				t.Errorf("withStdin (-want +got):\n%s", diff)
			}
		})
	}
}
