package sheet_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"relais/sheet"
)

// seeds are the files of the catalogue of a kind.
func seeds(f *testing.F, endings ...string) {
	f.Helper()
	folder := filepath.Join("..", "campaign", "testdata", "catalogue")
	files, err := os.ReadDir(folder)
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		for _, ending := range endings {
			if filepath.Ext(file.Name()) != ending {
				continue
			}
			data, err := os.ReadFile(filepath.Join(folder, file.Name()))
			if err != nil {
				f.Fatal(err)
			}
			f.Add(data)
		}
	}
}

// whole reads a file: rows come in order, and none is wider than may be.
func whole(t *testing.T, data []byte) {
	t.Helper()
	book, err := sheet.Open(bytes.NewReader(data), int64(len(data)), sheet.Options{})
	if err != nil {
		return
	}
	rows, err := book.Rows()
	if err != nil {
		return
	}
	last := 0
	const most = 20_000
	for range most {
		row, err := rows.Next()
		if err != nil {
			return
		}
		if row.Number <= last {
			t.Fatalf("row %d behind row %d", row.Number, last)
		}
		last = row.Number
		if len(row.Cells) > sheet.Usual.Columns+1 {
			t.Fatalf("%d cells in row %d", len(row.Cells), row.Number)
		}
	}
}

func FuzzText(f *testing.F) {
	seeds(f, ".csv", ".tsv", ".txt")
	f.Fuzz(whole)
}

func FuzzXLSX(f *testing.F) {
	seeds(f, ".xlsx")
	f.Add(workbook(f, false, xlsxHead, xlsxTail))
	f.Fuzz(whole)
}

func FuzzODS(f *testing.F) {
	seeds(f, ".ods")
	f.Fuzz(whole)
}

// FuzzSheetXML fuzzes what is in an archive, which a change of packed bytes hardly ever
// reaches.
func FuzzSheetXML(f *testing.F) {
	f.Add(xlsxHead+xlsxTail, false)
	f.Add(odsHead+`<table:table-row><table:table-cell table:number-columns-repeated="3"><text:p>a<text:s text:c="2"/></text:p></table:table-cell></table:table-row>`+odsTail, true)
	f.Fuzz(func(t *testing.T, text string, ods bool) { whole(t, workbook(t, ods, text)) })
}

// What the XML of an honest workbook says is read as encoding/xml reads it.
func TestXMLIsReadAsTheLibraryDoes(t *testing.T) {
	const said = `a &amp; b &lt;c&gt; &#233;&#x20AC; "q" 'p'`
	cell := `<c r="A2" t="inlineStr"><is><t xml:space="preserve">` + said + `<![CDATA[<x>]]></t><!-- a > b --></is></c>`
	data := workbook(t, false, xlsxHead, `<row r="2">`, cell, `</row>`, xlsxTail)
	book, err := sheet.Open(bytes.NewReader(data), int64(len(data)), sheet.Options{})
	if err != nil {
		t.Fatal(err)
	}
	rows, err := book.Rows()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := rows.Next(); err != nil {
		t.Fatal(err)
	}
	row, err := rows.Next()
	if err != nil {
		t.Fatal(err)
	}
	var want strings.Builder
	d := xml.NewDecoder(strings.NewReader(cell))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if text, ok := token.(xml.CharData); ok {
			want.Write(text)
		}
	}
	if got := row.Cells[0].Shown; got != want.String() {
		t.Errorf("%q, want %q", got, want.String())
	}
}
