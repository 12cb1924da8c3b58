package campaign_test

import (
	"slices"
	"testing"

	"relais/campaign"
)

// Names are those under which rows have values, as other programs write fields too.
func TestValueKeys(t *testing.T) {
	columns := func(used bool) []campaign.Column {
		return []campaign.Column{
			{Letter: "A", Name: "Nom", Used: used},
			{Letter: "B", Name: "Date", Unique: "Date (1)", Used: used},
			{Letter: "C", Name: "Date", Unique: "Date (2)"},
			{Letter: "D", Used: used},
			{Letter: "E", Name: "Portable", Phone: true},
		}
	}
	const text = "Bonjour {nom} #date (1)# ((date (1))) ((colonne D)) {autre} ((ailleurs))"
	for _, tc := range []struct {
		name string
		look *campaign.Sight
		seen []campaign.Column // in the report
		text string
		want []string
	}{
		{"checked", &campaign.Sight{Columns: columns(true)}, nil, text, []string{"Nom", "B", "D"}},
		{"looked at", &campaign.Sight{Columns: columns(false)}, nil, text, []string{"nom", "date (1)", "colonne D", "ailleurs"}},
		{"forgotten", nil, columns(true), text, []string{"Nom", "B", "D"}},
		{"without a file", nil, nil, text, []string{"date (1)", "colonne D", "ailleurs"}},
		{"a text that cannot be read", nil, nil, "((", nil},
	} {
		var look, report []byte
		if tc.seen != nil {
			kept, err := (&campaign.Report{File: campaign.File{Columns: tc.seen}}).Keep()
			if err != nil {
				t.Fatal(err)
			}
			report = kept
		}
		if tc.look != nil {
			kept, err := tc.look.Keep()
			if err != nil {
				t.Fatal(err)
			}
			look = kept
		}
		if got := campaign.ValueKeys(tc.text, look, report); !slices.Equal(got, tc.want) {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
	}
	fields := (&campaign.Sight{Columns: columns(false)}).Fields(text)
	var letters []string
	for _, f := range fields {
		letter := ""
		if f.Column != nil {
			letter = f.Column.Letter
		}
		letters = append(letters, letter)
	}
	if want := []string{"A", "B", "D", ""}; !slices.Equal(letters, want) {
		t.Errorf("%q, want %q", letters, want)
	}
}
