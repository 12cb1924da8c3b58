package connector_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"time"

	"relais/connector"
	"relais/reason"
	"relais/sms"
)

// This file is a whole provider for Pigeon, an operator that does not exist:
// the file to copy for a new one. In a real package it is spread over
// config.go, submit.go, errors.go and balance.go.

// pigeonProvider is the entry for the application's table: func Provider in a
// real package.
func pigeonProvider() connector.Provider {
	return connector.Provider{
		Name:      "pigeon",
		Title:     "Pigeon Post",
		NewConfig: func() any { return &pigeonConfig{BaseURL: "https://api.pigeon.example"} },
		Open:      openPigeon,
	}
}

// pigeonConfig is the provider's section of the configuration.
type pigeonConfig struct {
	BaseURL string           `toml:"base_url" doc:"Address of the API."`
	Token   connector.Secret `toml:"token" doc:"Token of the loft, from its settings page."`
}

// Validate checks every key and tells all that is wrong at once.
func (c *pigeonConfig) Validate() error {
	var errs []error
	if u, err := url.Parse(c.BaseURL); err != nil || u.Host == "" {
		errs = append(errs, &connector.ConfigError{
			Key: "base_url", Reason: reason.Verbatim("want an address such as https://api.pigeon.example"),
		})
	}
	if c.Token == "" {
		errs = append(errs, &connector.ConfigError{Key: "token", Reason: reason.Verbatim("is missing")})
	}
	return errors.Join(errs...)
}

// pigeon is an instance. It holds nothing that changes, so calls may overlap.
type pigeon struct {
	config pigeonConfig
	env    connector.Env
}

// openPigeon makes no call: a gateway must start when an operator is down.
func openPigeon(config any, env connector.Env) (connector.Connector, connector.Facts, error) {
	c, ok := config.(*pigeonConfig)
	if !ok {
		return nil, connector.Facts{}, fmt.Errorf("open pigeon: configuration is a %T", config)
	}
	facts := connector.Facts{MaxBatch: 10, CallsPerSecond: 20, Concurrency: 4, Timeout: 20 * time.Second}
	return &pigeon{config: *c, env: env}, facts, nil
}

type (
	letter struct {
		Ref  string `json:"ref"`
		To   string `json:"to"`
		From string `json:"from,omitempty"`
		Text string `json:"text"`
	}
	// receiptSlip answers one letter: an id, or an error.
	receiptSlip struct {
		Ref   string       `json:"ref"`
		ID    string       `json:"id"`
		Error *pigeonError `json:"error"`
	}
	pigeonError struct {
		Code    string `json:"code"`
		Message string `json:"message"`
	}
	pigeonAnswer struct {
		Letters []receiptSlip `json:"letters"`
		Error   *pigeonError  `json:"error"`
	}
)

// Submit offers the batch in one call. Pigeon answers each letter by its
// reference, in any order.
func (p *pigeon) Submit(ctx context.Context, batch []sms.Message) ([]connector.Outcome, error) {
	letters := make([]letter, len(batch))
	for i, m := range batch {
		letters[i] = letter{Ref: m.ID.String(), To: string(m.To), From: string(m.Sender), Text: m.Text}
	}
	answer, err := p.call(ctx, http.MethodPost, "/v2/letters", map[string]any{"letters": letters})
	if err != nil {
		return nil, err
	}
	slips := make(map[string]receiptSlip, len(answer.Letters))
	for _, slip := range answer.Letters {
		slips[slip.Ref] = slip
	}
	outcomes := make([]connector.Outcome, len(batch))
	for i, m := range batch {
		outcomes[i] = outcomeOf(slips[m.ID.String()])
	}
	return outcomes, nil
}

// outcomeOf reads one slip. No slip, or one with neither id nor error, proves
// nothing: the error stays unclassified, hence Uncertain.
func outcomeOf(slip receiptSlip) connector.Outcome {
	switch {
	case slip.Error != nil:
		return connector.Outcome{Err: slip.Error.classify()}
	case slip.ID == "":
		return connector.Outcome{Err: errors.New("the answer does not tell what became of this message")}
	default:
		return connector.Outcome{ProviderID: slip.ID}
	}
}

// Balance makes the instance a connector.Balancer.
func (p *pigeon) Balance(ctx context.Context) (connector.Balance, error) {
	r, err := p.request(ctx, http.MethodGet, "/v2/credit", nil)
	if err != nil {
		return connector.Balance{}, err
	}
	answer, err := connector.Exchange(p.env.HTTP, r)
	if err != nil {
		return connector.Balance{}, fmt.Errorf("ask for the credit: %w", err)
	}
	var credit struct {
		Euros *float64 `json:"euros"`
	}
	if answer.Status != http.StatusOK || json.Unmarshal(answer.Body, &credit) != nil || credit.Euros == nil {
		return connector.Balance{}, fmt.Errorf("ask for the credit: status %d without a credit",
			answer.Status)
	}
	return connector.Balance{Amount: *credit.Euros, Unit: "EUR", At: p.env.Now()}, nil
}

