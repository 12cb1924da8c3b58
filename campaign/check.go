package campaign

import (
	"context"
	"errors"
	"hash/maphash"
	"io"
	"strings"
	"unicode"

	"relais/gsm"
	"relais/merge"
	"relais/number"
	"relais/reason"
	"relais/sheet"
	"relais/sms"
	"relais/typography"
)

// Judged is what becomes of a row.
type Judged struct {
	Row      int // as the spreadsheet counts
	Number   sms.Number
	Family   string
	Text     string
	Segments int
	Alphabet gsm.Alphabet
	// Skipped is why no message is made; zero: one is.
	Skipped reason.Reason
	// Repaired are what was mended in the number.
	Repaired []reason.Reason
	// Cells are those of the row, until the next one is judged.
	Cells []sheet.Cell
}

// Checker judges the rows of a table.
type Checker struct {
	o      Options
	layout *Layout
	text   *merge.Text // nil: numbers alone
	fields []int       // the column of each field of the text
	base   int         // segments of the text without its fields

	seed     maphash.Seed
	seen     seen
	others   map[numberText]int32
	severals map[number64]bool // numbers with several texts
	report   *Report
	run      run
	values   []string
	later    func() error // counts what is left; nil: rows are counted at once
}

// number64 is an E.164 number without its plus: fifteen digits at most.
type number64 uint64

type numberText struct {
	number number64
	text   uint64
}

// NewChecker reads the text and finds the column of each of its fields. The error is a
// *merge.Error or a *reason.Error.
func NewChecker(layout *Layout, o Options) (*Checker, error) {
	c := &Checker{
		o: o, layout: layout, seed: maphash.MakeSeed(),
		others: map[numberText]int32{}, severals: map[number64]bool{}, report: newReport(layout),
	}
	if o.Text == "" {
		return c, nil
	}
	known := layout.known()
	text, err := merge.Parse(merge.Rewrite(o.Text, known))
	if err != nil {
		return nil, err
	}
	c.text = text
	c.base = gsm.Count(text.Bare()).Segments
	for _, f := range text.Fields() {
		column, err := c.columnOf(f.Name, known)
		if err != nil {
			return nil, err
		}
		c.fields = append(c.fields, column)
		layout.Columns[column].Used = true
	}
	c.values = make([]string, len(c.fields))
	return c, nil
}

func (c *Checker) columnOf(field string, known []string) (int, error) {
	found := c.layout.find(field)
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		args := reason.Args{"field": reason.Name(field), "columns": c.layout.names()}
		if near := merge.Nearest(field, known); near != "" {
			args["near"] = reason.Name(near)
			return 0, refuse(codeNear, args)
		}
		return 0, refuse(CodeNoColumn, args)
	}
	return 0, refuse(CodeInTwo, reason.Args{
		"field": reason.Name(field), "letters": reason.Name(c.layout.letters(found)),
		"first":  reason.Name(c.layout.Columns[found[0]].Letter),
		"second": reason.Name(c.layout.Columns[found[1]].Letter),
	})
}

// Check judges every row. see gets each, in order; progress hears how much of the file was
// read, now and then. Both may be nil.
func (c *Checker) Check(
	ctx context.Context, book *sheet.Book, see func(*Judged) error, progress func(done, total int64),
) (*Report, error) {
	rows, err := book.Rows()
	if err != nil {
		return nil, err
	}
	const often = 1000
	var j Judged
	for n := 0; ; n++ {
		if n%often == 0 {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			if progress != nil {
				progress(rows.Progress())
			}
		}
		row, err := rows.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		if row.Number <= c.layout.Header {
			continue
		}
		c.judge(&row, &j)
		if c.later == nil {
			c.Count(&j)
		}
		if see != nil {
			if err := see(&j); err != nil {
				return nil, err
			}
		}
	}
	if c.later != nil {
		if err := c.later(); err != nil {
			return nil, err
		}
	}
	c.run.end(c.report)
	return c.report.done(book, rows.Tally()), nil
}

