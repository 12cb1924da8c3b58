package sheet

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// format is a number format of a workbook (ECMA-376, 18.8.31), as far as tables of people
// have them: digits, groups, decimals, percent, currencies, dates and times, telephone
// numbers by placeholders, and conditions.
type format struct {
	sections []section
	english  bool
}

type section struct {
	pieces    []piece
	date      bool
	elapsed   bool // [h]
	half      bool // AM/PM
	percent   int
	scale     int // of thousands
	grouped   bool
	decimals  int
	required  int // digits behind the mark that are always written
	whole     int // placeholders before the mark
	zeros     int // of which are always written: from the first 0 on
	exponent  bool
	general   bool
	text      bool
	unknown   bool // something that is not read: fractions
	condition byte // '<', '>', '=', 'l' for <=, 'g' for >=, '!' for <>
	bound     float64
}

// piece is a part of a section.
type piece struct {
	kind byte   // 'w' words, '0' '#' '?' digits, '.' mark, 'd' a part of a date, '%'
	text string // words, or the letters of a part of a date
}

// builtIn are the formats that workbooks name by number alone (18.8.30).
var builtIn = map[int]string{
	0: "General", 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 5: "#,##0 €", 6: "#,##0 €", 7: "#,##0.00 €", 8: "#,##0.00 €",
	9: "0%", 10: "0.00%", 11: "0.00E+00", 12: "# ?/?", 13: "# ??/??",
	14: "dd/mm/yyyy", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm AM/PM", 19: "h:mm:ss AM/PM", 20: "hh:mm", 21: "hh:mm:ss",
	22: "dd/mm/yyyy hh:mm", 37: "#,##0;-#,##0", 38: "#,##0;-#,##0", 39: "#,##0.00;-#,##0.00", 40: "#,##0.00;-#,##0.00",
	41: "#,##0", 42: "#,##0 €", 43: "#,##0.00", 44: "#,##0.00 €", 45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss.0", 48: "##0.0E+0", 49: "@",
}

// eastAsian reports whether a number names a date of East Asian versions.
func eastAsian(id int) bool { return id >= 27 && id <= 36 || id >= 50 && id <= 58 }

// longestCode is how many characters of a code Excel takes.
const longestCode = 255

func newFormat(code string, english bool) *format {
	if utf8.RuneCountInString(code) > longestCode {
		code = "General"
	}
	f := &format{english: english}
	for _, part := range sectionsOf(code) {
		f.sections = append(f.sections, readSection(part))
	}
	return f
}

// sectionsOf parts a code at semicolons outside of quotes and brackets.
func sectionsOf(code string) []string {
	var all []string
	from, quoted, bracket := 0, false, false
	for i := 0; i < len(code); i++ {
		switch c := code[i]; {
		case c == '\\' && !quoted:
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '[':
			bracket = true
		case c == ']':
			bracket = false
		case c == ';' && !bracket:
			all = append(all, code[from:i])
			from = i + 1
		}
	}
	return append(all, code[from:])
}

func readSection(code string) section {
	var s section
	small := lowered(code)
	for i := 0; i < len(code); {
		c, rest, lower := code[i], code[i:], small[i:]
		switch {
		case c == '\\' && i+1 < len(code):
			n := runeLength(code[i+1:])
			s.words(code[i+1 : i+1+n])
			i += 1 + n
		case c == '"':
			end := strings.IndexByte(rest[1:], '"')
			if end < 0 {
				end = len(rest) - 1
			}
			s.words(rest[1 : 1+end])
			i += min(end+2, len(rest))
		case c == '[':
			end := strings.IndexByte(rest, ']')
			if end < 0 {
				end = len(rest) - 1
			}
			s.bracket(rest[1:end])
			i += end + 1
		case c == '_' && i+1 < len(code):
			s.words(" ")
			i += 1 + runeLength(code[i+1:])
		case c == '*' && i+1 < len(code):
			i += 1 + runeLength(code[i+1:])
		case strings.HasPrefix(lower, "general"), strings.HasPrefix(lower, "standard"):
			s.general = true
			i += len("general") + strings.Count(lower[:min(8, len(lower))], "standard")
		case strings.HasPrefix(lower, "am/pm"):
			s.part("am/pm")
			s.half = true
			i += len("am/pm")
		case strings.IndexByte("0#?", c) >= 0:
			s.digit(c)
			i++
		case c == '.':
			s.point()
			i++
		case c == ',':
			s.comma(code[i+1:])
			i++
		case c == '%':
			s.percent++
			s.words("%")
			i++
		case (c == 'E' || c == 'e') && i+1 < len(code) && (code[i+1] == '+' || code[i+1] == '-'):
			s.exponent = true
			i += 2
		case c == '/' && !s.date && s.whole > 0:
			s.unknown = true
			i++
		case c == '@':
			s.text = true
			i++
		case strings.IndexByte("ymdhs", lower[0]) >= 0:
			n := 1
			for n < len(lower) && lower[n] == lower[0] {
				n++
			}
			s.part(lower[:n])
			i += n
		default:
			n := runeLength(rest)
			s.words(rest[:n])
			i += n
		}
	}
	s.minutes()
	return s
}

