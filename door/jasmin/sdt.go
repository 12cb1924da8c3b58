package jasmin

import (
	"regexp"
	"strconv"
	"time"
)

// sdtPattern is a moment as SMPP 3.4, 7.1.1 writes it: YYMMDDhhmmsstnnp.
var sdtPattern = regexp.MustCompile(`^([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})([0-9])([0-9]{2})([-+R])$`)

// sdtOf reads one: a date with the quarters of an hour that its clock is ahead of UTC (+) or behind it (-), or a span from now (R).
func sdtOf(text string, now time.Time) (at time.Time, ok bool) {
	parts := sdtPattern.FindStringSubmatch(text)
	if parts == nil {
		return at, false
	}
	var n [8]int // year, month, day, hour, minute, second, tenth, quarters
	for i := range n {
		n[i], _ = strconv.Atoi(parts[i+1]) // digits
	}
	clock := time.Duration(n[3])*time.Hour + time.Duration(n[4])*time.Minute + time.Duration(n[5])*time.Second
	if parts[9] == "R" {
		return now.AddDate(n[0], n[1], n[2]).Add(clock), true
	}
	const mostQuarters = 48
	day := time.Date(2000+n[0], time.Month(n[1]), n[2], 0, 0, 0, 0, time.UTC)
	if int(day.Month()) != n[1] || day.Day() != n[2] || n[3] > 23 || n[4] > 59 || n[5] > 59 || n[7] > mostQuarters {
		return at, false
	}
	ahead := time.Duration(n[7]) * 15 * time.Minute
	if parts[9] == "-" {
		ahead = -ahead
	}
	return day.Add(clock - ahead), true
}
