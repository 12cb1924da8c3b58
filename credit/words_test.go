package credit

import (
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"relais/reason"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func TestMail(t *testing.T) {
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	full := Alert{
		Connector: "ovh", Amount: 99.5, Unit: "credits", Threshold: 100,
		BurnPerDay: 48.333333, EmptyAt: new(at.Add(49 * time.Hour)), At: at,
	}
	bare := Alert{Connector: "ovh", Amount: 99, Unit: "credits", Threshold: 100, At: at}
	for name, c := range map[string]Alert{"credit": full, "credit_without_forecast": bare} {
		for _, language := range []string{"fr", "en"} {
			t.Run(name+" "+language, func(t *testing.T) {
				subject, body := c.Mail(reason.Language(language), paris)
				got := subject + "\n\n" + body
				file := filepath.Join("testdata", name+"."+language+".golden")
				if *update {
					if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
						t.Fatal(err)
					}
				}
				want, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(string(want), got); diff != "" {
					t.Errorf("words (-want +got), -update rewrites them:\n%s", diff)
				}
			})
		}
	}
}
