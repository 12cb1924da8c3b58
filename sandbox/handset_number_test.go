package sandbox

import (
	"net/http"
	"strings"
	"testing"

	"relais/sandbox/world"
)

func TestHandsetIsFoundAsPeopleWriteItsNumber(t *testing.T) {
	s := start(t, Options{})
	s.world.Handsets.Arrive("+33639980001", world.Text{Operator: world.DMC, Text: "a"})
	s.world.Handsets.Arrive("+262692123456", world.Text{Operator: world.DMC, Text: "a"})
	for _, tc := range []struct {
		written string
		status  int
		found   bool
	}{
		{"+33639980001", http.StatusOK, true},
		{"%2B33639980001", http.StatusOK, true},
		{"0033639980001", http.StatusOK, true},
		{"33639980001", http.StatusOK, true},
		{"0639980001", http.StatusOK, true},
		{"06%2039%2098%2000%2001", http.StatusOK, true},
		{"0692123456", http.StatusOK, true},
		{"0639980002", http.StatusOK, false},
		{"zzz", http.StatusUnprocessableEntity, false},
		{"12", http.StatusUnprocessableEntity, false},
	} {
		t.Run(tc.written, func(t *testing.T) {
			got := do(t, request(t, "GET", s.URL()+"/handsets/"+tc.written, ""))
			if got.status != tc.status || strings.Contains(got.body, `"text": "a"`) != tc.found {
				t.Errorf("got %+v", got)
			}
		})
	}
}