// lowered has small letters in the place of A to Z, each character where it was.
func lowered(code string) string {
	small := []byte(code)
	for i, b := range small {
		if b >= 'A' && b <= 'Z' {
			small[i] = b + 'a' - 'A'
		}
	}
	return string(small)
}

func runeLength(text string) int {
	for i := range text {
		if i > 0 {
			return i
		}
	}
	return len(text)
}

func (s *section) words(text string) {
	if n := len(s.pieces); n > 0 && s.pieces[n-1].kind == 'w' {
		s.pieces[n-1].text += text
		return
	}
	s.pieces = append(s.pieces, piece{'w', text})
}

func (s *section) part(letters string) {
	s.date = true
	s.pieces = append(s.pieces, piece{'d', letters})
}

func (s *section) digit(c byte) {
	behind := false
	for _, p := range s.pieces {
		behind = behind || p.kind == '.'
	}
	switch {
	case s.exponent, s.date: // the digits of an exponent, parts of a second
		return
	case behind:
		s.decimals++
		if c == '0' {
			s.required = s.decimals
		}
	default:
		s.whole++
		if c == '0' || s.zeros > 0 {
			s.zeros++
		}
	}
	s.pieces = append(s.pieces, piece{c, ""})
}

func (s *section) point() {
	if s.date {
		return
	}
	s.pieces = append(s.pieces, piece{'.', ""})
}

// comma groups digits where more of them follow, and divides by a thousand where not.
func (s *section) comma(rest string) {
	switch {
	case s.whole == 0:
		s.words(",")
	case strings.ContainsAny(rest, "0#?") && !strings.HasPrefix(rest, ".") && !strings.HasPrefix(rest, ",."):
		s.grouped = true
	default:
		s.scale++
	}
}

// bracket reads what stands between brackets: a condition, a currency, elapsed hours. Colours
// are for the screen.
func (s *section) bracket(inside string) {
	lower := strings.ToLower(inside)
	switch {
	case inside == "":
	case inside[0] == '$':
		currency, _, _ := strings.Cut(inside[1:], "-")
		if currency != "" {
			s.words(currency)
		}
	case strings.IndexByte("<>=", inside[0]) >= 0:
		number := strings.TrimLeft(inside, "<>=")
		bound, err := strconv.ParseFloat(number, 64)
		if err != nil {
			return
		}
		s.bound = bound
		switch inside[:len(inside)-len(number)] {
		case "<":
			s.condition = '<'
		case ">":
			s.condition = '>'
		case "=":
			s.condition = '='
		case "<=":
			s.condition = 'l'
		case ">=":
			s.condition = 'g'
		case "<>":
			s.condition = '!'
		}
	case strings.Trim(lower, "h") == "", strings.Trim(lower, "m") == "", strings.Trim(lower, "s") == "":
		s.elapsed = true
		s.part("[" + lower[:1])
	}
}

// minutes tells minutes from months: they stand behind hours or before seconds.
func (s *section) minutes() {
	before := byte(0)
	for i := range s.pieces {
		p := &s.pieces[i]
		if p.kind != 'd' {
			continue
		}
		letter := p.text[0]
		if letter == 'm' && len(p.text) <= 2 {
			if before == 'h' || before == '[' || s.seconds(i+1) {
				p.text = strings.Repeat("n", len(p.text))
				letter = 'n'
			}
		}
		before = letter
	}
}

