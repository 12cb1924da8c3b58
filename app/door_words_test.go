package app_test

import (
	"testing"

	"relais/app"
	"relais/reason"
)

// TestEveryDoorHasWords: the console says in words, in both languages, by which door a message came.
func TestEveryDoorHasWords(t *testing.T) {
	t.Parallel()
	for _, p := range app.DoorProviders() {
		code := reason.Code("console/actor_" + p.Name)
		said := reason.Of(code, reason.Args{"name": reason.Name("forms")})
		if english, french := said.In(reason.English), said.In("fr"); english == string(code) || french == english {
			t.Errorf("%s: %q and %q; add %s to both catalogues", p.Name, english, french, code)
		}
	}
}
