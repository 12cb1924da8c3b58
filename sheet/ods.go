package sheet

import (
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"
	"time"
)

// odsBook is an OpenDocument spreadsheet (ISO 26300): one part has every sheet.
type odsBook struct {
	archive *archive
	o       Options
}

const odsContent = "content.xml"

func openODS(a *archive, o Options) (*Book, error) {
	if err := a.odsKind(); err != nil {
		return nil, err
	}
	d := &odsBook{archive: a, o: o}
	b := &Book{Format: ODS}
	hidden := map[string]bool{} // styles of sheets
	style, spreadsheet := "", false
	err := a.each(odsContent, func(x *xmlReader) error {
		switch string(x.name()) {
		case "style":
			style, _ = x.attr("name")
		case "table-properties":
			if shown, _ := x.attr("display"); shown == "false" {
				hidden[style] = true
			}
		case "spreadsheet":
			spreadsheet = true
		case "table":
			name, _ := x.attr("name")
			of, _ := x.attr("style-name")
			if spreadsheet {
				if err := countSheet(len(b.Sheets)); err != nil {
					return err
				}
				b.Sheets = append(b.Sheets, Info{Name: sheetName(name), Hidden: hidden[of]})
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if !spreadsheet {
		return nil, a.refuse()
	}
	all, err := d.rows(0)
	if err != nil {
		return nil, err
	}
	all.through = true
	defer all.Close() //nolint:errcheck // it was only read from
	chosen, err := b.choose(o, all.filled)
	if err != nil {
		return nil, err
	}
	b.rows = func() (Rows, error) { return d.rows(chosen) }
	return b, nil
}

// odsKind refuses what has the parts of a spreadsheet and is none that can be read.
func (a *archive) odsKind() error {
	if a.parts["META-INF/manifest.xml"] == nil {
		return nil
	}
	return a.each("META-INF/manifest.xml", func(x *xmlReader) error {
		if string(x.name()) == "encryption-data" {
			return refuse(codeProtected, nil)
		}
		return nil
	})
}

func (d *odsBook) rows(i int) (*odsRows, error) {
	in, err := d.archive.open(odsContent)
	if err != nil {
		return nil, err
	}
	size := int64(d.archive.parts[odsContent].UncompressedSize64)
	return &odsRows{book: d, in: in, xml: newXML(in), grid: newGrid(d.o), wanted: i, size: size}, nil
}

// odsRows reads the rows of a sheet.
type odsRows struct {
	book   *odsBook
	in     io.ReadCloser
	xml    *xmlReader
	grid   *grid
	wanted int
	sheet  int
	inside bool
	column int
	number int
	again  int // rows that are still the same
	unseen bool
	size   int64
	ended  bool

	through bool // the sheets behind are read too
}

// filled reports whether a sheet has rows. Sheets are asked in their order, in one reading.
func (r *odsRows) filled(i int) (bool, error) {
	r.grid, r.wanted = newGrid(r.book.o), i
	r.inside, r.ended, r.column, r.number, r.again = false, false, 0, 0, 0
	return hasRow(r)
}

// Close ends the reading before the last row.
func (r *odsRows) Close() error { return r.in.Close() }

// Next implements Rows.
func (r *odsRows) Next() (Row, error) {
	for !r.ended {
		if r.again > 0 {
			r.again--
			r.number++
			if row, ok, err := r.grid.end(r.number, r.unseen); err != nil || ok {
				return row, err
			}
			continue
		}
		kind, err := r.xml.next()
		if err != nil {
			_ = r.in.Close()
			if errors.Is(err, io.EOF) {
				break
			}
			return Row{}, damaged(err)
		}
		if err := r.token(kind); err != nil {
			_ = r.in.Close()
			return Row{}, damaged(err)
		}
	}
	return Row{}, io.EOF
}

func (r *odsRows) token(kind mark) error {
	name := string(r.xml.name())
	switch {
	case kind == words:
	case name == "table" && kind == opening:
		r.inside = r.sheet == r.wanted
		r.sheet++
	case name == "table" && r.inside:
		if r.ended = true; r.through {
			r.inside = false
			return nil
		}
		return r.in.Close()
	case !r.inside || kind != opening:
	case name == "table-column":
		r.columns()
	case name == "table-row":
		return r.row()
	}
	return nil
}

func (r *odsRows) repeated(attribute string) int {
	text, ok := r.xml.attr(attribute)
	if !ok {
		return 1
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return 1
	}
	return min(n, lastRow)
}

func (r *odsRows) columns() {
	n := r.repeated("number-columns-repeated")
	seen, _ := r.xml.attr("visibility")
	if seen == "collapse" || seen == "filter" {
		for i := r.column; i < min(r.column+n, r.grid.limits.Columns); i++ {
			r.grid.hide(i)
		}
	}
	r.column += n
}

// row reads a row whose tag was opened. Rows that repeat it come from the grid.
func (r *odsRows) row() error {
	n := r.repeated("number-rows-repeated")
	seen, _ := r.xml.attr("visibility")
	r.unseen = seen == "collapse" || seen == "filter"
	r.grid.begin()
	column := 0
	for {
		kind, err := r.xml.next()
		if err != nil {
			return err
		}
		if kind == closing {
			break
		}
		if kind != opening {
			continue
		}
		name := string(r.xml.name())
		if name != "table-cell" && name != "covered-table-cell" {
			if err := r.xml.skip(); err != nil {
				return err
			}
			continue
		}
		times := r.repeated("number-columns-repeated")
		spanned := area{
			firstRow: r.number + 1, lastRow: r.number + r.repeated("number-rows-spanned"),
			firstColumn: column, lastColumn: column + r.repeated("number-columns-spanned") - 1,
		}
		covered := name == "covered-table-cell"
		cell, err := r.cell()
		if err != nil {
			return err
		}
		if !covered {
			for i := column; i < min(column+times, r.grid.limits.Columns+1); i++ {
				r.grid.set(i, cell)
			}
		}
		if spanned.lastRow > spanned.firstRow || spanned.lastColumn > spanned.firstColumn {
			r.span(spanned)
		}
		column += times
	}
	if r.number+n > lastRow+1 {
		n = max(lastRow+1-r.number, 0)
	}
	if !r.grid.any {
		r.number += n
		r.grid.tally.Blank += n
		return nil
	}
	r.again = n
	return nil
}

func (r *odsRows) span(a area) {
	const most = 100_000
	if len(r.grid.areas) < most {
		r.grid.areas = append(r.grid.areas, a)
	}
}

// cell reads a cell whose tag was opened. What it shows is written in it.
func (r *odsRows) cell() (Cell, error) {
	kind, _ := r.xml.attr("value-type")
	value, _ := r.xml.attr("value")
	date, _ := r.xml.attr("date-value")
	said, _ := r.xml.attr("string-value")
	yes, _ := r.xml.attr("boolean-value")
	_, formula := r.xml.attr("formula")
	if r.xml.empty {
		if _, err := r.xml.next(); err != nil {
			return Cell{}, err
		}
		if formula && value == "" && date == "" && said == "" && yes == "" && kind != "string" {
			return Cell{Fault: CodeFormula}, nil
		}
		return r.made(kind, value, date, yes, said), nil
	}
	shown, err := r.shown()
	if err != nil {
		return Cell{}, err
	}
	return r.made(kind, value, date, yes, shown), nil
}

func (r *odsRows) made(kind, value, date, yes, shown string) Cell {
	if strings.HasPrefix(shown, "#") && errorShown(shown) || strings.HasPrefix(shown, "Err:") {
		return Cell{Shown: shown, Stored: shown, Fault: CodeCellError}
	}
	switch kind {
	case "float", "percentage", "currency":
		v, err := strconv.ParseFloat(value, 64)
		if err != nil {
			return Cell{Shown: shown, Stored: shown}
		}
		stored := strconv.FormatFloat(v, 'f', -1, 64)
		if shown == "" || scientific(shown) && kind == "float" && len(stored) < 16 {
			shown = newFormat("General", r.book.o.English).show(v, time.Time{})
		}
		return Cell{Shown: shown, Stored: stored}
	case "date":
		if shown == "" {
			shown = date
			if at, err := time.Parse(time.DateOnly, date); err == nil {
				shown = at.Format("02/01/2006")
			}
		}
		return Cell{Shown: shown, Stored: shown, When: isoDay(date)}
	case "boolean":
		return boolean(yes == "true", r.book.o.English)
	}
	return Cell{Shown: shown, Stored: shown}
}

// isoDay reads a day as OpenDocument stores it, with the time of day if there is one.
func isoDay(text string) time.Time {
	for _, layout := range []string{"2006-01-02T15:04:05", time.DateOnly} {
		if at, err := time.Parse(layout, text); err == nil {
			return at
		}
	}
	return time.Time{}
}

// scientific reports whether a narrow cell shows a long number as a power of ten.
func scientific(shown string) bool {
	return strings.Contains(shown, "E+") || strings.HasPrefix(shown, "###")
}

// errorShown reports whether a cell shows an error, in English or French.
func errorShown(shown string) bool {
	switch strings.TrimRight(shown, "!?") {
	case "#N/A", "#REF", "#NAME", "#NOM", "#VALUE", "#VALEUR", "#DIV/0", "#NUM", "#NULL", "#NUL", "#N/D":
		return true
	}
	return false
}

// shown gathers the paragraphs of a cell, without its notes and drawings.
func (r *odsRows) shown() (string, error) {
	var b bytes.Buffer
	paragraphs := 0
	for depth := 1; depth > 0; {
		kind, err := r.xml.next()
		if err != nil {
			return "", err
		}
		switch kind {
		case words:
			if depth > 1 {
				b.Write(r.xml.text)
			}
		case closing:
			depth--
		case opening:
			entered, err := r.enter(&b, &paragraphs)
			if err != nil {
				return "", err
			}
			if entered {
				depth++
			}
		}
		if b.Len() > longestToken {
			return "", errXML
		}
	}
	return b.String(), nil
}

// enter sees a tag within a cell; false where all of it was passed over.
func (r *odsRows) enter(b *bytes.Buffer, paragraphs *int) (bool, error) {
	const most = 1000 // spaces in one tag
	switch string(r.xml.name()) {
	case "p":
		if *paragraphs > 0 {
			b.WriteByte('\n')
		}
		*paragraphs++
	case "span", "a":
	case "s":
		n, err := strconv.Atoi(attrOr(r.xml, "c", "1"))
		if err == nil {
			b.WriteString(strings.Repeat(" ", min(max(n, 0), most)))
		}
		return false, r.xml.skip()
	case "tab":
		b.WriteByte('\t')
		return false, r.xml.skip()
	case "line-break":
		b.WriteByte('\n')
		return false, r.xml.skip()
	default:
		return false, r.xml.skip()
	}
	return true, nil
}

func attrOr(x *xmlReader, name, otherwise string) string {
	if value, ok := x.attr(name); ok {
		return value
	}
	return otherwise
}

// Tally implements Rows.
func (r *odsRows) Tally() Tally { return r.grid.tally }

// Progress implements Rows.
func (r *odsRows) Progress() (done, total int64) {
	if in, ok := r.in.(*inflated); ok {
		return in.done, max(r.size, in.done)
	}
	return 0, 1
}