func (s *section) seconds(from int) bool {
	for _, p := range s.pieces[from:] {
		if p.kind == 'd' {
			return p.text[0] == 's'
		}
	}
	return false
}

func (s *section) holds(v float64) bool {
	switch s.condition {
	case '<':
		return v < s.bound
	case '>':
		return v > s.bound
	case '=':
		return v == s.bound
	case 'l':
		return v <= s.bound
	case 'g':
		return v >= s.bound
	case '!':
		return v != s.bound
	}
	return false
}

// choose picks the section for a value, and whether its sign is written by us.
func (f *format) choose(v float64) (s *section, sign bool) {
	all := f.sections
	if all[0].condition != 0 {
		for i := range all {
			if all[i].condition == 0 || all[i].holds(v) {
				return &all[i], v < 0
			}
		}
		return &all[len(all)-1], v < 0
	}
	switch {
	case v < 0 && len(all) > 1 && !all[1].text:
		return &all[1], false
	case v == 0 && len(all) > 2:
		return &all[2], false
	}
	return &all[0], v < 0
}

// show writes a number as the format does. base is the day 0 of the workbook's dates.
func (f *format) show(v float64, base time.Time) string {
	s, sign := f.choose(v)
	switch {
	case s.date:
		return f.showDate(s, v, base)
	case s.general, s.text, s.unknown, len(s.pieces) == 0 && len(f.sections) == 1:
		return f.plain(v)
	case s.exponent:
		return f.mark(strings.ToUpper(strconv.FormatFloat(v, 'e', s.decimals, 64)))
	}
	return f.showDigits(s, math.Abs(v), sign)
}

