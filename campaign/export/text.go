package export

import (
	"io"
	"strings"

	"relais/plaintext"
)

// style is how a text table is written.
type style struct {
	begin, separator, end string
	phone                 func(string) string
}

var (
	forPrograms     = style{separator: ",", end: "\n", phone: international}
	forSpreadsheets = style{begin: "\ufeff", separator: ";", end: "\r\n", phone: National}
)

// text is a table in CSV (RFC 4180).
type text struct {
	style

	out     io.Writer
	columns []Column
	line    strings.Builder
}

func newText(out io.Writer, columns []Column, s style) (*text, error) {
	t := &text{style: s, out: out, columns: columns}
	t.line.WriteString(s.begin)
	for i, c := range columns {
		t.cell(i, plaintext.ForSpreadsheet(c.Name))
	}
	return t, t.flush()
}

// Row implements Table.
func (t *text) Row(cells []string) error {
	for i, cell := range cells {
		if i < len(t.columns) && t.columns[i].Kind == Phone {
			t.cell(i, t.phone(cell))
			continue
		}
		t.cell(i, plaintext.ForSpreadsheet(cell))
	}
	return t.flush()
}

// cell adds one, in quotation marks where a reader would take it for several or trim it.
func (t *text) cell(i int, value string) {
	if i > 0 {
		t.line.WriteString(t.separator)
	}
	if strings.ContainsAny(value, "\"\r\n;,\t|") || strings.TrimSpace(value) != value {
		value = `"` + strings.ReplaceAll(value, `"`, `""`) + `"`
	}
	t.line.WriteString(value)
}

func (t *text) flush() error {
	t.line.WriteString(t.end)
	_, err := io.WriteString(t.out, t.line.String())
	t.line.Reset()
	return err
}

// Close implements Table.
func (t *text) Close() error { return nil }
