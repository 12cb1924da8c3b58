package campaign

import (
	"cmp"
	"io"
	"strconv"
	"strings"

	"relais/plaintext"
	"relais/reason"
)

// BadRows writes the rows that are left out as a table that opens in the spreadsheet which
// the file came from, and can be checked in its turn once it is mended: the same columns,
// behind the number of the row and the reason.
type BadRows struct {
	out       io.Writer
	layout    *Layout
	language  reason.Language
	separator string
	line      strings.Builder
}

const (
	phraseRow    reason.Code = "words/bad_row"
	phraseReason reason.Code = "words/bad_reason"
)

// NewBadRows begins such a table: CSV in UTF-8, with the mark by which Excel knows it.
func NewBadRows(out io.Writer, layout *Layout, separator string, l reason.Language) (*BadRows, error) {
	b := &BadRows{out: out, layout: layout, language: l, separator: cmp.Or(separator, ";")}
	b.line.WriteString("\ufeff")
	b.cell(reason.Of(phraseRow, nil).In(l), false, false)
	b.cell(reason.Of(phraseReason, nil).In(l), true, false)
	for _, c := range layout.Columns {
		name := c.Name
		if name == "" {
			name = reason.Of(phraseColumn, reason.Args{"letter": reason.Name(c.Letter)}).In(l)
		}
		b.cell(name, true, false)
	}
	return b, b.end()
}

// Row writes a row if it is left out and can be mended: one that gets no message because
// another row has the same number would get it if it came back alone.
func (b *BadRows) Row(j *Judged) error {
	if j.Skipped.IsZero() || j.Skipped.Is(CodeDuplicate) || j.Skipped.Is(codeDuplicateNumber) {
		return nil
	}
	b.cell(strconv.Itoa(j.Row), false, false)
	b.cell(j.Skipped.In(b.language), true, false)
	for i, cell := range j.Cells {
		if i == b.layout.Phone {
			b.cell(cell.Stored, true, true)
			continue
		}
		b.cell(cell.Shown, true, false)
	}
	return b.end()
}

func (b *BadRows) cell(value string, more, numbers bool) {
	if more {
		b.line.WriteString(b.separator)
	}
	value = escaped(value, numbers)
	if strings.ContainsAny(value, "\"\r\n"+b.separator) || strings.TrimSpace(value) != value {
		value = `"` + strings.ReplaceAll(value, `"`, `""`) + `"`
	}
	b.line.WriteString(value)
}

func (b *BadRows) end() error {
	b.line.WriteString("\r\n")
	_, err := io.WriteString(b.out, b.line.String())
	b.line.Reset()
	return err
}

// escaped puts an apostrophe before what a spreadsheet would take for a formula, and run
// (CWE-1236). A plus with digits alone in a column of numbers is a number.
func escaped(value string, numbers bool) string {
	if numbers && value != "" && value[0] == '+' && strings.Trim(value[1:], "0123456789 ") == "" {
		return value
	}
	return plaintext.ForSpreadsheet(value)
}
