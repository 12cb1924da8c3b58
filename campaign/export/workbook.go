package export

import (
	"archive/zip"
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"relais/campaign"
)

// parts are those of a workbook (ECMA-376, 5th edition, part 1) but for its sheet. Style 1
// is that of texts, style 2 that of names of columns.
var parts = []struct{ name, content string }{
	{"[Content_Types].xml", `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">` +
		`<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
		`<Default Extension="xml" ContentType="application/xml"/>` +
		`<Override PartName="/xl/workbook.xml" ContentType="` + spreadsheetML + `sheet.main+xml"/>` +
		`<Override PartName="/xl/worksheets/sheet1.xml" ContentType="` + spreadsheetML + `worksheet+xml"/>` +
		`<Override PartName="/xl/styles.xml" ContentType="` + spreadsheetML + `styles+xml"/></Types>`},
	{"_rels/.rels", relationships(`officeDocument" Target="xl/workbook.xml`)},
	{"xl/_rels/workbook.xml.rels", relationships(
		`worksheet" Target="worksheets/sheet1.xml`, `styles" Target="styles.xml`)},
	{"xl/workbook.xml", `<workbook xmlns="` + mainSpace + `" xmlns:r="` + relations + `">` +
		`<sheets><sheet name="Relais" sheetId="1" r:id="rId1"/></sheets></workbook>`},
	{"xl/styles.xml", `<styleSheet xmlns="` + mainSpace + `">` +
		`<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>` +
		`<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>` +
		`<fills count="2"><fill><patternFill patternType="none"/></fill>` +
		`<fill><patternFill patternType="gray125"/></fill></fills>` +
		`<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>` +
		`<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>` +
		`<cellXfs count="3"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>` +
		`<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>` +
		`<xf numFmtId="49" fontId="1" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1"/>` +
		`</cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>`},
}

const (
	xmlHead       = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
	mainSpace     = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
	relations     = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
	spreadsheetML = "application/vnd.openxmlformats-officedocument.spreadsheetml."
)

// relationships names parts that belong to another, each by its kind and where it is.
func relationships(targets ...string) string {
	var b strings.Builder
	b.WriteString(`<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">`)
	for i, target := range targets {
		fmt.Fprintf(&b, `<Relationship Id="rId%d" Type="%s/%s"/>`, i+1, relations, target)
	}
	b.WriteString(`</Relationships>`)
	return b.String()
}

// workbook is a table in XLSX. Every cell is a text, but for counts.
type workbook struct {
	archive *zip.Writer
	out     *bufio.Writer
	columns []Column
	rows    int
}

func newWorkbook(out io.Writer, columns []Column) (*workbook, error) {
	w := &workbook{archive: zip.NewWriter(out), columns: columns}
	for _, p := range parts {
		part, err := w.archive.Create(p.name)
		if err != nil {
			return nil, err
		}
		if _, err := io.WriteString(part, xmlHead+p.content); err != nil {
			return nil, err
		}
	}
	sheet, err := w.archive.Create("xl/worksheets/sheet1.xml")
	if err != nil {
		return nil, err
	}
	w.out = bufio.NewWriter(sheet)
	w.begin()
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.Name
	}
	const bold = 2
	return w, w.row(names, bold)
}

// begin keeps the names of the columns in sight, and makes the columns as wide as what
// usually stands in them.
func (w *workbook) begin() {
	w.say(xmlHead, `<worksheet xmlns="`, mainSpace, `"><sheetViews><sheetView workbookViewId="0">`,
		`<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>`)
	if len(w.columns) > 0 {
		w.say(`<cols>`)
		for i, c := range w.columns {
			n := strconv.Itoa(i + 1)
			w.say(`<col min="`, n, `" max="`, n, `" width="`, strconv.Itoa(widths[c.Kind]), `" customWidth="1"/>`)
		}
		w.say(`</cols>`)
	}
	w.say(`<sheetData>`)
}

// widths are in characters.
var widths = map[Kind]int{Text: 24, Phone: 18, Count: 12}

// say writes to the sheet. The buffer keeps the first error, which the end of a row tells.
func (w *workbook) say(words ...string) {
	for _, word := range words {
		w.out.WriteString(word) //nolint:errcheck // row and Close ask
	}
}

// Row implements Table.
func (w *workbook) Row(cells []string) error { return w.row(cells, 1) }

func (w *workbook) row(cells []string, style int) error {
	w.rows++
	w.say(`<row r="`, strconv.Itoa(w.rows), `">`)
	for i, cell := range cells {
		if cell == "" {
			continue
		}
		at := campaign.Letter(i) + strconv.Itoa(w.rows)
		if style == 1 && i < len(w.columns) && w.columns[i].Kind == Count && countable(cell) {
			w.say(`<c r="`, at, `"><v>`, cell, `</v></c>`)
			continue
		}
		w.say(`<c r="`, at, `" s="`, strconv.Itoa(style), `" t="inlineStr"><is><t xml:space="preserve">`)
		w.escape(cell)
		w.say(`</t></is></c>`)
	}
	w.say(`</row>`)
	_, err := w.out.Write(nil)
	return err
}

// countable reports whether a cell is digits that a spreadsheet keeps as they are.
func countable(cell string) bool {
	const exact = 15 // digits
	return len(cell) <= exact && strings.Trim(cell, "0123456789") == "" && (cell == "0" || cell[0] != '0')
}

// longestCell is how many UTF-16 units Excel takes in a cell.
const longestCell = 32767

// escape writes a text. Characters that XML lacks are written as Excel does (_x0007_), and
// so is the underscore of what looks like that.
func (w *workbook) escape(cell string) {
	units := 0
	for i, r := range cell {
		units++
		if r > 0xFFFF {
			units++
		}
		if units > longestCell {
			return
		}
		switch {
		case r == '&':
			w.say("&amp;")
		case r == '<':
			w.say("&lt;")
		case r == '>':
			w.say("&gt;")
		case r == '_' && looksEscaped(cell[i:]):
			w.say("_x005F_")
		case r < ' ' && r != '\n' && r != '\t':
			w.say(fmt.Sprintf("_x%04X_", r))
		case r == '\ufffe' || r == '\uffff':
			w.say(string(utf8.RuneError))
		default:
			w.say(string(r))
		}
	}
}

// looksEscaped reports whether a text begins as a character that was written by its code.
func looksEscaped(s string) bool {
	const size = len("_x0041_")
	return len(s) >= size && s[1] == 'x' && s[size-1] == '_' &&
		strings.Trim(s[2:size-1], "0123456789abcdefABCDEF") == ""
}

// Close implements Table.
func (w *workbook) Close() error {
	w.say(`</sheetData>`)
	if area := "A1:" + campaign.Letter(len(w.columns)-1) + strconv.Itoa(w.rows); len(w.columns) > 0 {
		w.say(`<autoFilter ref="`, area, `"/>`,
			`<ignoredErrors><ignoredError sqref="`, area, `" numberStoredAsText="1"/></ignoredErrors>`)
	}
	w.say(`</worksheet>`)
	if err := w.out.Flush(); err != nil {
		return err
	}
	return w.archive.Close()
}
