package campaign

import (
	"errors"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"relais/merge"
	"relais/number"
	"relais/reason"
	"relais/sheet"
)

// Column is a column of the table.
type Column struct {
	Letter string `json:"letter"`          // A, B, as spreadsheets call it
	Name   string `json:"name"`            // as written in the header; empty without one
	Phone  bool   `json:"phone,omitempty"` // has the numbers
	Used   bool   `json:"used,omitempty"`  // is a field of the text
	// Reminds is of a column with the keys, the dates or the times of appointments.
	Reminds bool   `json:"reminds,omitempty"`
	Unique  string `json:"unique,omitempty"` // nom (2), where others have the same name
}

// Label is how a column is called: by its name, else by its letter.
func (c Column) Label() reason.Arg {
	if c.Name == "" {
		return reason.Of(phraseColumn, reason.Args{"letter": reason.Name(c.Letter)})
	}
	return reason.Name(c.Name)
}

// Layout is what a table is like.
type Layout struct {
	Header    int      `json:"header_row"` // its number; 0: there is none
	Columns   []Column `json:"columns"`
	Phone     int      `json:"-"` // of Columns
	Questions []reason.Reason
}

// Row and column bounds of the look.
const (
	lookRows   = 1000
	headerRows = 20 // among which the header is
)

// kept is a row of the look.
type kept struct {
	number int
	cells  []sheet.Cell
}

// Look guesses from the first rows what a table is like. The error is a *reason.Error
// where the file is at fault.
func Look(book *sheet.Book, o Options) (*Layout, error) {
	rows, err := book.Rows()
	if err != nil {
		return nil, err
	}
	var first []kept
	for len(first) < lookRows {
		row, err := rows.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		first = append(first, kept{row.Number, append([]sheet.Cell(nil), row.Cells...)})
	}
	if len(first) == 0 {
		return nil, refuse(sheet.CodeNoRows, nil)
	}
	l := &Layout{}
	at, err := l.header(first, o)
	if err != nil {
		return nil, err
	}
	l.name(first, at)
	data := first[at+1:]
	if len(data) == 0 {
		return nil, refuse(sheet.CodeNoRows, nil)
	}
	if len(l.Columns) > sheet.Usual.Columns {
		return nil, refuse(codeColumns, reason.Args{"most": reason.Count(sheet.Usual.Columns)})
	}
	if err := l.phone(data, o); err != nil {
		return nil, err
	}
	l.doubtHeader(o)
	return l, nil
}

// doubtHeader asks whether a row has the names of the columns, where no column is called as
// those with numbers are.
func (l *Layout) doubtHeader(o Options) {
	name := l.Columns[l.Phone].Name
	asked := slices.ContainsFunc(l.Questions, func(q reason.Reason) bool { return q.Is(codeHeaderBelow) })
	known := slices.ContainsFunc(l.Columns, func(c Column) bool { return phoneName(c.Name) })
	if l.Header == 0 || o.Header != 0 || asked || known ||
		o.Column != "" && merge.Fold(o.Column) == merge.Fold(name) {
		return
	}
	l.Questions = append(l.Questions, reason.Of(codeHeaderDoubt, reason.Args{"row": reason.Count(l.Header)}))
}

// header finds the row with the names of the columns: the one with most of them, above the
// first number of a telephone. It returns its place, -1 where there is none.
func (l *Layout) header(first []kept, o Options) (int, error) {
	if o.Header != 0 {
		return l.chosenHeader(first, o.Header)
	}
	best, most := -1, 0
	for i, row := range first[:min(len(first), headerRows)] {
		if o.hasNumber(row.cells) {
			break
		}
		if names := namesIn(row.cells); names > most {
			best, most = i, names
		}
	}
	if best < 0 {
		l.Questions = append(l.Questions, reason.Of(codeNoHeader, reason.Args{"row": reason.Count(first[0].number)}))
		return -1, nil
	}
	l.Header = first[best].number
	if best > 0 {
		l.Questions = append(l.Questions, reason.Of(codeHeaderBelow, reason.Args{"row": reason.Count(l.Header)}))
	}
	return best, nil
}

// chosenHeader is the row that a person named; below 0 there is none.
func (l *Layout) chosenHeader(first []kept, number int) (int, error) {
	if number < 0 {
		return -1, nil
	}
	for i, row := range first {
		if row.number == number {
			l.Header = number
			return i, nil
		}
	}
	return 0, refuse(codeHeaderRow, reason.Args{
		"row": reason.Count(number), "last": reason.Count(first[len(first)-1].number),
	})
}

