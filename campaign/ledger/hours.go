package ledger

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// Hours are those at which messages of a campaign leave, in the zone of the gateway: a
// narrower window than the rules of the account, and never a wider one.
type Hours struct {
	spans []span // none: the whole day
	days  []time.Weekday
}

// span is a part of a day, in minutes.
type span struct{ from, to int }

var weekdays = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

const (
	hour     = 60 // minutes
	wholeDay = 24 * hour
)

// ReadHours reads hours such as "09:00-12:00,14:00-18:00" and days such as "mon-fri" or
// "tue,sat", of which none is said twice; ok reports which of them can be read.
func ReadHours(hours, days string) (h Hours, hoursOK, daysOK bool) {
	h.spans, hoursOK = readSpans(hours)
	h.days, daysOK = readDays(days)
	return h, hoursOK, daysOK
}

func readSpans(text string) (spans []span, ok bool) {
	if text == "" {
		return nil, true
	}
	for part := range strings.SplitSeq(text, ",") {
		from, to, cut := strings.Cut(strings.TrimSpace(part), "-")
		s := span{minuteOf(from), minuteOf(to)}
		if !cut || s.from < 0 || s.to <= s.from || len(spans) > 0 && s.from < spans[len(spans)-1].to {
			return nil, false
		}
		spans = append(spans, s)
	}
	return spans, true
}

// minuteOf reads "21:30"; -1 where it is no time of a day. 24:00 ends a day.
func minuteOf(text string) int {
	h, m, ok := strings.Cut(strings.TrimSpace(text), ":")
	const digits = 2
	if !ok || len(h) != digits || len(m) != digits {
		return -1
	}
	hours, err := strconv.ParseUint(h, 10, 8)
	minutes, err2 := strconv.ParseUint(m, 10, 8)
	at := int(hours)*hour + int(minutes)
	if err != nil || err2 != nil || minutes >= hour || at > wholeDay {
		return -1
	}
	return at
}

func readDays(text string) (days []time.Weekday, ok bool) {
	if text == "" {
		return nil, true
	}
	for part := range strings.SplitSeq(text, ",") {
		first, last, ranged := strings.Cut(strings.TrimSpace(part), "-")
		from, to := slices.Index(weekdays, first), slices.Index(weekdays, last)
		if !ranged {
			to = from
		}
		if from < 0 || to < 0 {
			return nil, false
		}
		for day := from; ; day = (day + 1) % len(weekdays) { // sat-mon goes over Sunday
			if slices.Contains(days, time.Weekday(day)) {
				return nil, false
			}
			days = append(days, time.Weekday(day))
			if day == to {
				break
			}
		}
	}
	return days, true
}

// Next returns the first moment from one on, which is in the zone of the gateway, at which messages
// leave; zero: there is none within eight days.
func (h *Hours) Next(at time.Time) time.Time {
	if h.Open(at) {
		return at
	}
	const most = 8 * wholeDay // over the hour that a spring night lacks
	next := at.Truncate(time.Minute)
	for range most {
		if next = next.Add(time.Minute); h.Open(next) {
			return next
		}
	}
	return time.Time{}
}

// Open reports whether messages leave at a moment, which is in the zone of the gateway.
func (h *Hours) Open(at time.Time) bool {
	if len(h.days) > 0 && !slices.Contains(h.days, at.Weekday()) {
		return false
	}
	minute := at.Hour()*hour + at.Minute()
	return len(h.spans) == 0 ||
		slices.ContainsFunc(h.spans, func(s span) bool { return s.from <= minute && minute < s.to })
}