// plain writes a number as a cell without a format does, all of its digits though.
func (f *format) plain(v float64) string {
	const exact, digits = 1e15, 10
	if v == math.Trunc(v) && math.Abs(v) < exact {
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return f.mark(strings.ToUpper(strconv.FormatFloat(v, 'g', digits, 64)))
}

func (f *format) mark(text string) string {
	if f.english {
		return text
	}
	return strings.Replace(text, ".", ",", 1)
}

// thinSpace parts thousands in French, as Excel and LibreOffice write them.
const thinSpace = "\u202f"

func (f *format) showDigits(s *section, v float64, sign bool) string {
	const hundred, thousand, most = 100, 1000, 30
	for range s.percent {
		v *= hundred
	}
	for range s.scale {
		v /= thousand
	}
	text := strconv.FormatFloat(v, 'f', min(s.decimals, most), 64)
	whole, fraction, _ := strings.Cut(text, ".")
	for len(fraction) > s.required && strings.HasSuffix(fraction, "0") {
		fraction = fraction[:len(fraction)-1]
	}
	if whole == "0" && s.zeros == 0 && s.whole > 0 {
		whole = ""
	}
	if strings.Trim(whole+fraction, "0") == "" {
		sign = false
	}
	var b strings.Builder
	if sign {
		b.WriteByte('-')
	}
	f.spread(&b, s, whole, fraction)
	return strings.TrimSpace(b.String())
}

// spread puts digits into the placeholders: from the right before the mark, the first of
// which takes what is over.
func (f *format) spread(b *strings.Builder, s *section, whole, fraction string) {
	if len(whole) < s.zeros {
		whole = strings.Repeat("0", s.zeros-len(whole)) + whole
	}
	left, behind, begun := s.whole, false, false
	group := func(rest int) {
		if s.grouped && rest > 0 && rest%3 == 0 {
			if f.english {
				b.WriteByte(',')
				return
			}
			b.WriteString(thinSpace)
		}
	}
	write := func(n int) {
		for range min(n, len(whole)) {
			b.WriteByte(whole[0])
			whole = whole[1:]
			group(len(whole))
			begun = true
		}
	}
	for _, p := range s.pieces {
		switch p.kind {
		case 'w':
			if begun || behind || left == s.whole || left == 0 {
				b.WriteString(p.text)
			}
		case '.':
			behind = true
			if fraction != "" || s.required > 0 {
				b.WriteString(f.mark("."))
			}
		default:
			if behind {
				if fraction != "" {
					b.WriteByte(fraction[0])
					fraction = fraction[1:]
				}
				continue
			}
			write(len(whole) - (left - 1))
			left--
		}
	}
}

var (
	frenchMonths = []string{"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"}
	frenchShort  = []string{"janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."}
	frenchDays   = []string{"dimanche", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi"}
	frenchDays3  = []string{"dim.", "lun.", "mar.", "mer.", "jeu.", "ven.", "sam."}
)

func (f *format) showDate(s *section, v float64, base time.Time) string {
	if !dated(v) {
		return f.plain(v)
	}
	at := dateOf(v, base)
	seconds := int64(math.Round(v * 86400))
	var b strings.Builder
	for _, p := range s.pieces {
		switch p.kind {
		case 'w':
			b.WriteString(p.text)
		case 'd':
			b.WriteString(f.datePart(s, p.text, at, seconds))
		}
	}
	return strings.TrimSpace(b.String())
}

// dated reports whether there is a day of a serial number.
func dated(v float64) bool {
	const most = 2958466      // 31 December 9999
	return v >= 0 && v < most // which no NaN is
}

// when is the day of a number that is shown as one; zero: it is not, as where a time alone is.
func (f *format) when(v float64, base time.Time) time.Time {
	s, _ := f.choose(v)
	ofDay := func(p piece) bool { return p.kind == 'd' && (p.text[0] == 'y' || p.text[0] == 'd') }
	if !s.date || !dated(v) || !slices.ContainsFunc(s.pieces, ofDay) {
		return time.Time{}
	}
	return dateOf(v, base)
}

// dateOf is the time of a serial number. Excel has a 29 February 1900, which there was not:
// before it, days of the base of 1900 are one later.
func dateOf(v float64, base time.Time) time.Time {
	const leap, day = 60, 86400
	if v < leap && base.Year() < 1900 {
		base = base.AddDate(0, 0, 1)
	}
	days := math.Floor(v) // a Duration ends after 292 years
	return base.AddDate(0, 0, int(days)).Add(time.Duration(math.Round((v-days)*day)) * time.Second)
}

func (f *format) datePart(s *section, letters string, at time.Time, seconds int64) string {
	two := func(n int) string {
		text := strconv.Itoa(n)
		if len(letters) >= 2 && n < 10 {
			text = "0" + text
		}
		return text
	}
	const hour, minute, noon = 3600, 60, 12
	switch letters[0] {
	case '[':
		return strconv.FormatInt(seconds/map[byte]int64{'h': hour, 'm': minute, 's': 1}[letters[1]], 10)
	case 'y':
		if len(letters) <= 2 {
			return at.Format("06")
		}
		return at.Format("2006")
	case 'm':
		return f.month(letters, at, two)
	case 'd':
		return f.day(letters, at, two)
	case 'h':
		if s.half {
			return two((at.Hour()+noon-1)%noon + 1)
		}
		return two(at.Hour())
	case 'n':
		return two(at.Minute())
	case 's':
		return two(at.Second())
	case 'a':
		return at.Format("PM")
	}
	return ""
}

func (f *format) month(letters string, at time.Time, two func(int) string) string {
	switch n := int(at.Month()); {
	case len(letters) <= 2:
		return two(n)
	case len(letters) == 5:
		return strings.ToUpper(at.Format("Jan")[:1])
	case f.english && len(letters) == 3:
		return at.Format("Jan")
	case f.english:
		return at.Format("January")
	case len(letters) == 3:
		return frenchShort[n-1]
	default:
		return frenchMonths[n-1]
	}
}

func (f *format) day(letters string, at time.Time, two func(int) string) string {
	switch n := int(at.Weekday()); {
	case len(letters) <= 2:
		return two(at.Day())
	case f.english && len(letters) == 3:
		return at.Format("Mon")
	case f.english:
		return at.Format("Monday")
	case len(letters) == 3:
		return frenchDays3[n]
	default:
		return frenchDays[n]
	}
}