// hasNumber reports whether a cell of a row is a number to text.
func (o Options) hasNumber(cells []sheet.Cell) bool {
	for _, c := range cells {
		if !strings.ContainsFunc(c.Stored, unicode.IsDigit) {
			continue
		}
		n, err := number.Every.Cell(c.Stored, o.region())
		if err == nil && n.Kind != number.Unknown || unclearNumber(err) {
			return true
		}
	}
	return false
}

// unclearNumber reports whether a cell has what was a number to text.
func unclearNumber(err error) bool {
	return isCode(err, number.CodeScientific) || isCode(err, number.CodeSeveral) ||
		isCode(err, number.CodeZeroOrPlus)
}

func isCode(err error, code reason.Code) bool {
	var wrong *number.Error
	return errors.As(err, &wrong) && wrong.Reason.Is(code)
}

// namesIn counts cells that may be names of columns: words, each once. Digits of a number,
// whatever is wrong with it, are no header's.
func namesIn(cells []sheet.Cell) int {
	seen := map[string]bool{}
	for _, c := range cells {
		if likeNumber(c.Shown) || likeNumber(c.Stored) {
			return 0
		}
		name := merge.Fold(c.Shown)
		if name != "" && strings.ContainsFunc(name, unicode.IsLetter) {
			seen[name] = true
		}
	}
	return len(seen)
}

// year is one in a name or a title: Inscrits 2026-2027.
var year = regexp.MustCompile(`\b(19|20)\d\d\b`)

// likeNumber reports whether a cell has as many digits as a part of a telephone number has:
// it is no name, and is not printed.
func likeNumber(text string) bool {
	const least = 6
	digits := 0
	for _, r := range year.ReplaceAllString(text, "") {
		if unicode.IsDigit(r) {
			digits++
		}
	}
	return digits >= least
}

// name gives the columns their names and letters. Columns that have neither a name nor
// content in the look are left out at the right.
func (l *Layout) name(first []kept, at int) {
	widest := l.widest(first, at)
	times := map[string]int{}
	for i := range widest {
		c := Column{Letter: Letter(i)}
		if at >= 0 && i < len(first[at].cells) {
			c.Name = tidy(first[at].cells[i].Shown)
		}
		if likeNumber(c.Name) {
			c.Name = ""
		}
		if c.Name != "" {
			times[merge.Fold(c.Name)]++
			if n := times[merge.Fold(c.Name)]; n > 1 {
				c.Unique = c.Name + " (" + strconv.Itoa(n) + ")"
			}
		}
		l.Columns = append(l.Columns, c)
	}
}

// widest is how many columns there are: up to the last name, and beyond where many rows
// have content. What few rows have there is one cell too many.
func (l *Layout) widest(first []kept, at int) int {
	const many = 10 // of a hundred rows
	widest := 0
	var filled []int
	for n, row := range first[max(at, 0):] {
		for i, c := range row.cells {
			if strings.TrimSpace(c.Stored) == "" && c.Fault == "" {
				continue
			}
			if n == 0 && at >= 0 {
				widest = max(widest, i+1)
			}
			for len(filled) <= i {
				filled = append(filled, 0)
			}
			filled[i]++
		}
	}
	rows := len(first) - at - 1
	for i, n := range filled {
		if n > 1 && n*100 >= rows*many || rows == 1 && at < 0 && n > 0 {
			widest = max(widest, i+1)
		}
	}
	return widest
}

// Letter is how spreadsheets call a column, from 0: A, Z, AA.
func Letter(column int) string {
	const letters = 26
	name := ""
	for column++; column > 0; column = (column - 1) / letters {
		name = string(rune('A'+(column-1)%letters)) + name
	}
	return name
}

// evidence is what the look saw in a column.
type evidence struct {
	filled, numbers, mobiles int
	named                    bool
}

func (e evidence) share() float64 {
	if e.filled == 0 {
		return 0
	}
	return float64(e.numbers) / float64(e.filled)
}

// score weighs content above the name: a column "numéro" with the numbers of houses is none.
func (e evidence) score() float64 {
	const asNamed, asMobile, least = 0.3, 0.5, 0.05
	s := e.share()
	if e.filled > 0 {
		s += asMobile * float64(e.mobiles) / float64(e.filled)
	}
	if e.named && (e.share() >= least || e.filled == 0) {
		s += asNamed
	}
	return s
}

