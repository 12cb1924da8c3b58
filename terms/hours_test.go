package terms

import (
	"testing"
	"time"

	"relais/policy"
	"relais/sms"
)

func moment(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// TestWindow has a submission for each end that hours may have: 2026-12-04 is a Friday.
func TestWindow(t *testing.T) {
	charter := builtin(t, policy.DefaultName)
	for _, tc := range []struct {
		name, asked  string
		class        sms.Class
		account      *policy.Pack
		valid        time.Duration
		firm         bool
		due, expires string
		deferred     bool
		refusal      string
	}{
		{
			"no rules", "2026-12-04T22:00:00Z", sms.Marketing, nil, 48 * time.Hour, false,
			"2026-12-04T22:00:00Z", "2026-12-06T22:00:00Z", false, "",
		},
		{
			"no hours for its class", "2026-12-04T22:00:00Z", sms.OTP, charter, time.Hour, false,
			"2026-12-04T22:00:00Z", "2026-12-04T23:00:00Z", false, "",
		},
		{
			"within the hours", "2026-12-01T10:00:00Z", sms.Marketing, charter, 48 * time.Hour, true,
			"2026-12-01T10:00:00Z", "2026-12-03T10:00:00Z", false, "",
		},
		{
			"the default, within the hours", "2026-12-01T10:00:00Z", sms.Marketing, charter, 48 * time.Hour, false,
			"2026-12-01T10:00:00Z", "2026-12-03T10:00:00Z", false, "",
		},
		{
			"put off to the morning", "2026-12-01T22:00:00Z", sms.Marketing, charter, 48 * time.Hour, true,
			"2026-12-02T07:00:00Z", "2026-12-03T22:00:00Z", true, "",
		},
		{
			"put off past its validity", "2026-12-01T22:00:00Z", sms.Marketing, charter, time.Hour, true,
			"2026-12-02T07:00:00Z", "2026-12-01T23:00:00Z", true, "window_after_validity",
		},
		{
			"the default counts from the hours", "2026-12-01T22:00:00Z", sms.Marketing,
			charter, time.Hour, false,
			"2026-12-02T07:00:00Z", "2026-12-03T08:00:00Z", true, "",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			book := NewBook(Message{Class: tc.class}, tc.account, moment(t, tc.asked), tc.valid, tc.firm)
			at := Connector{Name: "ovh"}
			w := book.Window(book.At(&at, "FR", "fr-metro"))
			if !w.Due.Equal(moment(t, tc.due)) || !w.Expires.Equal(moment(t, tc.expires)) ||
				w.Deferred != tc.deferred {
				t.Errorf("due %s, expires %s, deferred %t", w.Due, w.Expires, w.Deferred)
			}
			if w.Refusal.Code.Wire() != tc.refusal {
				t.Errorf("refused by %q", w.Refusal.Code)
			}
		})
	}
}

// What depends on nothing but the country is worked out once for it.
func TestBookWorksOutOnce(t *testing.T) {
	book := NewBook(Message{Class: sms.Marketing}, builtin(t, policy.DefaultName),
		moment(t, "2026-12-01T22:00:00Z"), time.Hour, false)
	ovh, sfr := Connector{Name: "ovh"}, Connector{Name: "sfr"}
	paris := book.At(&ovh, "FR", "fr-metro")
	if paris != book.At(&ovh, "FR", "fr-metro") || paris == book.At(&sfr, "FR", "fr-metro") {
		t.Error("terms are not those of a place")
	}
	window := book.Window(paris)
	if window != book.Window(book.At(&ovh, "FR", "another")) ||
		window == book.Window(book.At(&ovh, "RE", "fr-overseas")) {
		t.Error("a window is not that of a country")
	}
	counts := map[*Window]int{window: 2}
	if all := book.Deferred(counts, 2); len(all) != 1 || all[0].Code != CodeDeferred {
		t.Errorf("all are put off: %+v", all)
	}
	if some := book.Deferred(counts, 3); len(some) != 1 || some[0].Code != codeSomeDeferred {
		t.Errorf("some are put off: %+v", some)
	}
}

// What was accepted within the hours may be claimed past them.
func TestPutBack(t *testing.T) {
	at := Connector{Name: "ovh"}
	for _, tc := range []struct {
		name, now, expires string
		closed             bool
		to                 sms.Status
		due                string
	}{
		{"open", "2026-12-01T10:00:00Z", "2026-12-03T10:00:00Z", false, "", ""},
		{"closed until tomorrow", "2026-12-01T22:00:00Z", "2026-12-03T10:00:00Z", true, sms.Queued, "2026-12-02T07:00:00Z"},
		{"closed until it has expired", "2026-12-01T22:00:00Z", "2026-12-02T07:00:00Z", true, sms.Expired, "0001-01-01T00:00:00Z"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			m := sms.Message{Class: sms.Marketing, ExpiresAt: moment(t, tc.expires)}
			terms := at.Terms(Message{Class: sms.Marketing, Country: "FR"},
				builtin(t, policy.DefaultName), moment(t, tc.now))
			back, closed := terms.PutBack(&m, "lane:ovh")
			if closed != tc.closed || back.To != tc.to || closed && !back.DueAt.Equal(moment(t, tc.due)) {
				t.Errorf("closed %t, back to %s at %s", closed, back.To, back.DueAt)
			}
		})
	}
}
