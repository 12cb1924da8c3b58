package campaign_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"relais/campaign"
	"relais/sheet"
)

// badRows writes the rows of a file that are left out.
func badRows(t *testing.T, data []byte, o campaign.Options) ([]byte, []campaign.Judged) {
	t.Helper()
	book, err := sheet.Open(bytes.NewReader(data), int64(len(data)), sheet.Options{})
	if err != nil {
		t.Fatal(err)
	}
	layout, err := campaign.Look(book, o)
	if err != nil {
		t.Fatal(err)
	}
	checker, err := campaign.NewChecker(layout, o)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	bad, err := campaign.NewBadRows(&out, layout, book.Separator, "fr")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := checker.Check(t.Context(), book, bad.Row, nil); err != nil {
		t.Fatal(err)
	}
	rows, _, err := checked(t, data, o, sheet.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes(), rows
}

// The file of bad rows has what the cells had, so that it can be mended and read again.
func TestBadRowsOpenAgain(t *testing.T) {
	for _, name := range []string{
		"35-power.csv", "43-two-numbers.csv", "44-words.csv", "68-formulas.csv", "62-empty-value.csv", "54-errors.ods",
		"20-quote-open.csv", "23-ragged.csv",
	} {
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile(filepath.Join("testdata", "catalogue", name))
			if err != nil {
				t.Fatal(err)
			}
			o := campaign.Options{Text: "Bonjour ((nom))", Column: "Portable"}
			written, before := badRows(t, data, o)
			after, report, err := checked(t, written, o, sheet.Options{})
			if err != nil {
				t.Fatalf("%v\n%s", err, written)
			}
			var want, got []string
			for _, r := range before {
				if !r.Skipped.IsZero() {
					want = append(want, cells(r.Cells))
				}
			}
			for _, r := range after {
				got = append(got, cells(r.Cells[2:])) // behind the row and the reason
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(- before)\n%s\n%s", diff, written)
			}
			if report.File.Encoding != "utf-8" {
				t.Errorf("encoding %s", report.File.Encoding)
			}
		})
	}
}

// cells are those of a row as they are read: without the mark that keeps a spreadsheet from
// running them, and without empty ones at the right.
func cells(row []sheet.Cell) string {
	var all []string
	for _, c := range row {
		text := c.Shown
		if len(text) > 1 && text[0] == '\'' && strings.ContainsRune("=+-@", rune(text[1])) {
			text = text[1:]
		}
		all = append(all, text)
	}
	return strings.TrimRight(strings.Join(all, "|"), "|")
}

// No cell of the file is a formula to a spreadsheet.
func TestBadRowsRunNothing(t *testing.T) {
	table := "Nom;Portable\r\n=cmd|'/c calc'!A1;06 39\r\n@SUM(1);néant\r\n-1+2;NC\r\n\"\t=1\";+33 12\r\n+1;=1+33\r\nZoé;0639980001\r\n"
	written, _ := badRows(t, []byte(table), campaign.Options{Column: "Portable"})
	book, err := sheet.Open(bytes.NewReader(written), int64(len(written)), sheet.Options{})
	if err != nil {
		t.Fatal(err)
	}
	rows, err := book.Rows()
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for {
		row, err := rows.Next()
		if err != nil {
			break
		}
		seen++
		for i, c := range row.Cells {
			number := i == 3 && strings.Trim(c.Stored, "+0123456789 ") == ""
			if c.Stored != "" && strings.ContainsRune("=+-@\t\r", rune(c.Stored[0])) && !number {
				t.Errorf("row %d: %q", row.Number, c.Stored)
			}
		}
	}
	if seen < 5 {
		t.Errorf("%d rows", seen)
	}
}