// CountLater leaves it to the caller to Count the rows: somebody else has a say in what
// becomes of them. last is called behind the last one, to count what was not counted yet.
func (c *Checker) CountLater(last func() error) { c.later = last }

// TooLong is why a text that takes so many segments leaves its row out; zero: it does not.
func (o Options) TooLong(segments int, alphabet gsm.Alphabet) reason.Reason {
	if segments <= o.segments() {
		return reason.Reason{}
	}
	return reason.Of(codeTextLong, reason.Args{
		"segments": reason.Count(segments), "encoding": reason.Name(alphabet.String()),
		"most": reason.Count(o.segments()),
	})
}

// Count counts a row in the report, as it was judged.
func (c *Checker) Count(j *Judged) { c.report.count(j) }

// judge says what becomes of a row.
func (c *Checker) judge(row *sheet.Row, j *Judged) {
	*j = Judged{Row: row.Number, Cells: row.Cells}
	if row.Fault != "" {
		j.Skipped = reason.Of(row.Fault, nil)
		return
	}
	if c.tooWide(row.Cells) {
		j.Skipped = reason.Of(codeTooWide, reason.Args{"columns": reason.Count(len(c.layout.Columns))})
		return
	}
	parsed, why := c.number(row.Cells)
	if !why.IsZero() {
		j.Skipped = why
		return
	}
	j.Number, j.Family, j.Repaired = parsed.Number, parsed.Family, repairs(parsed.Warnings)
	if j.Skipped = c.fill(row.Cells, j); !j.Skipped.IsZero() {
		return
	}
	if j.Skipped = c.again(j); !j.Skipped.IsZero() {
		return
	}
	if looksLikeTest(parsed.Number) {
		c.report.tests++
	}
	c.run.add(key(parsed.Number))
	c.longer(j)
}

// repairs are warnings of numbers that were corrected.
func repairs(warnings []reason.Reason) []reason.Reason {
	var all []reason.Reason
	for _, w := range warnings {
		switch w.Code.Wire() {
		case string(number.CodeUnassigned), string(number.CodeFixedLine):
		default:
			all = append(all, w)
		}
	}
	return all
}

func (c *Checker) tooWide(cells []sheet.Cell) bool {
	for _, cell := range cells[min(len(cells), len(c.layout.Columns)):] {
		if strings.TrimSpace(cell.Stored) != "" {
			return true
		}
	}
	return false
}

// number reads the cell of the phone column, by what is stored there.
func (c *Checker) number(cells []sheet.Cell) (number.Parsed, reason.Reason) {
	if c.layout.Phone >= len(cells) {
		return number.Parsed{}, reason.Of(number.CodeEmpty, nil)
	}
	cell := cells[c.layout.Phone]
	if cell.Fault != "" {
		return number.Parsed{}, reason.Of(cell.Fault, c.named(c.layout.Phone))
	}
	if strings.TrimSpace(cell.Stored) == "" {
		return number.Parsed{}, reason.Of(codeCellEmpty, nil)
	}
	parsed, err := c.o.Numbers.Cell(cell.Stored, c.o.region())
	if err != nil {
		if wrong, ok := errors.AsType[*number.Error](err); ok {
			return number.Parsed{}, wrong.Reason
		}
		return number.Parsed{}, reason.OfError(err)
	}
	return parsed, reason.Reason{}
}

func (c *Checker) named(column int) reason.Args {
	return reason.Args{"column": c.layout.Columns[column].Label()}
}

