package connector_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"relais/connector"
	"relais/connector/connectortest"
	"relais/sms"
)

// The test that a new provider copies along with example_test.go.
func TestPigeonKeepsTheRules(t *testing.T) {
	connectortest.Run(t, connectortest.Target{
		Open: func(t *testing.T, baseURL string, env connector.Env) (connector.Connector, connector.Facts) {
			c, facts, err := openPigeon(&pigeonConfig{BaseURL: baseURL, Token: "coo-coo"}, env)
			if err != nil {
				t.Fatal(err)
			}
			return c, facts
		},
		Accept:     acceptLetters,
		Secrets:    []string{"coo-coo"},
		ProviderID: func(m sms.Message) string { return "letter-" + string(m.To[len(m.To)-4:]) },
		Refuse: []connectortest.Case{
			{
				Name: "bad token", Status: 401, Body: `{"error":{"code":"bad_token"}}`,
				Fault: connector.Blocked, Code: "bad_token",
			},
			{
				Name: "closed", Status: 503, Body: `{"error":{"code":"loft_closed"}}`,
				Fault: connector.Temporary, Code: "loft_closed",
			},
			{
				Name: "unknown code", Status: 400,
				Body:  `{"error":{"code":"moulting","message":"{to} said {text}"}}`,
				Fault: connector.Uncertain, Code: "moulting",
			},
			{Name: "a letter forgotten", Messages: 2, Body: `{"letters":[]}`, Fault: connector.Uncertain},
		},
		Partial: &connectortest.Partial{Answer: refuseLetters, Fault: connector.Rejected, Code: "bad_number"},
	})
}

func acceptLetters(w http.ResponseWriter, r *http.Request, body []byte) {
	r.Body = io.NopCloser(bytes.NewReader(body))
	pigeonOffice(w, r)
}

// refuseLetters answers in the order opposite to the request's.
func refuseLetters(w http.ResponseWriter, r *http.Request, body []byte, refused []sms.Number) {
	var asked struct{ Letters []letter }
	if err := json.Unmarshal(body, &asked); err != nil {
		http.Error(w, "not JSON", http.StatusBadRequest)
		return
	}
	recorder := httptest.NewRecorder()
	acceptLetters(recorder, r, body)
	var answer pigeonAnswer
	if err := json.Unmarshal(recorder.Body.Bytes(), &answer); err != nil {
		http.Error(w, "not JSON", http.StatusInternalServerError)
		return
	}
	for i, l := range asked.Letters {
		if slices.Contains(refused, sms.Number(l.To)) {
			answer.Letters[i].ID = ""
			answer.Letters[i].Error = &pigeonError{Code: "bad_number", Message: l.To + " is not a number"}
		}
	}
	slices.Reverse(answer.Letters)
	_ = json.NewEncoder(w).Encode(answer)
}

func TestPigeonConfig(t *testing.T) {
	err := (&pigeonConfig{BaseURL: "nowhere"}).Validate()
	for _, key := range []string{"base_url", "token"} {
		if err == nil || !strings.Contains(err.Error(), key+": ") {
			t.Errorf("Validate = %v, want a word on %s", err, key)
		}
	}
}
