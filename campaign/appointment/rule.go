package appointment

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"relais/reason"
)

// Bounds of rules.
const (
	MaxRules = 5
	maxDays  = 60
	maxHours = 72
	minAhead = 5 * time.Minute
)

// Rule is when a reminder leaves: some days before at a time of the day, or some time before.
type Rule struct {
	Days   int
	Clock  time.Duration // the time of day, since midnight
	Before time.Duration // instead, where it is above 0
}

// CodeRule is of a rule that nobody can read.
const CodeRule reason.Code = "appointment_rule"

// String is the rule as it is kept: "1d 18:00", "2h", "1h30m", "45m".
func (r Rule) String() string {
	if r.Before == 0 {
		return fmt.Sprintf("%dd %s", r.Days, hourMinute(r.Clock))
	}
	hours, minutes := int(r.Before/time.Hour), int(r.Before%time.Hour/time.Minute)
	switch {
	case minutes == 0:
		return fmt.Sprintf("%dh", hours)
	case hours == 0:
		return fmt.Sprintf("%dm", minutes)
	}
	return fmt.Sprintf("%dh%dm", hours, minutes)
}

func hourMinute(d time.Duration) string {
	return fmt.Sprintf("%02d:%02d", int(d/time.Hour), int(d%time.Hour/time.Minute))
}

// Due is what the clock of a zone shows when a reminder of an appointment leaves, of which meets is
// the wall-clock time. Some hours before are hours that pass, also where the clock is changed
// between; a time of day is what the clock shows.
func (r Rule) Due(meets time.Time, zone *time.Location) time.Time {
	if r.Before > 0 {
		return Now(Instant(meets, zone).Add(-r.Before), zone)
	}
	day := time.Date(meets.Year(), meets.Month(), meets.Day()-r.Days, 0, 0, 0, 0, time.UTC)
	return Now(Instant(day.Add(r.Clock), zone), zone)
}

// Canonical is rules as they are kept.
func Canonical(all []Rule) string {
	words := make([]string, len(all))
	for i, r := range all {
		words[i] = r.String()
	}
	return strings.Join(words, ", ")
}

const clockPattern = `(\d{1,2})\s*(?:h|:)\s*(\d{2})?`

var (
	ahead = regexp.MustCompile(`^(?:(\d{1,3})\s*h(?:eures?|ours?)?)?\s*(?:(\d{1,3})\s*(?:m|min|minutes?)?)?\s*(?:avant|before)?$`)
	daily = regexp.MustCompile(`^(?:(\d{1,3})\s*(?:d|days?|j|jours?)|j\s*-\s*(\d{1,3})|(l.avant-veille)|((?:la )?veille|the day before)|((?:le )?jour m[eê]me|(?:the )?same day))` +
		`(?: avant| before)?,?(?: a| à| at)? ` + clockPattern + `$`)
	unit = regexp.MustCompile(`[hm]`)
)

// ReadRules reads rules, of which one or several are parted by commas: as they are kept, and as
// people say them, "la veille à 18 h, 2 h avant". The error is a *reason.Error.
func ReadRules(text string) ([]Rule, error) {
	var all []Rule
	for part := range strings.SplitSeq(text, ",") {
		rule, ok := readRule(plain(part))
		if !ok || slices.Contains(all, rule) || len(all) == MaxRules {
			return nil, reason.NewError(CodeRule, reason.Args{
				"rule": reason.Name(strings.TrimSpace(part)), "most": reason.Count(MaxRules),
			})
		}
		all = append(all, rule)
	}
	slices.SortFunc(all, func(a, b Rule) int { // the earliest first, however they were written
		return cmp.Or(cmp.Compare(b.Days, a.Days), cmp.Compare(b.Before, a.Before), cmp.Compare(a.Clock, b.Clock))
	})
	return all, nil
}

func readRule(text string) (Rule, bool) {
	if m := daily.FindStringSubmatch(text); m != nil {
		days, _ := strconv.Atoi(cmp.Or(m[1], m[2], "0"))
		switch {
		case m[3] != "":
			days = 2
		case m[4] != "":
			days = 1
		}
		clock, ok := clockOf(m[6], m[7])
		return Rule{Days: days, Clock: clock}, ok && days <= maxDays
	}
	m := ahead.FindStringSubmatch(text)
	if m == nil || !unit.MatchString(text) {
		return Rule{}, false
	}
	hours, _ := strconv.Atoi(cmp.Or(m[1], "0"))
	minutes, _ := strconv.Atoi(cmp.Or(m[2], "0"))
	r := Rule{Before: time.Duration(hours)*time.Hour + time.Duration(minutes)*time.Minute}
	return r, r.Before >= minAhead && r.Before <= maxHours*time.Hour
}

// clockOf is a time of day of which hours and minutes were read; no minutes are none.
func clockOf(hours, minutes string) (time.Duration, bool) {
	const lastHour, lastMinute = 23, 59
	h, err := strconv.Atoi(hours)
	m, err2 := strconv.Atoi(cmp.Or(minutes, "0"))
	return time.Duration(h)*time.Hour + time.Duration(m)*time.Minute,
		err == nil && err2 == nil && h <= lastHour && m <= lastMinute
}