// phone finds the column with the numbers.
func (l *Layout) phone(data []kept, o Options) error {
	if o.Column != "" {
		return l.chosen(o.Column)
	}
	best, second := -1, -1
	all := l.evidence(data, o)
	for i := range all {
		switch {
		case best < 0 || all[i].score() > all[best].score():
			best, second = i, best
		case second < 0 || all[i].score() > all[second].score():
			second = i
		}
	}
	const enough = 0.3
	if best < 0 || all[best].score() < enough {
		if best = l.onlyNamed(all); best < 0 {
			return l.refuseColumns()
		}
		second = -1
	}
	l.take(best)
	if second >= 0 && all[second].share() >= 0.5 && all[second].filled > 1 {
		l.Questions = append(l.Questions, reason.Of(codeTwoPhones, reason.Args{
			"taken": l.Columns[best].Label(), "other": l.Columns[second].Label(), "letter": reason.Name(l.Columns[second].Letter),
		}))
	}
	return nil
}

func (l *Layout) evidence(data []kept, o Options) []evidence {
	all := make([]evidence, len(l.Columns))
	for i, c := range l.Columns {
		all[i].named = phoneName(c.Name)
	}
	for _, row := range data {
		for i := range min(len(row.cells), len(all)) {
			stored := strings.TrimSpace(row.cells[i].Stored)
			if stored == "" {
				continue
			}
			all[i].filled++
			n, err := number.Every.Cell(stored, o.region())
			switch {
			case unclearNumber(err):
				all[i].numbers++
			case err == nil && n.Kind != number.Unknown:
				all[i].numbers++
				if n.Kind == number.Mobile || n.Kind == number.FixedOrMobile || n.Kind == number.Fiction {
					all[i].mobiles++
				}
			}
		}
	}
	return all
}

// onlyNamed is the one column that has the name of a phone column, whatever is in it: each
// of its rows says what is wrong.
func (l *Layout) onlyNamed(all []evidence) int {
	found := -1
	for i := range all {
		if all[i].named && found >= 0 {
			return -1
		}
		if all[i].named {
			found = i
		}
	}
	return found
}

func (l *Layout) take(i int) { l.Phone, l.Columns[i].Phone = i, true }

// chosen takes the column that a person named, by its name or its letter.
func (l *Layout) chosen(name string) error {
	found := l.find(name)
	switch len(found) {
	case 1:
		l.take(found[0])
		return nil
	case 0:
		return refuse(codeNamed, reason.Args{"named": reason.Name(name), "columns": l.names()})
	}
	return refuse(codeTwice, reason.Args{
		"named": reason.Name(name), "letters": reason.Name(l.letters(found)),
	})
}

// find are the columns of a name; a letter is one where no column is called so.
func (l *Layout) find(name string) []int {
	wanted := merge.Fold(name)
	var found []int
	for i, c := range l.Columns {
		if c.Name != "" && merge.Fold(c.Name) == wanted {
			found = append(found, i)
		}
	}
	if found != nil {
		return found
	}
	for i, c := range l.Columns {
		letter := strings.ToLower(c.Letter)
		if wanted == letter || wanted == "colonne"+letter || wanted == "column"+letter ||
			c.Unique != "" && wanted == merge.Fold(c.Unique) {
			return []int{i}
		}
	}
	return nil
}

func (l *Layout) letters(columns []int) string {
	var all []string
	for _, i := range columns {
		all = append(all, l.Columns[i].Letter)
	}
	return strings.Join(all, ", ")
}

func (l *Layout) names() reason.Series {
	const most = 30
	var all reason.Series
	for _, c := range l.Columns[:min(len(l.Columns), most)] {
		all = append(all, c.Label())
	}
	return all
}

func (l *Layout) refuseColumns() error {
	return refuse(CodeNoPhone, reason.Args{"columns": l.names()})
}

func refuse(code reason.Code, args reason.Args) error {
	return reason.NewError(code, args)
}

// phoneName reports whether a column is called as those with numbers are. See Fold of
// package merge: capitals, accents and marks make no difference.
func phoneName(name string) bool {
	switch strings.NewReplacer("°", "", "º", "", ":", "", "(", "", ")", "", "/", "").Replace(merge.Fold(name)) {
	case "telephone", "tel", "portable", "mobile", "gsm", "numero", "num", "numerodetelephone", "numtel",
		"telephoneportable", "telportable", "telephonemobile", "telmobile", "telmob", "numerodeportable",
		"numeroportable", "ndetel", "ntel", "phone", "phonenumber", "mobilephone", "mobilenumber", "cell",
		"cellphone", "msisdn", "sms", "destinataire", "destinataires", "recipient", "recipients", "to",
		"phonenumber1", "number", "contacttelephone", "telresponsable", "tel1":
		return true
	}
	return false
}
