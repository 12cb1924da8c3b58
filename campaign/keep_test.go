package campaign_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"relais/campaign"
	"relais/reason"
	"relais/sheet"
)

// A report that was kept says in each language what it said when it was made.
func TestAReportIsKept(t *testing.T) {
	data := []byte("Nom;Portable;Portable 2\nZoé;612345678;0639980003\nLéa;+33639980001;0639980004\n" +
		"Léa;+33639980001;0639980005\nNoël;3,36E+10;0639980006\nAnne;+33639980002 ou +33639980009;\n")
	_, report, err := checked(t, data, campaign.Options{Text: "Bonjour ((nom))"}, sheet.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(report.Skipped) == 0 || len(report.Repaired) == 0 || len(report.Questions) == 0 {
		t.Fatalf("the report says too little: %+v", report)
	}
	stored, err := report.Keep()
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range []reason.Language{reason.English, "fr"} {
		again, err := campaign.ReadReport(stored, l)
		if err != nil {
			t.Fatal(err)
		}
		report.In(l)
		if diff := cmp.Diff(indented(t, report), indented(t, again)); diff != "" {
			t.Errorf("%s (- made, + kept)\n%s", l, diff)
		}
	}
	if bytes.Contains(stored, []byte("639980")) {
		t.Errorf("numbers are kept: %s", stored)
	}
}

func TestASightIsKept(t *testing.T) {
	data := []byte("Nom;Portable;Portable 2\nZo\xe9;0639980001;0639980003\nL\xe9a;0639980002;0639980004\n")
	book, err := sheet.Open(bytes.NewReader(data), int64(len(data)), sheet.Options{})
	if err != nil {
		t.Fatal(err)
	}
	layout, err := campaign.Look(book, campaign.Options{})
	if err != nil {
		t.Fatal(err)
	}
	stored, err := campaign.SightOf(book, layout).Keep()
	if err != nil {
		t.Fatal(err)
	}
	for l, want := range map[reason.Language]string{
		reason.English: reason.Of("encoding_read", reason.Args{"encoding": reason.Name("windows-1252")}).In(reason.English),
		"fr":           reason.Of("encoding_read", reason.Args{"encoding": reason.Name("windows-1252")}).In("fr"),
	} {
		sight, err := campaign.ReadSight(stored, l)
		if err != nil {
			t.Fatal(err)
		}
		if len(sight.Questions) != 1 || len(sight.Notes) != 1 || sight.Notes[0].Detail != want {
			t.Errorf("%+v, want the note %q", sight, want)
		}
		if len(sight.Columns) != 3 || !sight.Columns[1].Phone || sight.Header != 1 || sight.Format != sheet.CSV {
			t.Errorf("%+v", sight)
		}
	}
}

func TestWhatIsNoReport(t *testing.T) {
	for _, stored := range []string{"", "[", `{"what":3}`} {
		if _, err := campaign.ReadReport([]byte(stored), "fr"); err == nil {
			t.Errorf("%q is read as a report", stored)
		}
		if _, err := campaign.ReadSight([]byte(stored), "fr"); err == nil {
			t.Errorf("%q is read as a sight", stored)
		}
	}
}

func indented(t *testing.T, v any) string {
	t.Helper()
	data, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
