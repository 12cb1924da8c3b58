package sheet

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"relais/reason"
)

// packedParts is an archive of parts, by names and texts.
func packedParts(t *testing.T, parts map[string]string) *archive {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for name, text := range parts {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(w, text)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	a, err := readArchive(bytes.NewReader(out.Bytes()), int64(out.Len()), Usual)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// xlsxSheets is a workbook of sheets that are in as many parts, or in one.
func xlsxSheets(t *testing.T, sheets int, text string, one bool) *archive {
	t.Helper()
	var names, targets strings.Builder
	parts := map[string]string{}
	for i := range sheets {
		part := fmt.Sprintf("worksheets/sheet%d.xml", i)
		if one {
			part = "worksheets/sheet.xml"
		}
		fmt.Fprintf(&names, `<sheet name="s%d" r:id="%d"/>`, i, i)
		fmt.Fprintf(&targets, `<Relationship Id="%d" Target="%s"/>`, i, part)
		parts["xl/"+part] = `<worksheet><sheetData>` + text + `</sheetData></worksheet>`
	}
	parts["xl/workbook.xml"] = `<workbook xmlns:r="r"><sheets>` + names.String() + `</sheets></workbook>`
	parts["xl/_rels/workbook.xml.rels"] = `<Relationships>` + targets.String() + `</Relationships>`
	return packedParts(t, parts)
}

func odsSheets(t *testing.T, sheets int, text string) *archive {
	t.Helper()
	const start, end = `<document-content><body><spreadsheet>`, `</spreadsheet></body></document-content>`
	table := `<table name="s">` + text + `</table>`
	return packedParts(t, map[string]string{"content.xml": start + strings.Repeat(table, sheets) + end})
}

const (
	xlsxRow = `<row><c t="inlineStr"><is><t>a</t></is></c></row>`
	odsRow  = `<table-row><table-cell><p>a</p></table-cell></table-row>`
)

func refusedAs(err error) reason.Code {
	if wrong, ok := errors.AsType[*reason.Error](err); ok {
		return wrong.Reason.Code
	}
	return ""
}

// A part is one sheet, and a workbook has some hundreds of sheets at most.
func TestSheetsAreBounded(t *testing.T) {
	if _, err := openXLSX(xlsxSheets(t, 2, xlsxRow, true), Options{}); refusedAs(err) != codeDamaged {
		t.Errorf("a part named twice: %v", err)
	}
	for sheets, want := range map[int]reason.Code{mostSheets: "", mostSheets + 1: codeDamaged} {
		if _, err := openXLSX(xlsxSheets(t, sheets, xlsxRow, false), Options{}); refusedAs(err) != want {
			t.Errorf("%d sheets of XLSX: %v", sheets, err)
		}
		if _, err := openODS(odsSheets(t, sheets, odsRow), Options{}); refusedAs(err) != want {
			t.Errorf("%d sheets of ODS: %v", sheets, err)
		}
	}
}

// To choose a sheet takes the beginning of each in XLSX, and one reading in ODS.
func TestChoosingReadsOnce(t *testing.T) {
	const sheets, rows = 20, 20_000
	a := xlsxSheets(t, sheets, strings.Repeat(xlsxRow, rows), false)
	if _, err := openXLSX(a, Options{}); err != nil {
		t.Fatal(err)
	}
	if n := a.unpacked.Load(); n > 4<<20 {
		t.Errorf("XLSX: %d bytes unpacked", n)
	}
	a = odsSheets(t, sheets, strings.Repeat(odsRow, rows/10)+strings.Repeat("<table-row/>", rows))
	book, err := openODS(a, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if n, size := a.unpacked.Load(), int64(a.parts[odsContent].UncompressedSize64); n > 2*size {
		t.Errorf("ODS: %d bytes of %d unpacked", n, size)
	}
	if len(book.Questions) != 1 || len(book.Sheets) != sheets {
		t.Errorf("%d sheets, questions %v", len(book.Sheets), book.Questions)
	}
}

// What is unpacked is bounded over all openings; an opening, a look and checks are within.
func TestUnpackedIsBounded(t *testing.T) {
	a := xlsxSheets(t, 1, strings.Repeat(xlsxRow, 20_000), false)
	a.limits.Inflated = 1 << 20
	book, err := openXLSX(a, Options{})
	if err != nil {
		t.Fatal(err)
	}
	const honest, most = 3, 20
	for n := range most {
		if err = readAll(book); err != nil {
			if n < honest || refusedAs(err) != codeBomb {
				t.Errorf("reading %d: %v", n, err)
			}
			return
		}
	}
	t.Errorf("%d bytes unpacked", a.unpacked.Load())
}

func readAll(book *Book) error {
	rows, err := book.Rows()
	for err == nil {
		_, err = rows.Next()
	}
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}
