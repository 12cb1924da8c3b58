package httpapi

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the pages of the presets")

const pages = "../../docs/connectors/http"

// The page of each preset is what its declaration says today, and no page is left of a preset that went.
func TestPagesOfPresetsAreCurrent(t *testing.T) {
	for _, preset := range Presets() {
		t.Run(preset, func(t *testing.T) {
			page, _ := Page(preset)
			file := filepath.Join(pages, preset+".md")
			if *update {
				if err := os.WriteFile(file, page, 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			committed, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(committed), string(page)); diff != "" {
				t.Errorf("run go test ./connector/httpapi -run PagesOfPresets -update (-page +declaration):\n%s", diff)
			}
		})
	}
	files, err := filepath.Glob(filepath.Join(pages, "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if name := strings.TrimSuffix(filepath.Base(file), ".md"); !slices.Contains(Presets(), name) {
			t.Errorf("%s is of no preset", file)
		}
	}
}

// A page leaves out no rule, no word and no field of its declaration.
func TestPagesLeaveNothingOut(t *testing.T) {
	for _, preset := range Presets() {
		t.Run(preset, func(t *testing.T) {
			text, _ := Preset(preset)
			var w written
			decode(text, &w)
			page, _ := Page(preset)
			var wanted []string
			for i := range w.Send.Rules {
				for _, value := range listed(w.Send.Rules[i].Status) {
					wanted = append(wanted, oneOfWords([]any{value}))
				}
				wanted = append(wanted, whereWords(w.Send.Rules[i].Where)...)
			}
			wanted = append(wanted, textsOf(w.Send.Fields)...)
			if w.Receipts != nil {
				for _, word := range sortedKeys(w.Receipts.States) {
					wanted = append(wanted, "| `"+word+"` | ")
				}
			}
			for _, one := range wanted {
				if !bytes.Contains(page, []byte(one)) {
					t.Errorf("the page lacks %s", one)
				}
			}
			for _, mark := range []string{"documented", "observed", "inferred"} {
				if bytes.Contains(text, []byte("# "+mark)) && !bytes.Contains(page, []byte(mark)) {
					t.Errorf("the page lacks what is %s", mark)
				}
			}
		})
	}
	if _, found := Page("pigeon"); found {
		t.Error("there is a page of nobody")
	}
}
