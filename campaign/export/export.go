package export

import (
	"fmt"
	"io"
)

// Form is how a table is written.
type Form string

// The forms.
const (
	Workbook    Form = "xlsx"  // for people: a cell is a text or a number, never a formula
	Programs    Form = "csv"   // UTF-8, commas, numbers of telephones in E.164
	Spreadsheet Form = "excel" // CSV as a French Excel opens it: a mark, semicolons, 06 12 34 56 78
)

// Kind is what stands in a column.
type Kind int

// The kinds.
const (
	Text  Kind = iota
	Phone      // a number in E.164, or what stood in its place
	Count      // digits that a person may add up; a cell with anything else is a text
)

// Column is one of a table.
type Column struct {
	Name string
	Kind Kind
}

// Table takes rows, each with a cell for every column. Close ends what was written, and
// closes nothing else.
type Table interface {
	Row(cells []string) error
	Close() error
}

// New begins a table with the names of its columns.
func New(form Form, out io.Writer, columns []Column) (Table, error) {
	switch form {
	case Workbook:
		return newWorkbook(out, columns)
	case Programs:
		return newText(out, columns, forPrograms)
	case Spreadsheet:
		return newText(out, columns, forSpreadsheets)
	}
	return nil, fmt.Errorf("no form of a table is called %q", form)
}

// MediaType is the type of a form, as HTTP names it.
func (f Form) MediaType() string {
	if f == Workbook {
		return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	}
	return "text/csv; charset=utf-8"
}

// Extension is how the name of a file of a form ends, with its dot.
func (f Form) Extension() string {
	if f == Workbook {
		return ".xlsx"
	}
	return ".csv"
}

// Distinct gives names that are there before another one: "status", "status (2)". taken
// compares names as their reader does.
func Distinct(names []string, taken func(a, b string) bool) []string {
	all := make([]string, 0, len(names))
	used := func(name string) bool {
		for _, other := range all {
			if taken(name, other) {
				return true
			}
		}
		return false
	}
	for _, name := range names {
		free := name
		for n := 2; name != "" && used(free); n++ {
			free = fmt.Sprintf("%s (%d)", name, n)
		}
		all = append(all, free)
	}
	return all
}
