package ovh

import (
	"net/http"
	"testing"

	"relais/gateway"
)

func TestRefusalsOfTheGateway(t *testing.T) {
	for code, want := range map[string]int{"sender_not_declared": http.StatusForbidden, "text_empty": http.StatusBadRequest} {
		got, unexpected := refusalOf(&gateway.Error{Code: code, Detail: "What is wrong."})
		if got.status != want || got.message != "What is wrong." || unexpected {
			t.Errorf("%s: %d %s, want %d", code, got.status, got.message, want)
		}
	}
}
