package passerelle_test

import (
	"os"
	"strings"
	"testing"

	"relais/door/passerelle"
	"relais/reason"
)

func TestParseExport(t *testing.T) {
	data, err := os.ReadFile("testdata/export.json")
	if err != nil {
		t.Fatal(err)
	}
	all, notes, err := passerelle.ParseExport(data)
	if err != nil || len(all) != 2 || len(notes) != 10 {
		t.Fatalf("%d instances, %d notes, %v", len(all), len(notes), err)
	}
	for _, note := range notes {
		english, french := note.In(reason.English), note.In("fr")
		if strings.Contains(english, "hunter2") || strings.Contains(english, vectorKey) {
			t.Errorf("a secret stands in the note %s", english)
		}
		if english == french || strings.Contains(french, " is ") {
			t.Errorf("a note is not in French: %s", french)
		}
	}
	town := all[0]
	if town.Kind != "sfr-dmc" || town.Slug != "town" || town.Region != "FR" ||
		strings.Join(town.Families, " ") != "fr-metro fr-domtom" {
		t.Errorf("instance %+v", town)
	}
	var kinds []string
	for _, c := range town.Callers {
		kinds = append(kinds, c.Kind)
	}
	if got := strings.Join(kinds, " "); got != "signature apikey basic open" {
		t.Errorf("callers %s", got)
	}
}

func TestParseExportOfNonsense(t *testing.T) {
	for _, text := range []string{"", "hunter2", "[]", "{}", `{"resources": "hunter2"}`, `{"resources": [{"resource_type": "ovh.ovhsmsgateway"}]}`} {
		all, notes, err := passerelle.ParseExport([]byte(text))
		if len(all) > 0 || err == nil && len(notes) == 0 {
			t.Errorf("%s: %v, %q, %v", text, all, notes, err)
		}
		if err != nil && strings.Contains(err.Error(), "hunter2") {
			t.Errorf("the error repeats the file: %v", err)
		}
	}
}

func FuzzParseExport(f *testing.F) {
	data, err := os.ReadFile("testdata/export.json")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte(`{"resources":[{}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		all, _, err := passerelle.ParseExport(data)
		for _, one := range all {
			if err != nil || one.Slug == "" || len(one.Families) == 0 {
				t.Errorf("instance %+v with %v", one, err)
			}
		}
	})
}
