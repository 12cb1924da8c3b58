package dmc

import (
	"encoding/json"
	"testing"
	"time"
)

func TestReportsOnceAMinute(t *testing.T) {
	l := rateLimit{lastReport: map[string]time.Time{}}
	report := request{service: "SupervisionWS", method: "findCraByIds"}
	for _, tc := range []struct {
		name  string
		call  request
		after time.Duration
		want  bool
	}{
		{"first", report, 0, false},
		{"too soon", report, 30 * time.Second, true},
		{"another method", request{service: "SupervisionWS", method: "getResponsesSMS"}, 30 * time.Second, false},
		{"a minute later", report, 91 * time.Second, false},
	} {
		if got := l.over(tc.call, time.Unix(1_772_535_600, 0).Add(tc.after)); got != tc.want {
			t.Errorf("%s: over is %v", tc.name, got)
		}
	}
}

func FuzzQuoteKeys(f *testing.F) {
	f.Add(`{msgContent:"x",media:"SMS"}`)
	f.Add(`{"a":"{b:\"c,d:"}`)
	f.Add(`{"a" :true,"b":[1,null]}`)
	f.Fuzz(func(t *testing.T, text string) {
		got := quoteKeys(text)
		if json.Valid([]byte(text)) && got != text {
			t.Errorf("valid JSON %q became %q", text, got)
		}
	})
}
