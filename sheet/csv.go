package sheet

import (
	"errors"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"relais/reason"
)

// csvRows reads the rows of a text file. Unlike encoding/csv it goes on behind a quote that
// is never closed, and knows bounds of a field and of a line.
type csvRows struct {
	lines  *lines
	form   form
	limits Limits
	record recordReader
	again  []line // read ahead, for a field that did not close
	number int
	tally  Tally
	cells  []Cell
	begun  bool
}

// Next implements Rows.
func (c *csvRows) Next() (Row, error) {
	for {
		first, err := c.line()
		if err != nil {
			return Row{}, err
		}
		if !c.begun {
			c.begun = true
			if _, hint := separatorLine(first.text); hint && c.form.told {
				continue
			}
		}
		c.number++
		if blank(first.text, c.form.separator) {
			c.tally.Blank++
			continue
		}
		row := Row{Number: c.number}
		if first.long {
			row.Fault = CodeLongLine
		}
		fields, err := c.fields(first, &row)
		if err != nil {
			return Row{}, err
		}
		c.fill(fields, &row)
		if empty(c.cells) && row.Fault == "" {
			c.tally.Blank++
			continue
		}
		if c.tally.Rows++; c.tally.Rows > c.limits.Rows+1 { // the header
			return Row{}, refuse(codeRows, reason.Args{"most": reason.Count(c.limits.Rows)})
		}
		return row, nil
	}
}

// fields parts a line, and joins those behind it to a field that goes on.
func (c *csvRows) fields(first line, row *Row) ([]string, error) {
	text := first.text
	if c.form.wrapped {
		text, _ = unwrapped(text)
	}
	fields, state := c.record.split(text, c.form.separator, false)
	var ahead []line
	for state == open && len(ahead) < c.limits.FieldSpan-1 && len(text) < 4*c.limits.Cell*c.limits.Columns {
		more, err := c.line()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		ahead = append(ahead, more)
		text += "\n" + more.text
		fields, state = c.record.split(text, c.form.separator, false)
		if state == whole && c.swallowed(fields) {
			state = wasted
		}
	}
	if state == whole {
		return fields, nil
	}
	c.again = append(ahead, c.again...)
	row.Fault = CodeQuote
	fields, _ = c.record.split(first.text, c.form.separator, true)
	return fields, nil
}

// swallowed reports whether a field that goes over several lines is not one, but rows
// behind a quote that was never closed: separators are in it, and columns are missing.
func (c *csvRows) swallowed(fields []string) bool {
	if c.form.separator == "" || len(fields) == c.form.columns {
		return false
	}
	return slices.ContainsFunc(fields, func(f string) bool {
		first, _, long := strings.Cut(f, "\n")
		return long && strings.Contains(first, c.form.separator)
	})
}

func (c *csvRows) line() (line, error) {
	if len(c.again) > 0 {
		one := c.again[0]
		c.again = c.again[1:]
		return one, nil
	}
	return c.lines.next()
}

// fill makes cells of fields. Those with content beyond the last column that may be stand in
// one, as grid.set has it.
func (c *csvRows) fill(fields []string, row *Row) {
	c.cells = c.cells[:0]
	for i, f := range fields {
		if i >= c.limits.Columns && strings.TrimSpace(f) == "" {
			continue
		}
		c.cells = c.cells[:min(len(c.cells), c.limits.Columns)]
		cell := Cell{Shown: displayed(f), Stored: f}
		if len(f) > c.limits.Cell && utf8.RuneCountInString(f) > c.limits.Cell {
			cell = Cell{Shown: clipped(cell.Shown), Stored: clipped(f), Fault: CodeLongCell}
		}
		c.cells = append(c.cells, cell)
	}
	row.Cells = c.cells
}

// clipped is the beginning of a cell that is too long, to be shown with its fault.
func clipped(text string) string {
	const most = 100
	n := 0
	for i := range text {
		if n == most {
			return text[:i] + "…"
		}
		n++
	}
	return text
}

// displayed is what Excel shows of ="0612": programs write it so that zeros stay.
func displayed(field string) string {
	const start, end = `="`, `"`
	if inside, ok := strings.CutPrefix(field, start); ok && strings.HasSuffix(inside, end) {
		return strings.TrimSuffix(inside, end)
	}
	return field
}

// blank reports whether a line has separators and spaces alone.
func blank(text, separator string) bool {
	for i := range len(text) {
		if b := text[i]; b > ' ' && (separator == "" || b != separator[0]) {
			return false
		}
	}
	return true
}

func empty(cells []Cell) bool {
	for _, c := range cells {
		if c.Fault != "" || strings.TrimSpace(c.Stored) != "" {
			return false
		}
	}
	return true
}

// Tally implements Rows.
func (c *csvRows) Tally() Tally {
	t := c.tally
	if c.lines.utf8 {
		t.Mixed = c.lines.mixed
	}
	return t
}

// Progress implements Rows.
func (c *csvRows) Progress() (done, total int64) { return c.lines.source.done, c.lines.total }

// state says how a record ended.
type state int

const (
	whole  state = iota
	open         // a quote was not closed: the record may go on with the next line
	wasted       // a quote was not closed, for another one opens
)

// recordReader parts records. It has the room for fields, which are used again.
type recordReader struct{ fields []string }

// split parts a record. A quote opens a field as its first character alone; elsewhere it is
// a letter, as in L'"oeuvre". plain takes every quote for a letter.
func (r *recordReader) split(text, separator string, plain bool) ([]string, state) {
	r.fields = r.fields[:0]
	for at := 0; ; {
		start := at
		for start < len(text) && text[start] == ' ' {
			start++
		}
		if !plain && start < len(text) && text[start] == '"' {
			field, end, st := quoted(text, start+1, separator)
			if st != whole {
				return r.fields, st
			}
			r.fields = append(r.fields, field)
			if end >= len(text) {
				return r.fields, whole
			}
			at = end + len(separator)
			continue
		}
		end := -1
		if separator != "" {
			end = strings.Index(text[at:], separator)
		}
		if end < 0 {
			r.fields = append(r.fields, text[at:])
			return r.fields, whole
		}
		r.fields = append(r.fields, text[at:at+end])
		at += end + len(separator)
	}
}

// quoted reads a field between quotes, from behind the first one. end is where the
// separator behind it stands, or the end of the text.
func quoted(text string, from int, separator string) (field string, end int, st state) {
	doubled := false
	for at := from; at < len(text); at++ {
		if text[at] != '"' {
			continue
		}
		if at+1 < len(text) && text[at+1] == '"' {
			doubled = true
			at++
			continue
		}
		behind := at + 1
		for behind < len(text) && text[behind] == ' ' {
			behind++
		}
		if behind == len(text) || separator != "" && strings.HasPrefix(text[behind:], separator) {
			field = text[from:at]
			if doubled {
				field = strings.ReplaceAll(field, `""`, `"`)
			}
			return field, behind, whole
		}
		if opens(text, at, separator) {
			return "", 0, wasted
		}
	}
	return "", 0, open
}

// opens reports whether a quote looks like the first one of a field: the field before it
// was never closed.
func opens(text string, at int, separator string) bool {
	if at == 0 {
		return true
	}
	before := strings.TrimSuffix(text[:at], "=")
	return strings.HasSuffix(before, "\n") || separator != "" && strings.HasSuffix(before, separator)
}
