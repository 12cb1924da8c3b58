// Package retry reads how long a server asks to wait.
package retry

import (
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// After reads a Retry-After header (RFC 9110, 10.2.3): seconds, or a date in one of the
// three forms of HTTP. A date counts by the clock of the server, where its answer has a
// Date, else by now. Decimals, which some servers send, are rounded up. It returns 0
// when there is none, when it is over or makes no sense, and never more than longest.
func After(h http.Header, now time.Time, longest time.Duration) time.Duration {
	value := strings.TrimSpace(h.Get("Retry-After"))
	if strings.Trim(value, "0123456789.") == "" {
		seconds, err := strconv.ParseFloat(value, 64) // digits alone, however many, are no error but infinity
		if err != nil && !math.IsInf(seconds, 1) {
			return 0
		}
		return time.Duration(min(math.Ceil(seconds), longest.Seconds())) * time.Second
	}
	at, ok := date(value)
	if !ok {
		return 0
	}
	if told, ok := date(h.Get("Date")); ok {
		now = told
	}
	return min(max(0, at.Sub(now)), longest)
}

// date reads the three forms of HTTP, and a numeric zone or UTC for GMT.
func date(text string) (at time.Time, ok bool) {
	text = strings.TrimSpace(text)
	if at, err := http.ParseTime(text); err == nil {
		return at, true
	}
	if rest, found := strings.CutSuffix(text, " UTC"); found {
		text = rest + " +0000"
	}
	at, err := time.Parse(time.RFC1123Z, text)
	return at, err == nil
}
