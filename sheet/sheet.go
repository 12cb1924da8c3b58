package sheet

import (
	"io"
	"time"

	"relais/reason"
)

// Format is how a table is written.
type Format string

// The formats. XLSM is XLSX: its macros are never looked at.
const (
	CSV  Format = "csv" // and TSV, and TXT with one column
	XLSX Format = "xlsx"
	ODS  Format = "ods"
)

// Limits bound what is read of a file.
type Limits struct {
	Bytes     int64 // of the file
	Rows      int   // that are not empty
	Columns   int   // that have a name or content
	Cell      int   // characters of a cell
	Inflated  int64 // bytes of a workbook when it is unpacked
	Strings   int64 // bytes of the strings that a workbook shares
	FieldSpan int   // lines of a field between quotes
}

// Usual are the limits of every file.
var Usual = Limits{
	Bytes: 100 << 20, Rows: 1_000_000, Columns: 200, Cell: 4000,
	Inflated: 1 << 30, Strings: 64 << 20, FieldSpan: 20,
}

// Options are what a person chose, where the file leaves a choice.
type Options struct {
	Encoding  string // by the name that a report gives it; empty: as the content says
	Separator string // empty: as the content says
	Sheet     string // its name; empty: the first that is seen and has rows
	English   bool   // decimals have a point, as in 1,234.5, and yes is TRUE
	Hidden    bool   // hidden rows and columns count too
}

// Faults of rows and of cells.
const (
	CodeQuote      reason.Code = "quote_not_closed"
	CodeLongLine   reason.Code = "row_too_long"
	CodeLongCell   reason.Code = "cell_too_long"
	CodeFormula    reason.Code = "formula_not_calculated"
	CodeCellError  reason.Code = "cell_error"
	CodeUndated    reason.Code = "date_format_unknown" // a note: the date is shown as dd/mm/yyyy
	CodeMixed      reason.Code = "encoding_mixed"
	CodeAllQuoted  reason.Code = "lines_quoted"
	CodeLegacy     reason.Code = "encoding_read"
	CodeWhichTable reason.Code = "which_sheet"
	CodeWhichBytes reason.Code = "which_encoding"
	CodeTwice      reason.Code = "encoded_twice"
	CodeHiddenRows reason.Code = "hidden_rows"
	CodeHiddenCols reason.Code = "hidden_columns"
)

// Cell is a cell of a row.
type Cell struct {
	Shown  string // what a person sees
	Stored string // what the file holds: the digits of a number, not 3,36E+10
	// When is the day that a workbook stores in the cell, with the time of day if there is one,
	// however the cell shows it; zero: it is no date. It has no zone, and is in UTC.
	When time.Time
	// Fault is why it has no value; empty for a good one.
	Fault reason.Code
}

// Row is a row that is not empty.
type Row struct {
	Number int    // as the spreadsheet counts: the header's is 1
	Cells  []Cell // until the next row is read
	Fault  reason.Code
}

// Tally is what was seen on the way.
type Tally struct {
	Rows    int `json:"rows"`
	Blank   int `json:"blank"`          // rows without content
	Hidden  int `json:"hidden"`         // rows that a person does not see
	Mixed   int `json:"mixed"`          // lines in another encoding than the others
	Undated int `json:"undated"`        // dates whose format is unknown
	Columns int `json:"hidden_columns"` // columns that a person does not see
}

// Rows reads a table. Next returns io.EOF behind the last row.
type Rows interface {
	Next() (Row, error)
	Tally() Tally
	// Progress is how much of the source was read, of how much.
	Progress() (done, total int64)
}

// Info is a sheet of a workbook.
type Info struct {
	Name   string `json:"name"`
	Hidden bool   `json:"hidden,omitempty"`
}

// Book is a file that can be read, as often as one wants.
type Book struct {
	Format    Format
	Encoding  string // of a text file
	Separator string // of a text file; empty: one column
	Sheets    []Info
	Sheet     string // the one that is read
	// Questions are what a person has to say, with what was taken meanwhile.
	Questions []reason.Reason
	// Notes are what was repaired.
	Notes []reason.Reason

	rows func() (Rows, error)
}

// Rows begins to read at the first row.
func (b *Book) Rows() (Rows, error) { return b.rows() }

// Open tells what a file is and how it is written. The error is a *reason.Error where the
// file is at fault.
func Open(file io.ReaderAt, size int64, o Options) (*Book, error) {
	limits := Usual
	if size > limits.Bytes {
		return nil, refuse(codeBytes, reason.Args{"most": reason.Count(limits.Bytes >> 20)})
	}
	start := make([]byte, min(size, 4096))
	if _, err := file.ReadAt(start, 0); err != nil && err != io.EOF {
		return nil, err
	}
	switch kind := kindOf(start); kind {
	case kindEmpty:
		return nil, refuse(CodeNoRows, nil)
	case kindText:
		return openText(file, size, o)
	case kindZip:
		return openZip(file, size, o)
	case kindOLE:
		return nil, refuseOLE(file, size)
	default:
		return nil, refuse(codeNotATable, reason.Args{"kind": reason.Of(phraseKind+reason.Code(kind), nil)})
	}
}

func refuse(code reason.Code, args reason.Args) error { return reason.NewError(code, args) }
