package ovh

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"relais/sandbox/world"
)

func TestReceivers(t *testing.T) {
	for _, tc := range []struct{ name, number, want string }{
		{"international", "+33639980101", "+33639980101"},
		{"00 form", "0033639980101", "+33639980101"},
		{"overseas", "+594694200000", "+594694200000"},
		{"eight digits", "+68712345", "+68712345"},
		{"national", "0639980101", ""},
		{"bare", "33639980101", ""},
		{"zero kept", "+330639980101", ""},
		{"a lost plus", " 33639980101", ""},
		{"spaces", "+33 6 39 98 01 01", ""},
		{"empty", "", ""},
		{"long", "+1234567890123456", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, ok := receiverOf(tc.number)
			if got != tc.want || ok != (tc.want != "") {
				t.Errorf("got %q, %v", got, ok)
			}
		})
	}
}

func TestParts(t *testing.T) {
	for _, tc := range []struct {
		name string
		text string
		stop bool
		want int
	}{
		{"160", strings.Repeat("a", 160), false, 1},
		{"161", strings.Repeat("a", 161), false, 2},
		{"306", strings.Repeat("a", 306), false, 2},
		{"307", strings.Repeat("a", 307), false, 3},
		{"euro is two", strings.Repeat("€", 80), false, 1},
		{"81 euros", strings.Repeat("€", 81), false, 2},
		{"brackets are two", strings.Repeat("[", 81), false, 2},
		{"GSM accents", strings.Repeat("é", 160), false, 1},
		{"70 unicode", strings.Repeat("ê", 70), false, 1},
		{"71 unicode", strings.Repeat("ê", 71), false, 2},
		{"a backquote is unicode", strings.Repeat("`", 71), false, 2},
		{"emoji are two", strings.Repeat("😀", 36), false, 2},
		{"149 and STOP", strings.Repeat("a", 149), true, 1},
		{"150 and STOP", strings.Repeat("a", 150), true, 2},
		{"302 and STOP", strings.Repeat("a", 302), true, 2},
		{"303 and STOP", strings.Repeat("a", 303), true, 3},
		{"59 unicode and STOP", strings.Repeat("ê", 59), true, 1},
		{"60 unicode and STOP", strings.Repeat("ê", 60), true, 2},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := codingOf(tc.text, tc.stop).parts(); got != tc.want {
				t.Errorf("%d parts, want %d", got, tc.want)
			}
		})
	}
}

func TestNextOpening(t *testing.T) {
	at := func(month time.Month, day, hour, minute int) time.Time {
		return time.Date(2026, month, day, hour, minute, 0, 0, world.Paris)
	}
	for _, tc := range []struct {
		name    string
		t, want time.Time
	}{
		{"open", at(3, 3, 12, 0), at(3, 3, 12, 0)},
		{"opens at 8", at(3, 3, 8, 0), at(3, 3, 8, 0)},
		{"early morning", at(3, 3, 7, 59), at(3, 3, 8, 0)},
		{"closes at 20", at(3, 3, 20, 0), at(3, 4, 8, 0)},
		{"last minute", at(3, 3, 19, 59), at(3, 3, 19, 59)},
		{"Sunday", at(3, 8, 12, 0), at(3, 9, 8, 0)},
		{"Easter Monday", at(4, 6, 12, 0), at(4, 7, 8, 0)},
		{"Ascension", at(5, 14, 12, 0), at(5, 15, 8, 0)},
		{"Whit Monday", at(5, 25, 12, 0), at(5, 26, 8, 0)},
		{"two days running", at(5, 9, 20, 0), at(5, 11, 8, 0)},
		{"Bastille Day", at(7, 14, 9, 0), at(7, 15, 8, 0)},
		{"end of year", at(12, 31, 21, 0), time.Date(2027, 1, 2, 8, 0, 0, 0, world.Paris)},
		{"night of the summer hour", at(3, 28, 21, 0), at(3, 30, 8, 0)},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := nextOpening(tc.t); !got.Equal(tc.want) {
				t.Errorf("got %v, want %v", got, tc.want)
			}
		})
	}
}

func FuzzReadJob(f *testing.F) {
	f.Add([]byte(`{"message":"Soldes","receivers":["+33639980101"],"sender":"RELAIS"}`))
	f.Add([]byte(
		`{"message":"a","receivers":["+33639980101"],"sender":"RELAIS","noStopClause":true,"tag":"t"}`,
	))
	f.Add([]byte(`{"message":1,"receivers":"x"}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		job, err := readJob(body)
		if err != nil {
			return
		}
		if job.message == "" || job.sender == "" || len(job.receivers) == 0 || !json.Valid(body) {
			t.Errorf("taken: %+v", job)
		}
	})
}
