package appointment

import (
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"relais/reason"
)

// Codes about dates and times.
const (
	CodeNoDate reason.Code = "appointment_date_missing"
	CodeDate   reason.Code = "appointment_date"
	CodeNoTime reason.Code = "appointment_time_missing"
	CodeTime   reason.Code = "appointment_time"
)

// Cells are those of a row that say when an appointment is.
type Cells struct {
	Date string    // as a person sees it; it may have the time as well
	Day  time.Time // that a workbook stores in that cell; zero: none
	Time string    // empty: the date has it
}

// Found is when an appointment is.
type Found struct {
	Meets time.Time // by the clock on the wall, as the package has them
	// Weekday reports that the row names a day of the week which the date does not fall on.
	Weekday bool
}

// When reads when an appointment is. The day comes before the month. why is what is wrong, and
// zero where nothing is; it does not repeat the cells, since it outlives the erasure of the person.
func When(c Cells) (f Found, why reason.Reason) {
	text := plain(c.Date)
	weekday, text := takeWeekday(text)
	var day time.Time
	switch {
	case !c.Day.IsZero():
		day, text = c.Day, ""
	case text == "":
		return f, reason.Of(CodeNoDate, nil)
	default:
		var ok bool
		if day, text, ok = takeDate(text); !ok {
			return f, reason.Of(CodeDate, nil)
		}
	}
	clock, why := timeOf(c, text)
	if !why.IsZero() {
		return f, why
	}
	if clock >= 0 {
		day = time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, time.UTC).Add(clock)
	}
	f.Meets = day
	f.Weekday = weekday >= 0 && time.Weekday(weekday) != day.Weekday()
	return f, reason.Reason{}
}

// DayOf reads a cell with a date; a time of day beside it does not count. ok reports whether it has
// a date.
func DayOf(c Cells) (day time.Time, ok bool) {
	if !c.Day.IsZero() {
		return c.Day, true
	}
	_, text := takeWeekday(plain(c.Date))
	day, _, ok = takeDate(text)
	return day, ok
}

// timeOf is the time of day, from the cell of its own, else from what is left of the date. It is
// below 0 where the day of a workbook has it.
func timeOf(c Cells, rest string) (time.Duration, reason.Reason) {
	text := joiner.ReplaceAllString(plain(c.Time), "")
	if text == "" {
		text = joiner.ReplaceAllString(rest, "")
	}
	stored := c.Day.Hour()+c.Day.Minute() > 0
	switch {
	case text == "" && !stored:
		return 0, reason.Of(CodeNoTime, nil)
	case text == "":
		return -1, reason.Reason{}
	}
	m := clockOnly.FindStringSubmatch(text)
	if m == nil {
		return 0, reason.Of(CodeTime, nil)
	}
	clock, ok := clockOf(m[1], m[2])
	const noon = 12 * time.Hour
	switch half := m[3]; {
	case half != "" && (clock < time.Hour || clock >= noon+time.Hour):
		ok = false
	case half == "pm" && clock < noon:
		clock += noon
	case half == "am" && clock >= noon:
		clock -= noon
	}
	if !ok {
		return 0, reason.Of(CodeTime, nil)
	}
	return clock, reason.Reason{}
}

var (
	// joiner stands between a date and its time: "2026-12-03T14:30", "3 déc. 2026 à 14 h 30".
	joiner    = regexp.MustCompile(`^(?:t|,|-|a |à |at )?\s*`)
	clockOnly = regexp.MustCompile(`^` + clockPattern + `(?::00(?:\.0+)?)?\s*(am|pm)?$`)

	isoDate   = regexp.MustCompile(`^(\d{4})-(\d{1,2})-(\d{1,2})`)
	numeric   = regexp.MustCompile(`^(\d{1,2})\s*[/.-]\s*(\d{1,2})\s*[/.-]\s*(\d{4}|\d{2})`)
	withMonth = regexp.MustCompile(`^(\d{1,2})(?:er|st|nd|rd|th)?\s+(?:of\s+)?(\pL+)\.?,?\s+(\d{4})`)
	dayWord   = regexp.MustCompile(`^(?:le )?(\pL+)\.?,?\s+(?:le )?`)
	article   = regexp.MustCompile(`^le `)
)

// takeDate reads the date at the beginning of a text, and returns what is left.
func takeDate(text string) (day time.Time, rest string, ok bool) {
	text = article.ReplaceAllString(text, "")
	var y, m, d int
	var found string
	switch {
	case isoDate.MatchString(text):
		parts := isoDate.FindStringSubmatch(text)
		found, y, m, d = parts[0], number(parts[1]), number(parts[2]), number(parts[3])
	case numeric.MatchString(text):
		parts := numeric.FindStringSubmatch(text)
		found, d, m, y = parts[0], number(parts[1]), number(parts[2]), number(parts[3])
	case withMonth.MatchString(text):
		parts := withMonth.FindStringSubmatch(text)
		found, d, m, y = parts[0], number(parts[1]), monthOf(parts[2]), number(parts[3])
	default:
		return day, text, false
	}
	const century, first, last = 2000, 2000, 2199
	if y < 100 {
		y += century
	}
	day = time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC)
	rest = text[len(found):]
	stands := day.Year() == y && int(day.Month()) == m && day.Day() == d && y >= first && y <= last
	glued := rest != "" && unicode.IsDigit(rune(rest[0])) // 3/12/20261
	return day, strings.TrimSpace(rest), stands && !glued
}

func number(digits string) int {
	n, _ := strconv.Atoi(digits) // a pattern has found digits
	return n
}

// Words of days and months. A month may be cut after three letters that no other begins with.
var (
	frenchDays  = []string{"dimanche", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi"}
	englishDays = []string{"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"}

	frenchMonths = []string{
		"janvier", "fevrier", "mars", "avril", "mai", "juin", "juillet", "aout", "septembre", "octobre", "novembre",
		"decembre", //nolint:misspell // French
	}
	englishMonths = []string{
		"january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
		"november", "december",
	}
)

// takeWeekday reads a day of the week at the beginning of a text, and returns what is left; below
// 0: there is none.
func takeWeekday(text string) (weekday int, rest string) {
	m := dayWord.FindStringSubmatch(text + " ")
	if m == nil {
		return -1, text
	}
	if weekday = wordOf(m[1], frenchDays, englishDays); weekday < 0 {
		return -1, text
	}
	return weekday, strings.TrimSpace((text + " ")[len(m[0]):])
}

// WeekdayOf reads a cell with a day of the week; ok reports whether it has one.
func WeekdayOf(cell string) (weekday time.Weekday, ok bool) {
	n, rest := takeWeekday(plain(cell))
	return time.Weekday(max(n, 0)), n >= 0 && rest == ""
}

func monthOf(word string) int { return wordOf(word, frenchMonths, englishMonths) + 1 }

// wordOf is the place of a word in one of two lists, or of a word that begins like one alone.
func wordOf(word string, lists ...[]string) int {
	const least = 3
	word = bare(word)
	for _, list := range lists {
		at, several := -1, false
		for i, whole := range list {
			switch {
			case word == whole:
				return i
			case len(word) >= least && strings.HasPrefix(whole, word):
				several = several || at >= 0
				at = i
			}
		}
		if at >= 0 && !several {
			return at
		}
	}
	return -1
}

// bare is a word without accents.
func bare(word string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFD.String(word))
}

// plain is a text in small letters, with plain spaces, one at a time.
func plain(text string) string {
	return strings.Join(strings.Fields(strings.ToLower(norm.NFKC.String(text))), " ")
}
