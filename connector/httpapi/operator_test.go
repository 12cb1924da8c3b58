package httpapi

import (
	"strings"
	"testing"

	"relais/connector/connectortest"
)

// Every preset keeps the rules of connectors, against its operator.
func TestPresetsKeepTheRules(t *testing.T) {
	for _, preset := range Presets() {
		t.Run(preset, func(t *testing.T) {
			file := exchangesOf(t, preset)
			if text, _ := Preset(preset); strings.Contains(string(text), "\nonly_to") {
				return // the suite writes to numbers of its own, which such an operator is never asked to send to
			}
			connectortest.Run(t, targetOf(t, file, acceptingOf(t, preset, file)))
		})
	}
}
