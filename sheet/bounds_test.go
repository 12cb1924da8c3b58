package sheet_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"unsafe"

	"relais/sheet"
)

// packed is an archive of parts, in the order of names and texts.
func packed(t testing.TB, namesAndTexts ...string) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for i := 0; i < len(namesAndTexts); i += 2 {
		w, err := z.Create(namesAndTexts[i])
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(w, namesAndTexts[i+1])
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// opened reads the rows of a file. Cells are copied.
func opened(t testing.TB, data []byte) (*sheet.Book, []sheet.Row) {
	t.Helper()
	book, err := sheet.Open(bytes.NewReader(data), int64(len(data)), sheet.Options{})
	if err != nil {
		t.Fatal(err)
	}
	rows, err := book.Rows()
	if err != nil {
		t.Fatal(err)
	}
	var all []sheet.Row
	for {
		row, err := rows.Next()
		if errors.Is(err, io.EOF) {
			return book, all
		}
		if err != nil {
			t.Fatal(err)
		}
		row.Cells = append([]sheet.Cell(nil), row.Cells...)
		all = append(all, row)
	}
}

// A row of text has no more cells than one of a workbook, and is seen to be too wide.
func TestTextRowsAreNotWiderThanMayBe(t *testing.T) {
	const columns = 300
	header := "Nom" + strings.Repeat(";x", columns-1)
	blank := "a;b" + strings.Repeat("; ", columns)
	_, rows := opened(t, []byte(header+"\n"+blank+"\n"))
	most := sheet.Usual.Columns
	if n := len(rows[0].Cells); n != most+1 || rows[0].Cells[most].Stored != "x" {
		t.Errorf("%d cells, want %d", n, most+1)
	}
	if n := len(rows[1].Cells); n != most {
		t.Errorf("%d cells of a row that is blank at its end, want %d", n, most)
	}
}

// The last day that Excel knows is shown, be it a number or a date.
func TestLastDay(t *testing.T) {
	const styles = `<styleSheet><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/>` +
		`<xf numFmtId="22"/></cellXfs></styleSheet>`
	const cells = `<row><c s="1"><v>2958465</v></c>` +
		`<c s="1" t="d"><v>9999-12-31</v></c>` +
		`<c s="2"><v>2958465.75</v></c><c s="1"><v>45000</v></c></row>`
	_, rows := opened(t, packed(t, "xl/workbook.xml", xlsxBook, "xl/_rels/workbook.xml.rels", xlsxRels,
		"xl/styles.xml", styles, "xl/worksheets/sheet1.xml", xlsxHead+cells+xlsxTail))
	for i, want := range []string{"31/12/9999", "31/12/9999", "31/12/9999 18:00", "15/03/2023"} {
		if got := rows[1].Cells[i].Shown; got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if got := rows[1].Cells[1].Stored; got != "2958465" {
		t.Errorf("stored %q", got)
	}
}

// A name of a sheet gives no orders to a terminal.
func TestSheetNamesAreShown(t *testing.T) {
	const hostile = "a&#27;[2J&#x9b;b\nc"
	xlsx := packed(t, "xl/workbook.xml", strings.Replace(xlsxBook, `"a"`, `"`+hostile+`"`, 1),
		"xl/_rels/workbook.xml.rels", xlsxRels, "xl/worksheets/sheet1.xml", xlsxHead+xlsxTail)
	const row = `<table:table-row><table:table-cell><text:p>x</text:p></table:table-cell></table:table-row>`
	ods := workbook(t, true, strings.Replace(odsHead, `"a"`, `"`+hostile+`"`, 1), row, odsTail)
	for _, data := range [][]byte{xlsx, ods} {
		book, _ := opened(t, data)
		if book.Sheet != "a[2Jbc" || book.Sheets[0].Name != book.Sheet {
			t.Errorf("%s: %q %q", book.Format, book.Sheet, book.Sheets[0].Name)
		}
	}
}

// A format that is longer than Excel's may be is none.
func TestLongFormats(t *testing.T) {
	code := strings.Repeat("-", 1<<19) + "0.00"
	styles := fmt.Sprintf(`<styleSheet><numFmts><numFmt numFmtId="200" formatCode="%s"/></numFmts>`+
		`<cellXfs><xf numFmtId="200"/></cellXfs></styleSheet>`, code)
	_, rows := opened(t, packed(t, "xl/workbook.xml", xlsxBook, "xl/_rels/workbook.xml.rels", xlsxRels,
		"xl/styles.xml", styles, "xl/worksheets/sheet1.xml", xlsxHead+`<row><c s="0"><v>5</v></c></row>`+xlsxTail))
	if got := rows[1].Cells[0].Shown; got != "5" {
		t.Errorf("%q of %d characters", got[:min(len(got), 20)], len(got))
	}
}

// Cells that share a text hold it once.
func TestSharedTextIsHeldOnce(t *testing.T) {
	const most, times = 1 << 20, 100
	texts := `<sst><si><t>` + strings.Repeat("é", 4000) + `</t></si></sst>`
	cells := strings.Repeat(`<row>`+strings.Repeat(`<c t="s"><v>0</v></c>`, times)+`</row>`, times)
	data := packed(t, "xl/workbook.xml", xlsxBook, "xl/_rels/workbook.xml.rels", xlsxRels,
		"xl/sharedStrings.xml", texts, "xl/worksheets/sheet1.xml", xlsxHead+cells+xlsxTail)
	_, rows := opened(t, data)
	held := map[*byte]int{}
	for _, row := range rows {
		for _, c := range row.Cells {
			held[unsafe.StringData(c.Shown)] = len(c.Shown)
		}
	}
	sum := 0
	for _, n := range held {
		sum += n
	}
	if sum > most {
		t.Errorf("%d bytes", sum)
	}
}

// A row of a workbook holds no more than a line of text does.
func TestRowsAreNotLongerThanMayBe(t *testing.T) {
	cell := `<c t="inlineStr"><is><t>` + strings.Repeat("é", 4000) + `</t></is></c>`
	wide := `<row>` + strings.Repeat(cell, 200) + `</row>`
	data := workbook(t, false, xlsxHead, wide, `<row>`+cell+`</row>`, xlsxTail)
	_, rows := opened(t, data)
	if rows[1].Fault != sheet.CodeLongLine || rows[2].Fault != "" {
		t.Errorf("faults %q %q", rows[1].Fault, rows[2].Fault)
	}
	held := 0
	for _, c := range rows[1].Cells {
		held += len(c.Shown)
	}
	if held > 1<<20 {
		t.Errorf("%d bytes", held)
	}
}
