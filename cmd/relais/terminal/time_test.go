package terminal

import (
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// reunion is where the tests of times are.
var reunion = time.FixedZone("+04", 4*3600)

func TestReadTime(t *testing.T) {
	for _, tc := range []struct {
		name, text string
		direction  time.Duration
		want       string // RFC 3339 in UTC; empty for a refusal
	}{
		{"with a zone", "2026-03-01T09:30:00+01:00", Ahead, "2026-03-01T08:30:00Z"},
		{"local", "2026-03-01 09:30", Ahead, "2026-03-01T05:30:00Z"},
		{"local with seconds", "2026-03-01T09:30:15", Ahead, "2026-03-01T05:30:15Z"},
		{"a day", "2026-03-01", Ahead, "2026-02-28T20:00:00Z"},
		{"ahead", "2h", Ahead, "2000-01-01T02:00:00Z"},
		{"ago", "2h", Ago, "1999-12-31T22:00:00Z"},
		{"backwards", "-2h", Ahead, ""},
		{"no date", "tomorrow", Ahead, ""},
		{"no such day", "2026-02-30", Ahead, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { // the clock begins on 2000-01-01
				at, err := (&Terminal{Zone: reunion}).ReadTime("--send-at", tc.text, tc.direction)
				if tc.want == "" {
					if _, usage := err.(*UsageError); !usage || !strings.Contains(err.Error(), "--send-at") { //nolint:errorlint // not Wrapped
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

// The zero time would be taken for none: a pause until then would have no end.
func TestTheZeroTimeIsRefused(t *testing.T) {
	for _, text := range []string{"0001-01-01T00:00:00Z", "0001-01-01", "0001-01-01 00:00"} {
		at, err := (&Terminal{Zone: time.UTC, Stderr: io.Discard}).ReadTime("--until", text, Ahead)
		if err == nil {
			t.Errorf("%s is %s", text, at)
		}
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
			at, err := (&Terminal{Zone: paris, Stderr: &said}).ReadTime("--at", tc.text, Ahead)
			if err != nil || at.Format(time.RFC3339) != tc.want || said.String() != tc.said {
				t.Errorf("%s, %v, said %q; want %s, %q",
					at.Format(time.RFC3339), err, said.String(), tc.want, tc.said)
			}
		})
	}
}

func FuzzReadTime(f *testing.F) {
	for _, seed := range []string{"", "2h", "2026-03-01", "2026-03-01T09:30:00+01:00", "2026-03-01 09:30"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		at, err := (&Terminal{Stderr: io.Discard}).ReadTime("--since", text, Ago)
		if (text == "" || err != nil) && !at.IsZero() || text == "" && err != nil {
			t.Errorf("readTime(%q) = %v, %v", text, at, err)
		}
	})
}

func TestTimesAreShownInLocalTimeWithTheirZone(t *testing.T) {
	person := &Terminal{Zone: reunion}
	at := time.Date(2026, 3, 1, 22, 30, 15, 123_000_000, time.UTC)
	if got, want := person.Shown(at), "2026-03-02 02:30:15 +04"; got != want {
		t.Errorf("shown = %q, want %q", got, want)
	}
	if got, want := person.ShownFine(at), "2026-03-02 02:30:15.123 +04"; got != want {
		t.Errorf("shownFine = %q, want %q", got, want)
	}
	if got := person.Shown(time.Time{}); got != "" {
		t.Errorf("shown of no time = %q", got)
	}
}
