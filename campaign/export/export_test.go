package export_test

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"relais/campaign"
	"relais/campaign/export"
	"relais/number"
	"relais/sheet"
)

var forms = []export.Form{export.Workbook, export.Programs, export.Spreadsheet}

var columns = []export.Column{{"Nom", export.Text}, {"Portable", export.Phone}, {"Segments", export.Count}}

func written(t *testing.T, form export.Form, columns []export.Column, rows [][]string) []byte {
	t.Helper()
	var out bytes.Buffer
	table, err := export.New(form, &out, columns)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		if err := table.Row(row); err != nil {
			t.Fatal(err)
		}
	}
	if err := table.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func opened(t *testing.T, data []byte) *sheet.Book {
	t.Helper()
	book, err := sheet.Open(bytes.NewReader(data), int64(len(data)), sheet.Options{})
	if err != nil {
		t.Fatalf("%v\n%q", err, data)
	}
	return book
}

// read is what our own reader sees of a table.
func read(t *testing.T, data []byte) [][]string {
	t.Helper()
	rows, err := opened(t, data).Rows()
	if err != nil {
		t.Fatal(err)
	}
	var all [][]string
	for {
		row, err := rows.Next()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		var cells []string
		for _, c := range row.Cells {
			if c.Fault != "" {
				t.Fatalf("row %d: %s", row.Number, c.Fault)
			}
			cells = append(cells, c.Shown)
		}
		all = append(all, cells)
	}
}

// Whatever a cell holds is read again as it was; apostrophes that keep a spreadsheet from
// calculating stand in CSV alone, and our import drops them.
func TestCellsComeBack(t *testing.T) {
	cells := []string{
		"Dupont", "=1+1", "+1+cmd", "-1", "@SUM(A1)", "06 12 34 56 78", "0612345678", "3,36E+10", "L'Haÿ; \"les\", Roses",
		"deux\nlignes", "<b>&amp;</b>", "😀 emoji", "_x0041_", "a|b", "007", "12/03/2026", "VRAI", "é",
	}
	for _, form := range forms {
		t.Run(string(form), func(t *testing.T) {
			rows := make([][]string, len(cells))
			for i, cell := range cells {
				rows[i] = []string{cell, "+33639980001", "1"}
			}
			got := read(t, written(t, form, columns, rows))
			for i, cell := range cells {
				back := got[i+1][0]
				if quoted := strings.TrimPrefix(back, "'"); form != export.Workbook && quoted != back {
					if !strings.ContainsAny(cell[:1], "=+-@") {
						t.Errorf("%q is written with an apostrophe", cell)
					}
					back = quoted
				}
				if back != cell {
					t.Errorf("%q comes back as %q", cell, got[i+1][0])
				}
			}
		})
	}
}

// A table that was written is checked like any other, and says the same texts to the same
// numbers.
func TestATableIsCheckedAgain(t *testing.T) {
	rows := [][]string{
		{"=HYPERLINK(1)", "+33639980001", "1"},
		{"-Anne", "+262692123456", "1"},
		{"Zoé", "+447700900123", "1"},
		{"@jo", "+33639980004", "2"},
		{"faux", "pas un numéro", ""},
	}
	for _, form := range forms {
		t.Run(string(form), func(t *testing.T) {
			book := opened(t, written(t, form, columns, rows))
			o := campaign.Options{Text: "Bonjour ((nom))", Numbers: number.Every}
			layout, err := campaign.Look(book, o)
			if err != nil {
				t.Fatal(err)
			}
			checker, err := campaign.NewChecker(layout, o)
			if err != nil {
				t.Fatal(err)
			}
			var got [][]string
			_, err = checker.Check(t.Context(), book, func(j *campaign.Judged) error {
				got = append(got, []string{string(j.Number), j.Text})
				return nil
			}, nil)
			if err != nil {
				t.Fatal(err)
			}
			want := [][]string{
				{"+33639980001", "Bonjour =HYPERLINK(1)"},
				{"+262692123456", "Bonjour -Anne"},
				{"+447700900123", "Bonjour Zoé"},
				{"+33639980004", "Bonjour @jo"},
				{"", ""},
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(- want)\n%s", diff)
			}
		})
	}
}