// call makes one request. It returns an answer only when Pigeon says 200.
func (p *pigeon) call(ctx context.Context, method, path string, body any) (pigeonAnswer, error) {
	r, err := p.request(ctx, method, path, body)
	if err != nil {
		return pigeonAnswer{}, err
	}
	raw, err := connector.Exchange(p.env.HTTP, r)
	if err != nil {
		return pigeonAnswer{}, fmt.Errorf("call pigeon: %w", err)
	}
	if raw.Status == http.StatusTooManyRequests {
		return pigeonAnswer{}, &connector.Error{
			Fault:      connector.Throttled,
			RetryAfter: connector.ParseRetryAfter(raw.Header, p.env.Now()),
		}
	}
	var answer pigeonAnswer
	if json.Unmarshal(raw.Body, &answer) != nil {
		return pigeonAnswer{}, fmt.Errorf("call pigeon: status %d, answer is not JSON", raw.Status)
	}
	if answer.Error != nil {
		return pigeonAnswer{}, answer.Error.classify()
	}
	if raw.Status != http.StatusOK {
		return pigeonAnswer{}, fmt.Errorf("call pigeon: status %d without an error", raw.Status)
	}
	return answer, nil
}

func (p *pigeon) request(ctx context.Context, method, path string, body any) (*http.Request, error) {
	payload, err := json.Marshal(body)
	if err != nil {
		return nil, &connector.Error{
			Fault: connector.Rejected, Detail: "the message cannot be written as JSON",
		}
	}
	r, err := http.NewRequestWithContext(ctx, method, p.config.BaseURL+path, bytes.NewReader(payload))
	if err != nil {
		return nil, &connector.Error{Fault: connector.Blocked, Detail: "base_url is not an address"}
	}
	r.Header.Set("Authorization", "Bearer "+p.config.Token.Reveal())
	r.Header.Set("Content-Type", "application/json")
	return r, nil
}

// pigeonFaults is the operator's table of errors (Pigeon API manual 2.3,
// chapter 4). A code that is not there is Uncertain.
var pigeonFaults = map[string]connector.Fault{
	"bad_token":    connector.Blocked,
	"no_credit":    connector.Blocked,
	"loft_closed":  connector.Temporary,
	"bad_number":   connector.Rejected,
	"no_such_bird": connector.Rejected,
}

// classify keeps the code to the letter and drops the message: Pigeon's
// messages repeat the number.
func (e *pigeonError) classify() error {
	return &connector.Error{Fault: pigeonFaults[e.Code], Code: e.Code, Detail: "refused by Pigeon"}
}

// Example opens an instance, as the application does from its configuration,
// and submits two messages, as a lane does.
func Example() {
	operator := httptest.NewServer(http.HandlerFunc(pigeonOffice))
	defer operator.Close()

	provider := pigeonProvider()
	config := provider.NewConfig().(*pigeonConfig)
	config.BaseURL, config.Token = operator.URL, "coo-coo"
	if err := config.Validate(); err != nil {
		fmt.Println(err)
		return
	}
	instance, facts, err := provider.Open(config, connector.Env{
		Instance: "pigeon-town", HTTP: connector.NewHTTPClient(4), Log: slog.Default(), Now: time.Now,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("at most", facts.MaxBatch, "a call, able to", connector.CapabilitiesOf(instance).Names())

	outcomes, err := instance.Submit(context.Background(), []sms.Message{
		{ID: sms.NewID(time.Now()), To: "+33639980101", Text: "Votre dossier est prêt."},
		{ID: sms.NewID(time.Now()), To: "+33639980199", Text: "Votre dossier est prêt."},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, outcome := range outcomes {
		if outcome.Err != nil {
			fmt.Println(outcome.Err)
			continue
		}
		fmt.Println("taken as", outcome.ProviderID)
	}
	// Output:
	// at most 10 a call, able to [submit balance]
	// taken as letter-0101
	// rejected [bad_number]: refused by Pigeon
}

// pigeonOffice is the operator: it takes every letter but those to numbers
// that end in 99.
func pigeonOffice(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/v2/credit" {
		_, _ = w.Write([]byte(`{"euros":12.5}`))
		return
	}
	var asked struct{ Letters []letter }
	if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
		http.Error(w, "not JSON", http.StatusBadRequest)
		return
	}
	var answer pigeonAnswer
	for _, l := range asked.Letters {
		slip := receiptSlip{Ref: l.Ref, ID: "letter-" + l.To[len(l.To)-4:]}
		if strings.HasSuffix(l.To, "99") {
			slip = receiptSlip{
				Ref: l.Ref, Error: &pigeonError{Code: "bad_number", Message: l.To + " is not a number"},
			}
		}
		answer.Letters = append(answer.Letters, slip)
	}
	_ = json.NewEncoder(w).Encode(answer)
}