// fill makes the text of a row.
func (c *Checker) fill(cells []sheet.Cell, j *Judged) reason.Reason {
	if c.text == nil {
		return reason.Reason{}
	}
	for i, column := range c.fields {
		c.values[i] = ""
		if column >= len(cells) {
			continue
		}
		cell := cells[column]
		if cell.Fault != "" {
			return reason.Of(cell.Fault, c.named(column))
		}
		if lost(cell.Shown) {
			return reason.Of(codeLost, c.named(column))
		}
		c.values[i] = tidy(cell.Shown)
	}
	filled := c.text.Fill(c.values)
	if len(filled.Missing) > 0 {
		return reason.Of(codeMissing, reason.Args{"fields": reason.Names(filled.Missing)})
	}
	c.report.doubtful(filled.Doubtful)
	j.Text, _ = typography.Rewrite(filled.Text, c.o.GSM)
	if typography.Blank(j.Text) {
		return reason.Of(codeTextEmpty, nil)
	}
	info := gsm.Count(j.Text)
	if why := c.o.TooLong(info.Segments, info.Alphabet); !why.IsZero() {
		return why
	}
	j.Segments, j.Alphabet = info.Segments, info.Alphabet
	return reason.Reason{}
}

// lost reports whether letters of a value were lost before it came to us: U+FFFD, or a
// question mark between two letters.
func lost(value string) bool {
	if strings.ContainsRune(value, unicode.ReplacementChar) {
		return true
	}
	if !strings.ContainsRune(value, '?') || strings.Contains(value, "/") {
		return false
	}
	letters := []rune(value)
	for i := 1; i+1 < len(letters); i++ {
		if letters[i] == '?' && unicode.IsLetter(letters[i-1]) && unicode.IsLower(letters[i+1]) {
			return true
		}
	}
	return false
}

// again looks for rows before with the same number.
func (c *Checker) again(j *Judged) reason.Reason {
	if c.o.duplicates() == EveryRow {
		return reason.Reason{}
	}
	k, hash := key(j.Number), maphash.String(c.seed, j.Text)
	first, text, known := c.seen.first(k, int32(j.Row), hash)
	switch {
	case !known:
		return reason.Reason{}
	case text == hash:
		return duplicate(CodeDuplicate, first)
	case c.o.duplicates() == FirstOnly:
		return duplicate(codeDuplicateNumber, first)
	}
	if row, known := c.others[numberText{k, hash}]; known {
		return duplicate(CodeDuplicate, row)
	}
	c.others[numberText{k, hash}] = int32(j.Row)
	if !c.severals[k] {
		c.severals[k] = true
		c.report.several++
	}
	return reason.Reason{}
}

func duplicate(code reason.Code, row int32) reason.Reason {
	return reason.Of(code, reason.Args{"row": reason.Count(row)})
}

// key packs a number.
func key(n sms.Number) number64 {
	var k number64
	for i := range len(n) {
		if d := n[i]; d >= '0' && d <= '9' {
			k = k*10 + number64(d-'0')
		}
	}
	return k
}

// looksLikeTest reports whether a number is one that people type to try.
func looksLikeTest(n sms.Number) bool {
	switch string(n) {
	case "+33600000000", "+33612345678", "+33102030405", "+33700000000", "+33606060606", "+33123456789":
		return true
	}
	return false
}

// longer finds the column that makes a text take more segments than its words alone do.
func (c *Checker) longer(j *Judged) {
	if c.text == nil || j.Segments <= max(c.base, 1) {
		return
	}
	best, least, length := -1, j.Segments, 0
	for i, value := range c.values {
		if value == "" {
			continue
		}
		c.values[i] = "x"
		text, _ := typography.Rewrite(c.text.Fill(c.values).Text, c.o.GSM)
		c.values[i] = value
		n := gsm.Count(text).Segments
		if n < least || n == least && best >= 0 && len(value) > length {
			best, least, length = i, n, len(value)
		}
	}
	if best < 0 {
		return
	}
	costly := j.Alphabet == gsm.UCS2 && len(gsm.Costly(c.values[best])) > 0
	c.report.longer(c.fields[best], costly, j.Segments-least)
}
