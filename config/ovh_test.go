package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"relais/config"
	"relais/connector"
	"relais/connector/ovh"
)

// A section that lacks a key is refused where it stands, like one that holds a
// wrong one.
func TestMissingKeyOfARealProviderHasItsPlace(t *testing.T) {
	file := filepath.Join(t.TempDir(), "relais.toml")
	section := `
[connector.ovh-town]
provider = "ovh"
application_key = "key"
application_secret = "secret"
consumer_key = "token"
`
	if err := os.WriteFile(file, []byte(section), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := config.Load(file, noEnvironment, config.Parts{Connectors: []connector.Provider{ovh.Provider()}})
	if err == nil || !strings.HasPrefix(err.Error(), file+":2:") ||
		!strings.Contains(err.Error(), "connector.ovh-town.service: is missing") {
		t.Errorf("error = %v, want the line of the section and the key", err)
	}
}
