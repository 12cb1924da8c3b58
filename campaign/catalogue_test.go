package campaign_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"relais/campaign"
	"relais/reason"
	"relais/sheet"
)

// fault is a fault of files that people send, with what becomes of it.
type fault struct {
	name    string // of the file in testdata/catalogue, which begins with the number of the fault
	text    string // "": Bonjour ((nom))
	refused string // the code of a file that is not taken

	texts    []string // of the rows that are taken, in order; nil: not looked at
	numbers  []string
	skipped  string // codes with the rows that have them
	repaired string
	said     string // codes of questions, notes and warnings, in order
	options  func(*campaign.Options, *sheet.Options)
}

const (
	one, two, three = "+33639980001", "+33639980002", "+33639980003"
	zoe             = "Bonjour Zoé"
)

// catalogue is in the order of the faults. What is no fault of a file is not here: uploads
// that are cut off, the same file again.
var catalogue = []fault{
	// Bytes and encodings.
	{name: "01-bom.csv", texts: []string{zoe}, numbers: []string{one}},
	{name: "01-bom-quoted.csv", texts: []string{zoe}, numbers: []string{one}},
	{name: "02-zero-width.csv", texts: []string{zoe}},
	{name: "03-windows-1252.csv", texts: []string{"Bonjour Bénévole", "Bonjour Œuvre – l’été"}, said: "encoding_read"},
	{name: "04-macroman.csv", texts: []string{"Bonjour Bénévole", "Bonjour Hélène Forêt", "Bonjour François"}, said: "encoding_read"},
	{name: "04-cp850.csv", texts: []string{"Bonjour Bénévole", "Bonjour Hélène Forêt", "Bonjour François"}, said: "encoding_read"},
	{name: "05-utf-16le.txt", texts: []string{"Bonjour Bénévole"}, said: "encoding_read"},
	{name: "05-utf-16be.txt", texts: []string{"Bonjour Bénévole"}, said: "encoding_read"},
	{name: "05-utf-16-without-mark.txt", texts: []string{"Bonjour Bénévole"}, said: "encoding_read"},
	{name: "06-mixed.csv", texts: []string{"Bonjour Bénévole", "Bonjour Noël"}, said: "encoding_mixed"},
	{name: "07-twice.csv", texts: []string{"Bonjour Bénévole", "Bonjour Noël"}, said: "encoded_twice"},
	{name: "08-lost.csv", texts: []string{"Bonjour Ça va ?"}, skipped: "character_lost 2,3"},
	{name: "09-nul.csv", texts: []string{"Bonjour Bénévole"}, skipped: "number_invalid_characters 3"},
	{name: "10-nfd.csv", text: "Bonjour ((prénom))", texts: []string{zoe}},
	{name: "11-report.csv", refused: "file_unreadable/not_a_table"},
	{name: "11-page.xls", refused: "file_unreadable/not_a_table"},
	{name: "11-mail.csv", refused: "file_unreadable/not_a_table"},
	{name: "11-letter.docx", refused: "file_unreadable/not_a_table"},
	{name: "12-tables.zip", refused: "file_unreadable/zip_of_tables"},
	{name: "13-empty.csv", refused: "no_rows"},
	{name: "13-header-alone.csv", refused: "no_rows"},

	// Separators, quotes, lines.
	{name: "15-comma.csv", texts: []string{zoe, "Bonjour Noël"}},
	{name: "15-pipe.csv", texts: []string{zoe, "Bonjour Noël"}},
	{name: "15-tab.tsv", texts: []string{zoe, "Bonjour Noël"}},
	{name: "15-amounts.csv", text: "((nom)) doit ((dû)) €", texts: []string{
		"M1 doit 1,50 €", "M2 doit 2,50 €", "M3 doit 3,50 €", "M4 doit 4,50 €", "M5 doit 5,50 €",
		"M6 doit 6,50 €", "M7 doit 7,50 €", "M8 doit 8,50 €",
	}},
	{name: "15-header-short.csv", text: "((nom))", texts: []string{"M1", "M2", "M3", "M4", "M5", "M6", "M7", "M8"}},
	{name: "16-sep.csv", texts: []string{"Bonjour Bénévole", "Bonjour Noël"}},
	{name: "17-line-break.csv", texts: []string{"Bonjour Zoé\nNoël", "Bonjour Léa"}},
	{name: "18-cr.csv", texts: []string{"Bonjour Bénévole", "Bonjour Noël"}},
	{name: "19-bare-quote.csv", texts: []string{`Bonjour L'"oeuvre"`, `Bonjour Le "Clos"`}},
	{name: "20-quote-open.csv", skipped: "quote_not_closed 2"},
	{name: "20-quote-open-then-quoted.csv", texts: []string{"Bonjour Martin"}, skipped: "quote_not_closed 2"},
	{name: "21-space-quote.csv", texts: []string{zoe, "Bonjour Noël, Léa"}},
	{name: "22-lines-quoted.csv", texts: []string{"Bonjour Bénévole", "Bonjour Noël"}, said: "lines_quoted"},
	{name: "23-ragged.csv", texts: []string{zoe, "Bonjour Léa"}, skipped: "more_cells_than_columns 3"},

	// Header and columns.
	{name: "24-no-header.csv", text: "Bonjour ((colonne A))", texts: []string{zoe, "Bonjour Noël"}, said: "no_header"},
	{name: "25-title.csv", texts: []string{zoe}, said: "header_below"},
	{name: "26-synonyms.csv", texts: []string{zoe}, numbers: []string{one}},
	{name: "26-street-numbers.csv", texts: []string{zoe, "Bonjour Noël"}, numbers: []string{one, two}},
	{name: "27-two-phones.csv", numbers: []string{one, two}, said: "two_phone_columns"},
	{name: "28-same-header.csv", refused: "field_in_two_columns"},
	{name: "28-same-header.csv", text: "Bonjour ((nom (2))) ((colonne A))", texts: []string{"Bonjour Roux Zoé"}},
	{name: "29-folded.csv", text: "((nom de famille))", texts: []string{"Roux"}},
	{name: "30-no-name.csv", text: "((nom)) à ((colonne B))", texts: []string{"Zoé à 10 h", "Noël à 11 h"}},
	{name: "31-empty-columns.csv", texts: []string{zoe}},
	{name: "32-blank.csv", texts: []string{zoe}},
	{name: "33-no-column.csv", text: "((prenoms))", refused: "field_without_column/near"},

	// Numbers.
	{name: "34-zero.csv", numbers: []string{one, "+262692123456"}, skipped: "number_missing_prefix 4", repaired: "zero_restored 2,3"},
	{name: "35-power.csv", numbers: []string{one}, skipped: "number_scientific 2,3"},
	{name: "36-stored.xlsx", numbers: []string{one, two}, repaired: "plus_restored 2; zero_restored 3"},
	{name: "36-stored.ods", numbers: []string{one, two}, repaired: "plus_restored 2; zero_restored 3"},
	{name: "36-gnumeric.xlsx", numbers: []string{one, two}, repaired: "plus_restored 2; zero_restored 3"},
	{name: "36-gnumeric.ods", numbers: []string{one, two}, repaired: "plus_restored 2; zero_restored 3"},
	{name: "36-power.xlsx", numbers: []string{one}, repaired: "plus_restored 2"},
	{name: "37-no-plus.csv", numbers: []string{one, "+262692123456"}, repaired: "plus_restored 2,3"},
	{
		name: "38-prefixes.csv", numbers: []string{one, two, three, "+33639980004"},
		repaired: "mark_dropped 5", skipped: "number_too_short 6",
	},
	{name: "39-formula-marks.csv", numbers: []string{one, two, three}, repaired: "mark_dropped 2,3,4"},
	{name: "40-apostrophe.csv", numbers: []string{one, two}, repaired: "mark_dropped 2,3"},
	{name: "41-spaces.csv", numbers: []string{one, two, three}},
	{name: "42-invisible.csv", numbers: []string{one}, skipped: "duplicate 3"},
	{name: "43-two-numbers.csv", numbers: []string{three}, skipped: "several_numbers 2,3,4,5"},
	{name: "44-words.csv", numbers: []string{one, two, three}, skipped: "no_number 4,5,6", repaired: "words_dropped 2,3,7"},
	{name: "45-letter-o.csv", numbers: []string{two}, skipped: "number_letter 2"},
	{name: "46-kinds.csv", numbers: []string{"+32470123456", one}, skipped: "number_fixed_line 2; number_premium 3"},
	{name: "47-link.xlsx", numbers: []string{one}},
	{name: "47-link.ods", numbers: []string{one}},
	{name: "48-same.csv", texts: []string{zoe, "Bonjour Noël"}, skipped: "duplicate 3", said: "several_messages"},
	{name: "49-sequence.csv", said: "numbers_in_sequence"},

	// Workbooks.
	{name: "50-sheets.xlsx", texts: []string{zoe}, said: "which_sheet"},
	{name: "50-sheets.ods", texts: []string{zoe}, said: "which_sheet"},
	{name: "51-hidden.xlsx", texts: []string{zoe}, said: "hidden_rows, hidden_columns"},
	{name: "51-hidden.ods", texts: []string{zoe}, said: "hidden_rows, hidden_columns"},
	{
		name: "51-hidden.ods", text: "((nom)) ((secret))", texts: []string{"Zoé x", "Masquée x", "Filtrée x"},
		options: func(_ *campaign.Options, o *sheet.Options) { o.Hidden = true },
	},
	{name: "52-merged.xlsx", text: "((famille)) ((prénom))", texts: []string{"Roux Zoé", "Roux Noël", "Petit Léa"}},
	{name: "52-merged.ods", text: "((famille)) ((prénom))", texts: []string{"Roux Zoé", "Roux Noël", "Petit Léa"}},
	{name: "53-formula.xlsx", texts: []string{zoe}},
	{name: "53-formula.ods", texts: []string{zoe}},
	{name: "53-not-calculated.xlsx", texts: []string{"Bonjour Noël"}, skipped: "formula_not_calculated 2"},
	{name: "54-errors.xlsx", texts: []string{zoe}, skipped: "cell_error 2"},
	{name: "54-errors.ods", texts: []string{zoe}, skipped: "cell_error 2"},
	{name: "54-error.xlsx", texts: []string{"Bonjour Noël"}, skipped: "cell_error 2"},
	// LibreOffice puts the comma into the format that it saves for Excel.
	{name: "55-dates.xlsx", text: "((date)), ((long)), ((heure))", texts: []string{"03/12/2026, jeudi, 3 décembre, 14:30"}},
	{name: "55-dates.ods", text: "((date)), ((long)), ((heure))", texts: []string{"03/12/2026, jeudi 3 décembre, 14:30"}},
	{
		name: "55-1904.xlsx", text: "((date)) ((joindre)) ((autre))", texts: []string{"03/12/2026 01 99 00 11 22 03/12/2026"},
		repaired: "zero_restored 2", said: "date_format_unknown",
	},
	// The spaces that French puts into sums are plain ones: they alone would make the text UCS-2.
	{name: "56-money.xlsx", text: "((part)) de ((dû))", texts: []string{"12,5% de 1 234,50 €"}},
	{name: "56-money.ods", text: "((part)) de ((dû))", texts: []string{"12,5% de 1 234,50 €"}},
	{name: "57-kinds.xlsx", text: "((membre)), ((riche)), ((lignes))", texts: []string{"VRAI, Zoé Roux, 1 rue\nBron"}},
	{name: "57-kinds.ods", text: "((membre)), ((riche)), ((lignes))", texts: []string{"VRAI, Zoé Roux, 1 rue\nBron"}},
	{name: "58-old.xls", refused: "file_unreadable/xls"},
	{name: "58-password.xlsx", refused: "file_unreadable/protected"},
	{name: "60-entities.xlsx", refused: "file_unreadable/entities"},
	{name: "60-path.xlsx", refused: "file_unreadable/path"},
	{name: "61-repeated.ods", texts: []string{zoe}},

	// Content.
	{name: "62-empty-value.csv", texts: []string{zoe}, skipped: "value_missing 2"},
	{name: "62-empty-value.csv", text: "Bonjour ((nom|Madame))", texts: []string{"Bonjour Madame", zoe}},
	{name: "63-parentheses.csv", texts: []string{"Bonjour ((Portable))"}},
	{name: "64-long.csv", texts: []string{zoe}, skipped: "text_too_long 2"},
	{name: "65-controls.csv", texts: []string{"Bonjour Zoé Roux"}},
	{name: "67-tests.csv", said: "looks_like_a_test"},
	{name: "68-formulas.csv", skipped: "no_number 2,3", texts: []string{zoe}},
}

