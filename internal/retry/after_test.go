package retry_test

import (
	"net/http"
	"testing"
	"time"

	"relais/internal/retry"
)

func TestAfter(t *testing.T) {
	now := time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)
	for _, tc := range []struct {
		name, value, date string
		want              time.Duration
	}{
		{"none", "", "", 0},
		{"seconds", "7", "", 7 * time.Second},
		{"with spaces", " 7 ", "", 7 * time.Second},
		{"with zeros before", "007", "", 7 * time.Second},
		{"the longest", "3600", "", time.Hour},
		{"more than the longest", "3601", "", time.Hour},
		{"more than a duration holds", "9223372037", "", time.Hour},
		{"more digits than any number has", "99999999999999999999999999999999999999", "", time.Hour},
		{"zero", "0", "", 0},
		{"negative", "-7", "", 0},
		{"negative zero", "-0", "", 0},
		{"with a plus", "+7", "", 0},
		{"decimals", "1.2", "", 2 * time.Second},
		{"less than one", "0.001", "", time.Second},
		{"a point alone", ".", "", 0},
		{"two points", "1.2.3", "", 0},
		{"an exponent", "1e3", "", 0},
		{"hexadecimal", "0x10", "", 0},
		{"a unit", "7s", "", 0},
		{"infinity", "Inf", "", 0},
		{"not a number", "NaN", "", 0},
		{"IMF-fixdate", "Sun, 01 Mar 2026 10:01:30 GMT", "", 90 * time.Second},
		{"RFC 850", "Sunday, 01-Mar-26 10:01:30 GMT", "", 90 * time.Second},
		{"asctime", "Sun Mar  1 10:01:30 2026", "", 90 * time.Second},
		{"a numeric zone", "Sun, 01 Mar 2026 11:01:30 +0100", "", 90 * time.Second},
		{"UTC", "Sun, 01 Mar 2026 10:01:30 UTC", "", 90 * time.Second},
		{"tomorrow", "Mon, 02 Mar 2026 10:00:00 GMT", "", time.Hour},
		{"in 9999", "Fri, 31 Dec 9999 23:59:59 GMT", "", time.Hour},
		{"in the past", "Sun, 01 Mar 2026 09:00:00 GMT", "", 0},
		{"by the server's clock, which is ahead", "Sun, 01 Mar 2026 12:01:30 GMT", "Sun, 01 Mar 2026 12:00:00 GMT", 90 * time.Second},
		{"by the server's clock, which is late", "Sun, 01 Mar 2026 08:01:30 GMT", "Sun, 01 Mar 2026 08:00:00 GMT", 90 * time.Second},
		{"by ours, where the server's makes no sense", "Sun, 01 Mar 2026 10:01:30 GMT", "today", 90 * time.Second},
		{"words", "in a while", "", 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			h := http.Header{"Retry-After": {tc.value}, "Date": {tc.date}}
			if got := retry.After(h, now, time.Hour); got != tc.want {
				t.Errorf("After(%q) = %v, want %v", tc.value, got, tc.want)
			}
		})
	}
	if got := retry.After(http.Header{}, now, time.Hour); got != 0 {
		t.Errorf("without a header %v, want 0", got)
	}
}

func FuzzAfter(f *testing.F) {
	for _, seed := range []string{
		"7", "1.5", "-1", "Sun, 01 Mar 2026 10:01:30 GMT", "99999999999999999999", ".",
	} {
		f.Add(seed, seed)
	}
	f.Fuzz(func(t *testing.T, value, date string) {
		got := retry.After(http.Header{"Retry-After": {value}, "Date": {date}}, time.Unix(0, 0), time.Hour)
		if got < 0 || got > time.Hour {
			t.Errorf("After(%q) = %v", value, got)
		}
	})
}
