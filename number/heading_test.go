package number_test

import (
	"testing"

	"relais/number"
)

func TestHeading(t *testing.T) {
	for name, want := range map[string]bool{
		"number": true, " Portable ": true, `"Téléphone"`: true, "TEL": true, "msisdn": true,
		"": false, "name": false, "Code postal": false, "numéro de rue": false,
	} {
		if got := number.Heading(name); got != want {
			t.Errorf("Heading(%q) = %v, want %v", name, got, want)
		}
	}
}
