package ovh

import (
	"net/http"
	"testing"

	"relais/gateway"
	"relais/reason"
)

func TestRefusalsOfTheGateway(t *testing.T) {
	for code, want := range map[reason.Code]int{
		"sender_not_declared": http.StatusForbidden, "text_empty": http.StatusBadRequest,
	} {
		got, unexpected := refusalOf(&gateway.Error{Reason: reason.Written(code, "What is wrong.", "")})
		if got.status != want || got.message != "What is wrong." || unexpected {
			t.Errorf("%s: %d %s, want %d", code, got.status, got.message, want)
		}
	}
}
