package sheet_test

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"relais/reason"
	"relais/sheet"
)

// Names and frames of the parts of workbooks.
const (
	xlsxBook = `<workbook xmlns:r="r"><sheets><sheet name="a" r:id="1"/></sheets></workbook>`
	xlsxRels = `<Relationships><Relationship Id="1" Target="worksheets/sheet1.xml"/></Relationships>`
	xlsxHead = `<worksheet><sheetData><row><c t="inlineStr"><is><t>Portable</t></is></c></row>`
	xlsxTail = `</sheetData></worksheet>`
	odsHead  = `<office:document-content><office:body><office:spreadsheet><table:table table:name="a">`
	odsTail  = `</table:table></office:spreadsheet></office:body></office:document-content>`
)

// repeat writes something many times.
type repeat struct {
	what  string
	times int
}

// workbook packs parts; sheet goes where the kind of workbook has it.
func workbook(t testing.TB, ods bool, parts ...any) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) {
		return flate.NewWriter(w, flate.BestSpeed)
	})
	name := "content.xml"
	if !ods {
		name = "xl/worksheets/sheet1.xml"
		for part, text := range map[string]string{"xl/workbook.xml": xlsxBook, "xl/_rels/workbook.xml.rels": xlsxRels} {
			w, err := z.Create(part)
			if err != nil {
				t.Fatal(err)
			}
			_, _ = io.WriteString(w, text)
		}
	}
	w, err := z.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range parts {
		switch part := part.(type) {
		case string:
			_, _ = io.WriteString(w, part)
		case repeat:
			block := strings.Repeat(part.what, 1000)
			for range part.times / 1000 {
				_, _ = io.WriteString(w, block)
			}
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// read reads a file to its end.
func read(t testing.TB, file io.ReaderAt, size int64) (rows int, tally sheet.Tally, err error) {
	t.Helper()
	book, err := sheet.Open(file, size, sheet.Options{})
	if err != nil {
		return 0, sheet.Tally{}, err
	}
	all, err := book.Rows()
	if err != nil {
		return 0, sheet.Tally{}, err
	}
	for {
		_, err := all.Next()
		if errors.Is(err, io.EOF) {
			return rows, all.Tally(), nil
		}
		if err != nil {
			return rows, all.Tally(), err
		}
		rows++
	}
}

func codeOf(err error) string {
	if wrong, ok := errors.AsType[*reason.Error](err); ok {
		return string(wrong.Reason.Code)
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

// A hostile file is refused with a sentence, or read; either way within bounds.
func TestHostileFiles(t *testing.T) {
	const megabyte = 1 << 20
	deep := strings.Repeat("<a>", 200)
	big := strings.Repeat("x", 1000)
	for _, test := range []struct {
		name    string
		data    func() []byte
		refused string
		rows    int
	}{
		{name: "a bomb in XLSX", data: func() []byte {
			return workbook(t, false, xlsxHead, repeat{strings.Repeat(" ", 1000), 100_000}, xlsxTail)
		}, refused: "file_unreadable/bomb"},
		{name: "a bomb in ODS", data: func() []byte {
			return workbook(t, true, odsHead, repeat{"<a>" + strings.Repeat("\n", 1000) + "</a>", 100_000}, odsTail)
		}, refused: "file_unreadable/bomb"},
		{name: "a cell of 200 MB in XLSX", data: func() []byte {
			return workbook(t, false, xlsxHead, `<row><c t="inlineStr"><is><t>`, repeat{big, 200_000}, `</t></is></c></row>`, xlsxTail)
		}, refused: "file_unreadable/bomb"},
		{name: "an attribute without an end", data: func() []byte { return workbook(t, false, `<worksheet a="`, repeat{">", 3 * megabyte}, xlsxTail) }, refused: "file_unreadable/damaged"},
		{name: "a comment without an end", data: func() []byte { return workbook(t, false, `<worksheet><!--`, repeat{">", 3 * megabyte}, xlsxTail) }, refused: "file_unreadable/damaged"},
		{name: "tags in tags", data: func() []byte { return workbook(t, false, `<worksheet>`, deep, xlsxTail) }, refused: "file_unreadable/damaged"},
		{name: "empty rows without number", data: func() []byte { return workbook(t, false, xlsxHead, repeat{"<row/>", 2 * megabyte}, xlsxTail) }, refused: "file_unreadable/damaged"},
		{name: "a million formatted empty rows", data: func() []byte { return workbook(t, false, xlsxHead, repeat{`<row s="1"/>`, 1_000_000}, xlsxTail) }, rows: 1},
		{name: "an area of everything", data: func() []byte {
			return workbook(t, false, xlsxHead, xlsxTail[:12], `<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells></worksheet>`)
		}, rows: 1},
		{name: "rows that repeat", data: func() []byte {
			return workbook(t, true, odsHead, `<table:table-row table:number-rows-repeated="1000000000"><table:table-cell table:number-columns-repeated="1000000000"><text:p>x</text:p></table:table-cell></table:table-row>`, odsTail)
		}, refused: "file_too_large/rows"},
		{name: "empty rows that repeat", data: func() []byte {
			return workbook(t, true, odsHead, `<table:table-row table:number-rows-repeated="1048576"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>`, odsTail)
		}, refused: "no_rows"},
		{name: "entities in ODS", data: func() []byte { return workbook(t, true, `<!DOCTYPE x [<!ENTITY a "b">]>`, odsHead, odsTail) }, refused: "file_unreadable/entities"},
		{name: "16 million empty lines", data: func() []byte {
			return append([]byte("Portable;Nom\n0639980001;a\n"), bytes.Repeat([]byte(";;;\n"), 16<<20)...)
		}, rows: 2},
		{name: "a quote in each line", data: func() []byte { return append([]byte("Portable;Nom\n"), bytes.Repeat([]byte("\"a;b\n"), 200_000)...) }, rows: 200_001},
		{name: "a line of 50 MB", data: func() []byte { return append([]byte("Portable;Nom\n"), bytes.Repeat([]byte("a"), 50*megabyte)...) }, rows: 2},
		{name: "a quote without an end", data: func() []byte { return append([]byte("Portable;Nom\n\""), bytes.Repeat([]byte("a"), 50*megabyte)...) }, rows: 2},
		{name: "separators alone", data: func() []byte { return append([]byte("Portable;Nom\na"), bytes.Repeat([]byte(";"), 50*megabyte)...) }, rows: 2},
		{name: "not an archive", data: func() []byte { return []byte("PK\x03\x04 but nothing else") }, refused: "file_unreadable/damaged"},
		{name: "too large", data: func() []byte { return make([]byte, 101*megabyte) }, refused: "file_too_large/bytes"},
		{name: "UTF-32", data: func() []byte { return []byte("\xff\xfe\x00\x00a\x00\x00\x00b\x00\x00\x00") }, refused: "file_unreadable/encoding"},
	} {
		t.Run(test.name, func(t *testing.T) {
			data := test.data()
			rows, _, err := read(t, bytes.NewReader(data), int64(len(data)))
			if code := codeOf(err); code != test.refused {
				t.Errorf("refused %q (%v), want %q", code, err, test.refused)
			}
			if err == nil && rows != test.rows {
				t.Errorf("%d rows, want %d", rows, test.rows)
			}
		})
	}
}

// What is held does not grow with the file: a table of 40 MB is read in less than 16.
func TestMemoryIsBounded(t *testing.T) {
	const bar = 16 << 20
	name := filepath.Join(t.TempDir(), "a.csv")
	file, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	fmt.Fprint(file, "Nom;Portable\n")
	block := strings.Repeat("Bénévole de la commune;06 39 98 00 01\n", 1000)
	for range 1000 {
		fmt.Fprint(file, block)
	}
	about, err := file.Stat()
	if err != nil {
		t.Fatal(err)
	}
	book, err := sheet.Open(file, about.Size(), sheet.Options{})
	if err != nil {
		t.Fatal(err)
	}
	rows, err := book.Rows()
	if err != nil {
		t.Fatal(err)
	}
	var before, now runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	const often = 100_000
	for n := 1; ; n++ {
		if _, err := rows.Next(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		if n%often == 0 {
			runtime.GC()
			if runtime.ReadMemStats(&now); now.HeapAlloc > before.HeapAlloc+bar {
				t.Fatalf("%d bytes after %d rows, %d before", now.HeapAlloc, n, before.HeapAlloc)
			}
		}
	}
}
