package ovh

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"relais/connector"
	"relais/connector/connectortest"
	"relais/sms"
)

func TestKeepsTheRules(t *testing.T) {
	connectortest.Run(t, target(1))
}

// Batches of several read their ids back: those calls come after the one that
// submits, and the suite must not count them either.
func TestKeepsTheRulesInBatches(t *testing.T) {
	several := target(6)
	several.Preliminary = func(r *http.Request) bool {
		return isTime(r) || strings.Contains(r.URL.Path, "/outgoing/")
	}
	several.Partial = &connectortest.Partial{
		Answer: func(w http.ResponseWriter, _ *http.Request, body []byte, refused []sms.Number) {
			answerJob(w, body, refused)
		},
		Fault: connector.Rejected, Code: codeInvalidReceiver,
	}
	connectortest.Run(t, several)
}

func isTime(r *http.Request) bool { return r.URL.Path == "/1.0/auth/time" }

func target(maxBatch int) connectortest.Target {
	return connectortest.Target{
		Open: func(t *testing.T, baseURL string, env connector.Env) (connector.Connector, connector.Facts) {
			config := defaults()
			config.Endpoint = baseURL + "/1.0"
			config.ApplicationKey, config.ApplicationSecret, config.ConsumerKey = testKey, testSecret, testToken
			config.Service, config.MaxBatch = testService, maxBatch
			c, facts, err := Provider().Open(config, env)
			if err != nil {
				t.Fatal(err)
			}
			return c, facts
		},
		Accept:      acceptAll,
		Preliminary: isTime,
		Secrets:     []string{testKey, testSecret, testToken},
		ProviderID:  func(m sms.Message) string { return idOf(m.To) },
		Refuse:      conformanceCases(),
	}
}

func conformanceCases() []connectortest.Case {
	var cases []connectortest.Case
	for _, r := range refusals {
		cases = append(cases, connectortest.Case{
			Name: r.name, Status: r.status, Body: r.body, Fault: r.fault, Code: r.code,
		})
	}
	return append(cases, connectortest.Case{
		Name: "number refused", Body: `{"ids":[],"validReceivers":[],"invalidReceivers":["{to}"]}`,
		Fault: connector.Rejected, Code: codeInvalidReceiver,
	}, connectortest.Case{
		Name: "words that quote the message", Status: 400, Body: `{"message":"{text} to {to}"}`,
		Fault: connector.Rejected, Code: "http_400",
	})
}

// idOf is an id in which the number cannot be read.
func idOf(to sms.Number) string { return "27" + string(to[len(to)-4:]) }

func acceptAll(w http.ResponseWriter, r *http.Request, body []byte) {
	_, id, isRead := strings.Cut(r.URL.Path, "/outgoing/")
	switch {
	case isTime(r):
		_, _ = io.WriteString(w, "1772359200\n") // 2026-03-01T10:00:00Z, the suite's clock
	case r.Method == http.MethodPost:
		answerJob(w, body, nil)
	case isRead:
		fmt.Fprintf(w, `{"receiver":"+3363998%s"}`, strings.TrimPrefix(id, "27"))
	default:
		_, _ = io.WriteString(w, "[]")
	}
}

func answerJob(w http.ResponseWriter, body []byte, refused []sms.Number) {
	var asked struct{ Receivers []sms.Number }
	if err := json.Unmarshal(body, &asked); err != nil {
		http.Error(w, "not JSON", http.StatusBadRequest)
		return
	}
	ids, valid, invalid := []json.Number{}, []sms.Number{}, []sms.Number{}
	for _, to := range asked.Receivers {
		if slices.Contains(refused, to) {
			invalid = append(invalid, to)
			continue
		}
		valid, ids = append(valid, to), append(ids, json.Number(idOf(to)))
	}
	slices.Reverse(ids)
	_ = json.NewEncoder(w).Encode(map[string]any{
		"ids": ids, "validReceivers": valid, "invalidReceivers": invalid, "totalCreditsRemoved": len(ids),
	})
}
