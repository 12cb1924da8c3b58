package app_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"relais/app"
	"relais/config"
)

// TestSimulatedConnectorsMayBeNamed names each connector that a sandbox brings where a configuration names one.
func TestSimulatedConnectorsMayBeNamed(t *testing.T) {
	for _, one := range app.Simulated("http://127.0.0.1:1") {
		file := filepath.Join(t.TempDir(), "relais.toml")
		text := fmt.Sprintf("sandbox = true\ndefault_connector = %q\n", one.Name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		none := func(string) (string, bool) { return "", false }
		if _, err := config.Load(file, none, app.Parts()); err != nil {
			t.Errorf("%s: %v", one.Name, err)
		}
	}
}
