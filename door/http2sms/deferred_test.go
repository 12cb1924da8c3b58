package http2sms

import (
	"strings"
	"testing"
	"time"

	"relais/reason"
)

func TestDeferred(t *testing.T) {
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 10, 20, 12, 0, 0, 0, paris)
	for _, tc := range []struct{ name, text, want, note, refused string }{
		{"none", "", "", "", ""},
		{"to come", "125025112026", "2026-11-25T12:50:00+01:00", "", ""},
		{"twice", "023025102026", "2026-10-25T02:30:00+02:00", "comes twice by the clock of France, which changes that night; 02:30 CEST on 25/10/2026 was taken", ""},
		{"never", "023028032027", "2027-03-28T03:30:00+02:00", "never comes by the clock of France, which changes that night; 03:30 CEST on 28/03/2027 was taken", ""},
		{"this minute", "120020102026", "", "", ""},
		{"five minutes ago", "115520102026", "", "", ""},
		{"six minutes ago", "115420102026", "", "", "Invalid deferred time: 11:54 on 20/10/2026 is in the past"},
		{"a year ago", "120020102025", "", "", "Invalid deferred time: 12:00 on 20/10/2025 is in the past"},
		{"month before day", "120010252026", "", "", "Invalid deferred time: want hhmmddMMYYYY"},
		{"a word", "soon", "", "", "Invalid deferred time: want hhmmddMMYYYY"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			at, note, refused := readDeferred(tc.text, now)
			got := ""
			if !at.IsZero() {
				got = at.Format(time.RFC3339)
			}
			if refused != nil {
				if refused.code != codeInvalid || tc.refused == "" ||
					!strings.HasPrefix(refused.reason, tc.refused) {
					t.Errorf("refused with %d %q, want %q", refused.code, refused.reason, tc.refused)
				}
				return
			}
			if got != tc.want || tc.refused != "" {
				t.Errorf("at %q, want %q; not refused, want %q", got, tc.want, tc.refused)
			}
			if (note == nil) != (tc.note == "") || note != nil &&
				(!strings.Contains(note.In(reason.English), tc.note) || note.In("fr") == "") {
				t.Errorf("note %+v, want %q", note, tc.note)
			}
		})
	}
}
