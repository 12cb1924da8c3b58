package app_test

import (
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"relais/app"
	"relais/config"
	"relais/connector"
	"relais/connector/httpapi"
	"relais/sandbox"
)

// What is written for a choice, with its secrets where they are said to belong, is a configuration
// that the gateway takes: of every preset, by files and by the environment.
func TestSectionsAreConfigurations(t *testing.T) {
	operators := simulate(t, sandbox.Options{Declared: app.Declared()}).Operators()
	for _, preset := range httpapi.Presets() {
		for _, keep := range []connector.Keeping{connector.InFile, connector.InEnvironment} {
			t.Run(preset+"/"+string(keep), func(t *testing.T) {
				given := maps.Clone(operators[preset].Settings)
				choice := connector.Choice{Preset: preset, Instance: "essai-" + preset, Keep: keep, Given: given}
				w, err := httpapi.Section(choice)
				if err != nil {
					t.Fatal(err)
				}
				dir, environment := t.TempDir(), map[string]string{}
				for _, s := range w.Secrets {
					if strings.Contains(w.Section, given[s.Key]) && given[s.Key] != "" {
						t.Errorf("%s stands in %s", s.Key, w.Section)
					}
					if s.Variable != "" {
						environment[s.Variable] = given[s.Key]
						continue
					}
					if err := os.WriteFile(filepath.Join(dir, s.File), []byte(given[s.Key]+"\n"), 0o600); err != nil {
						t.Fatal(err)
					}
				}
				file := filepath.Join(dir, "relais.toml")
				if err := os.WriteFile(file, []byte(w.Section), 0o600); err != nil {
					t.Fatal(err)
				}
				c, err := config.Load(file, func(name string) (string, bool) {
					value, set := environment[name]
					return value, set
				}, app.Parts())
				if err != nil {
					t.Fatalf("%v\n%s", err, w.Section)
				}
				section := c.Connectors[0].Section.(*httpapi.Config)
				got := map[string]string{
					"login": section.Login, "profile": section.Profile, "key": section.Key.Reveal(), "secret": section.Secret.Reveal(),
					"signing_key": section.SigningKey.Reveal(), "sender": section.Sender,
				}
				for key, value := range given {
					if got[key] != value {
						t.Errorf("%s is %q, want %q, of\n%s", key, got[key], value, w.Section)
					}
				}
			})
		}
	}
}

// What somebody typed is tried at the operator, and its answer is told: the credentials that work,
// with the credit where it tells, and those that do not.
func TestPresetsAreTried(t *testing.T) {
	operators := simulate(t, sandbox.Options{Declared: app.Declared()})
	accounts := operators.Operators()
	for _, preset := range httpapi.Presets() {
		t.Run(preset, func(t *testing.T) {
			of, _ := httpapi.Described(preset)
			given := maps.Clone(accounts[preset].Settings)
			given["base_url"] = accounts[preset].BaseURL
			env := connector.Env{Instance: preset, HTTP: http.DefaultClient, Now: time.Now, CallbackURL: "https://town.example/callbacks/a/hush"}
			choice := connector.Choice{Preset: preset, Instance: preset, Given: given}
			tried, err := httpapi.Try(t.Context(), choice, env)
			if err != nil || !tried.Works() || (tried.Asked != nil) != of.Checked || (tried.Balance != nil) != of.Credit {
				t.Fatalf("%v %+v", err, tried)
			}
			shown := strings.Join(slices.Concat(tried.Asked, tried.Request), "\n")
			for _, s := range of.Settings {
				if value := given[s.Key]; s.Secret && value != "" && strings.Contains(shown, value) {
					t.Errorf("%s is shown: %s", s.Key, shown)
				}
			}
			if !strings.HasPrefix(tried.Request[0], "POST ") {
				t.Errorf("no request can be shown: %s", tried.Request)
			}
			if strings.Contains(shown, "hush") {
				t.Errorf("the secret of the address is shown: %s", shown)
			}
			for _, s := range of.Settings {
				if s.Secret && s.Required {
					choice.Given[s.Key] = "another"
				}
			}
			if tried, err = httpapi.Try(t.Context(), choice, env); err != nil || tried.Works() == of.Checked || tried.Balance != nil {
				t.Errorf("with another key: %v %+v", err, tried)
			}
		})
	}
	if n := operators.Handset("+33639980001"); len(n) > 0 {
		t.Errorf("a text arrived: %+v", n)
	}
}
