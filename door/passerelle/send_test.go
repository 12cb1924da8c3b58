package passerelle_test

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSendThinLine(t *testing.T) {
	s := open(t)
	got := s.post("/passerelle/square/send/", order("Bonjour", "MAIRIE", "06 39 98 00 01"))
	if got.StatusCode != http.StatusOK || !cmp.Equal(got.numbers(), []string{"+33639980001"}) {
		t.Fatalf("answer %d %s", got.StatusCode, got.raw)
	}
	if stored := s.stored(); len(stored) != 1 || stored[0].ID.String() != got.Data.Messages[0]["id"] {
		t.Errorf("stored %+v", stored)
	}
}