func TestFaultsOfFiles(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range catalogue {
		seen[f.name] = true
		t.Run(f.name+" "+f.text, func(t *testing.T) {
			data, err := os.ReadFile(filepath.Join("testdata", "catalogue", f.name))
			if err != nil {
				t.Fatal(err)
			}
			f.hold(t, data)
		})
	}
	files, err := os.ReadDir(filepath.Join("testdata", "catalogue"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if !seen[file.Name()] {
			t.Errorf("nothing says what becomes of %s", file.Name())
		}
	}
}

func (f fault) hold(t *testing.T, data []byte) {
	t.Helper()
	var o campaign.Options
	var so sheet.Options
	o.Text = f.text
	if o.Text == "" {
		o.Text = "Bonjour ((nom))"
	}
	if f.options != nil {
		f.options(&o, &so)
	}
	rows, report, err := checked(t, data, o, so)
	assertNoNumber(t, report, err)
	if code := codeOf(err); code != f.refused {
		t.Fatalf("refused: %q (%v), want %q", code, err, f.refused)
	}
	if err != nil {
		return
	}
	if got := found(report.Skipped); got != f.skipped {
		t.Errorf("left out: %q, want %q", got, f.skipped)
	}
	if got := found(report.Repaired); got != f.repaired {
		t.Errorf("repaired: %q, want %q", got, f.repaired)
	}
	if got := said(report); got != f.said {
		t.Errorf("said: %q, want %q", got, f.said)
	}
	var texts, numbers []string
	for _, r := range rows {
		if r.Skipped.IsZero() {
			texts, numbers = append(texts, r.Text), append(numbers, string(r.Number))
		}
	}
	if f.texts != nil {
		if diff := cmp.Diff(f.texts, texts); diff != "" {
			t.Errorf("texts (- want):\n%s", diff)
		}
	}
	if f.numbers != nil {
		if diff := cmp.Diff(f.numbers, numbers); diff != "" {
			t.Errorf("numbers (- want):\n%s", diff)
		}
	}
	if len(rows) != report.Rows.Total || report.Rows.Total != report.Rows.Ready+report.Rows.Skipped {
		t.Errorf("%d rows, and the report has %+v", len(rows), report.Rows)
	}
}

// checked judges a file.
func checked(t testing.TB, data []byte, o campaign.Options, so sheet.Options) ([]campaign.Judged, *campaign.Report, error) {
	t.Helper()
	book, err := sheet.Open(bytes.NewReader(data), int64(len(data)), so)
	if err != nil {
		return nil, nil, err
	}
	layout, err := campaign.Look(book, o)
	if err != nil {
		return nil, nil, err
	}
	checker, err := campaign.NewChecker(layout, o)
	if err != nil {
		return nil, nil, err
	}
	var rows []campaign.Judged
	report, err := checker.Check(t.Context(), book, func(j *campaign.Judged) error {
		kept := *j
		kept.Cells = slices.Clone(j.Cells)
		rows = append(rows, kept)
		return nil
	}, nil)
	if err == nil {
		report.In("fr")
	}
	return rows, report, err
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

// found writes codes with their rows, in the order of the alphabet.
func found(all []campaign.Found) string {
	var parts []string
	for _, f := range all {
		rows := strings.Trim(strings.ReplaceAll(fmt.Sprint(f.First), " ", ","), "[]")
		parts = append(parts, f.Code+" "+rows)
	}
	slices.Sort(parts)
	return strings.Join(parts, "; ")
}

func said(r *campaign.Report) string {
	var parts []string
	for _, all := range [][]campaign.Said{r.Questions, r.Notes, r.Warnings} {
		for _, s := range all {
			parts = append(parts, s.Code)
		}
	}
	return strings.Join(parts, ", ")
}