func TestTextForms(t *testing.T) {
	rows := [][]string{{"=a", "+33639980001", "2"}, {"b;c", "+33 6 39", ""}}
	for form, want := range map[export.Form]string{
		export.Programs:    "Nom,Portable,Segments\n'=a,+33639980001,2\n\"b;c\",'+33 6 39,\n",
		export.Spreadsheet: "\ufeffNom;Portable;Segments\r\n'=a;06 39 98 00 01;2\r\n\"b;c\";'+33 6 39;\r\n",
	} {
		if got := string(written(t, form, columns, rows)); got != want {
			t.Errorf("%s: %q, want %q", form, got, want)
		}
	}
}

// Every number is read again as the same one, however it is written.
func TestNationalNumbersAreReadAgain(t *testing.T) {
	for cell, want := range map[string]string{
		"+33612345678": "06 12 34 56 78", "+33123456789": "01 23 45 67 89", "+262692123456": "06 92 12 34 56",
		"+590690123456": "06 90 12 34 56", "+447700900123": "00 44 77 00 90 01 23", "+687751234": "00 68 77 51 23 4",
		"+337001234567890": "", "+14155552671": "00 14 15 55 52 67 1", "": "", "inconnu": "inconnu", "+": "'+",
	} {
		got := export.National(cell)
		if want != "" && got != want {
			t.Errorf("%s is written %q, want %q", cell, got, want)
		}
		before, err := number.Every.Parse(cell, "FR")
		if err != nil {
			continue
		}
		after, err := number.Every.Cell(got, "FR")
		if err != nil || after.Number != before.Number {
			t.Errorf("%s is written %q and read as %s: %v", cell, got, after.Number, err)
		}
	}
}

// A workbook has texts alone, but for counts, and every part of it is XML.
func TestWorkbook(t *testing.T) {
	data := written(t, export.Workbook, columns, [][]string{
		{"a\x07b\ufffe\xff", "+33639980001", "12"}, {"", "0612345678", "012"}, {strings.Repeat("é", 40000), "", "many"},
	})
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	sheet1 := ""
	for _, f := range archive.File {
		in, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(in)
		if err != nil {
			t.Fatal(err)
		}
		if f.Name == "xl/worksheets/sheet1.xml" {
			sheet1 = string(content)
		}
		for d := xml.NewDecoder(bytes.NewReader(content)); err == nil; {
			if _, err = d.Token(); err != nil && !errors.Is(err, io.EOF) {
				t.Errorf("%s: %v", f.Name, err)
			}
		}
	}
	for _, want := range []string{
		`<c r="C2"><v>12</v></c>`, `a_x0007_b` + "\ufffd\ufffd", `<c r="B2" s="1" t="inlineStr">`,
		`<c r="C3" s="1" t="inlineStr"><is><t xml:space="preserve">012<`, `<autoFilter ref="A1:C4"/>`,
	} {
		if !strings.Contains(sheet1, want) {
			t.Errorf("%s is missing", want)
		}
	}
	if n := strings.Count(sheet1, "é"); n != 32767 {
		t.Errorf("%d characters of a cell, want 32767", n)
	}
}

type brokenPipe struct{ left int }

func (b *brokenPipe) Write(p []byte) (int, error) {
	if b.left -= len(p); b.left < 0 {
		return 0, io.ErrClosedPipe
	}
	return len(p), nil
}

// Somebody who goes away ends the writing, soon.
func TestABrokenPipeIsTold(t *testing.T) {
	for _, form := range forms {
		t.Run(string(form), func(t *testing.T) {
			table, err := export.New(form, &brokenPipe{10_000}, columns)
			if err != nil {
				t.Fatal(err)
			}
			const enough = 1_000_000
			for i := 0; err == nil && i < enough; i++ {
				err = table.Row([]string{"Nom", "+33639980001", "1"})
			}
			if !errors.Is(err, io.ErrClosedPipe) {
				t.Error(err)
			}
		})
	}
}

func TestDistinct(t *testing.T) {
	got := export.Distinct([]string{"a", "A", "b", "", "", "a"}, strings.EqualFold)
	if diff := cmp.Diff([]string{"a", "A (2)", "b", "", "", "a (3)"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestUnknownForm(t *testing.T) {
	if _, err := export.New("pdf", io.Discard, columns); err == nil {
		t.Error("a form that does not exist was taken")
	}
}
