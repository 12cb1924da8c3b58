package smpp

import (
	"fmt"
	"strconv"
	"time"
)

// MostRelative is the longest span that the relative form is used for: its days have two digits,
// and months of no certain length would follow.
const MostRelative = 99 * 24 * time.Hour

const quarter = 15 * 60 // seconds: the unit of offsets

// FormatTime writes a moment in the absolute form, YYMMDDhhmmsstnnp (3.4, 7.1.1), in the zone of
// t to the quarter of an hour.
func FormatTime(t time.Time) string {
	_, offset := t.Zone()
	quarters := offset / quarter
	t = t.In(time.FixedZone("", quarters*quarter))
	sign := '+'
	if quarters < 0 {
		sign, quarters = '-', -quarters
	}
	return fmt.Sprintf("%s%d%02d%c", t.Format("060102150405"), t.Nanosecond()/1e8, quarters, sign)
}

// FormatRelative writes a span in the relative form, which needs no clocks that agree. A second
// that has begun counts; more than MostRelative is written as that.
func FormatRelative(d time.Duration) string {
	seconds := int64((min(max(d, 0), MostRelative) + time.Second - 1) / time.Second)
	return fmt.Sprintf("0000%02d%02d%02d%02d000R", seconds/86400, seconds/3600%24, seconds/60%60, seconds%60)
}

// ParseTime reads either form; local is the zone of times that name none: 12 digits, which
// SMSCs report in their own (3.4, 7.1.1.1). ok is false for what is no time. An empty text is the
// zero time.
func ParseTime(text string, now time.Time, local *time.Location) (t time.Time, ok bool) {
	switch len(text) {
	case 0:
		return time.Time{}, true
	case 12:
		return parseDigits("060102150405", text, local)
	case timeLength:
	default:
		return time.Time{}, false
	}
	tenth, err := strconv.ParseUint(text[12:13], 10, 8)
	if err != nil {
		return time.Time{}, false
	}
	quarters, err := strconv.ParseUint(text[13:15], 10, 8)
	if err != nil || quarters > 48 {
		return time.Time{}, false
	}
	switch sign := text[15]; sign {
	case 'R':
		return parseRelative(text[:12], now)
	case '+', '-':
		offset := int(quarters) * quarter
		if sign == '-' {
			offset = -offset
		}
		t, ok = parseDigits("060102150405", text[:12], time.FixedZone("", offset))
		return t.Add(time.Duration(tenth) * time.Second / 10), ok
	default:
		return time.Time{}, false
	}
}

// parseRelative reads YYMMDDhhmmss from now on.
func parseRelative(digits string, now time.Time) (time.Time, bool) {
	var parts [6]int
	for i := range parts {
		n, err := strconv.ParseUint(digits[2*i:2*i+2], 10, 8)
		if err != nil {
			return time.Time{}, false
		}
		parts[i] = int(n)
	}
	span := time.Duration(parts[3])*time.Hour + time.Duration(parts[4])*time.Minute + time.Duration(parts[5])*time.Second
	return now.AddDate(parts[0], parts[1], parts[2]).Add(span), true
}

func parseDigits(layout, digits string, zone *time.Location) (time.Time, bool) {
	t, err := time.ParseInLocation(layout, digits, zone)
	return t, err == nil
}

// ReceiptTime reads a date of a receipt's text by its length: minutes or seconds, a year of two
// or four digits, or a time of SMPP, in the zone of the SMSC where it names none. What cannot be
// read is the zero time: a date is a hint, and never worth a receipt.
func ReceiptTime(text string, local *time.Location) time.Time {
	layouts := map[int][]string{
		10: {"0601021504"},
		12: {"060102150405", "200601021504"},
		14: {"20060102150405"},
	}
	for _, layout := range layouts[len(text)] {
		if t, ok := parseDigits(layout, text, local); ok {
			return t
		}
	}
	if len(text) == timeLength && text[timeLength-1] != 'R' {
		if t, ok := ParseTime(text, time.Time{}, local); ok {
			return t
		}
	}
	return time.Time{}
}
