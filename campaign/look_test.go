package campaign_test

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"relais/campaign"
	"relais/reason"
	"relais/sheet"
)

var numberLike = regexp.MustCompile(`\d([ .+]?\d){7,}`)

// assertNoNumber holds what a check prints: no number of a person is in it.
func assertNoNumber(t *testing.T, r *campaign.Report, err error) {
	t.Helper()
	printed, wrong := json.Marshal(r)
	if wrong != nil {
		t.Fatal(wrong)
	}
	example := []byte("06 12 34 56 78") // that a warning has
	if found := numberLike.Find(bytes.ReplaceAll(printed, example, nil)); found != nil {
		t.Errorf("the report prints %s", found)
	}
	if err != nil && numberLike.MatchString(err.Error()) {
		t.Errorf("the refusal prints a number: %v", err)
	}
}

// A row with digits of a number is no row of names: its person is not lost, nor printed.
func TestHeaders(t *testing.T) {
	for _, tc := range []struct {
		name, table, column string
		header, row         int // taken for the names, as a person says and as it is
		total               int
		said                string
	}{
		{name: "bad numbers", table: "Dupont;061234567\nMartin;0698765432\n", total: 2, said: "no_header"},
		{name: "bad numbers alone", table: "Dupont;06 12 34 56\nMartin;0698765432\n", total: 2, said: "no_header"},
		{name: "Pacific or France", table: "Dupont;687751234\nMartin;0698765432\n", total: 2, said: "no_header"},
		{name: "words", table: "Dupont;néant\nMartin;0698765432\n", row: 1, total: 1, said: "header_doubtful"},
		{name: "the column is named", table: "Nom;Joindre\nMartin;0698765432\n", column: "joindre", row: 1, total: 1},
		{name: "years", table: "Inscrit 2026/2027;Portable\nMartin;0698765432\n", row: 1, total: 1},
		{
			name: "a title with a date", table: "Liste du 03/12/2026;\nNom;Portable\nMartin;0698765432\n",
			row: 2, total: 1, said: "header_below",
		},
		{name: "a person named", table: "Dupont;061234567\nMartin;0698765432\n", header: 1, row: 1, total: 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			o := campaign.Options{Header: tc.header, Column: tc.column}
			_, report, err := checked(t, []byte(tc.table), o, sheet.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if report.File.Header != tc.row || report.Rows.Total != tc.total || said(report) != tc.said {
				t.Errorf("row %d, %d rows, %q", report.File.Header, report.Rows.Total, said(report))
			}
			assertNoNumber(t, report, nil)
		})
	}
}

// Refusals name the columns, but no number that stands for a name.
func TestRefusalsPrintNoNumber(t *testing.T) {
	table := []byte("Dupont;061234567\nMartin;0698765432\n")
	for _, o := range []campaign.Options{
		{Header: 1, Column: "Fixe"}, {Header: 1, Text: "((nom))"}, {Column: "Fixe"}, {Text: "((nom))"},
	} {
		_, report, err := checked(t, table, o, sheet.Options{})
		if err == nil {
			t.Errorf("%+v is taken", o)
		}
		assertNoNumber(t, report, err)
	}
}

// A row of names that is not there is refused: nobody is sent the names as a person.
func TestHeaderRowThatIsNotThere(t *testing.T) {
	table := []byte("Nom;Portable\n\nMartin;0698765432\n")
	for _, row := range []int{2, 4, 5000} {
		_, _, err := checked(t, table, campaign.Options{Header: row}, sheet.Options{})
		if code := codeOf(err); code != "header_row_not_there" {
			t.Errorf("row %d: %q", row, code)
		}
	}
	if _, r, err := checked(t, table, campaign.Options{Header: -1}, sheet.Options{}); err != nil || r.Rows.Total != 2 {
		t.Errorf("none: %v", err)
	}
}

// Questions about the encoding show a word, and no number that stands beside it.
func TestQuestionsPrintNoNumber(t *testing.T) {
	for name, table := range map[string]string{
		"encoded twice":   "Nom;Portable\nBÃ©nÃ©vole;0639980001\n",
		"encoded twice |": "Nom|Portable\nBÃ©nÃ©vole|0639980001\n",
		"which encoding":  "Nom;Portable\nZo\x8e;0639980001\n",
	} {
		_, report, err := checked(t, []byte(table), campaign.Options{}, sheet.Options{})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if len(report.Questions)+len(report.Notes) == 0 {
			t.Errorf("%s: nothing is said", name)
		}
		assertNoNumber(t, report, nil)
	}
}

// A number that gets several messages is one, however many it gets.
func TestSeveralTextsOfOneNumber(t *testing.T) {
	table := []byte("Nom;Portable\nAnne;0639980001\nBob;0639980001\nCléo;0639980001\nDan;0639980001\n")
	_, report, err := checked(t, table, campaign.Options{Text: "Bonjour ((nom))"}, sheet.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range report.Warnings {
		if w.Code == "several_messages" && strings.HasPrefix(w.Reason.In(reason.English), "1 number ") {
			return
		}
	}
	t.Errorf("warnings %+v, want one number with several messages", report.Warnings)
}
