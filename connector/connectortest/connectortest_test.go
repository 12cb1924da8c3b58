package connectortest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"relais/connector"
	"relais/connector/connectortest"
	"relais/sms"
)

const secret = "abracadabra"

// parrot is an honest connector with one bad habit, chosen by name. Its
// operator takes a list of numbers and answers a list of ids.
type parrot struct {
	habit   string
	baseURL string
	env     connector.Env
}

func (p *parrot) Submit(ctx context.Context, batch []sms.Message) ([]connector.Outcome, error) {
	if p.habit == "deaf" {
		ctx = context.WithoutCancel(ctx)
	}
	outcomes, err := p.submit(ctx, batch)
	switch {
	case p.habit == "log" && err != nil:
		p.env.Log.Debug("call failed", "token", secret)
	case p.habit == "leak" && err != nil:
		return nil, fmt.Errorf("send %s: %w", batch[0].To, err)
	case p.habit == "buried leak" && err != nil:
		return nil, &veiled{fmt.Errorf("send %s: %w", batch[0].Text, err)}
	case p.habit == "hopeful" && err != nil && connector.FaultOf(err) == connector.Uncertain:
		return nil, &connector.Error{Fault: connector.Temporary, Err: err}
	case p.habit == "doubtful" && err != nil && connector.FaultOf(err) == connector.Temporary:
		return nil, errors.New("something went wrong")
	case p.habit == "stubborn" && err != nil && connector.FaultOf(err) == connector.Uncertain:
		return p.submit(ctx, batch)
	case p.habit == "sloppy" && err == nil && len(outcomes) > 1:
		outcomes[0], outcomes[1] = outcomes[1], outcomes[0]
	case p.habit == "short" && err == nil:
		return outcomes[1:], nil
	}
	return outcomes, err
}

// veiled hides its cause's text, but not its cause.
type veiled struct{ cause error }

func (v *veiled) Error() string { return "failed" }
func (v *veiled) Unwrap() error { return v.cause }

func (p *parrot) submit(ctx context.Context, batch []sms.Message) ([]connector.Outcome, error) {
	var numbers []sms.Number
	for _, m := range batch {
		numbers = append(numbers, m.To)
	}
	body, err := json.Marshal(numbers)
	if err != nil {
		return nil, err
	}
	method := http.MethodPost
	if p.habit == "get" {
		method = http.MethodGet
	}
	r, err := http.NewRequestWithContext(ctx, method, p.baseURL, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Token", secret)
	answer, err := connector.Exchange(p.client(), r)
	if err != nil && p.habit != "greedy" {
		return nil, err
	}
	return p.read(batch, answer)
}

func (p *parrot) client() *http.Client {
	if p.habit != "traveler" {
		return p.env.HTTP
	}
	traveler := *p.env.HTTP
	traveler.CheckRedirect = nil
	return &traveler
}

func (p *parrot) read(batch []sms.Message, answer connector.Answer) ([]connector.Outcome, error) {
	if answer.Status == http.StatusTooManyRequests && p.habit != "impatient" {
		wait := connector.ParseRetryAfter(answer.Header, p.env.Now())
		return nil, &connector.Error{Fault: connector.Throttled, RetryAfter: wait}
	}
	if answer.Status == http.StatusForbidden && p.habit != "mute" {
		return nil, &connector.Error{Fault: connector.Blocked, Code: string(answer.Body)}
	}
	if answer.Status != http.StatusOK && p.habit != "greedy" {
		return nil, fmt.Errorf("status %d", answer.Status)
	}
	var ids []string
	if err := json.Unmarshal(answer.Body, &ids); (err != nil || len(ids) != len(batch)) &&
		p.habit != "credulous" {
		return nil, errors.New("answer without ids")
	}
	outcomes := make([]connector.Outcome, len(batch))
	for i := range outcomes {
		if i >= len(ids) {
			continue
		}
		outcomes[i].ProviderID = ids[i]
		if ids[i] == "refused" && p.habit != "blind" {
			outcomes[i] = connector.Outcome{Err: &connector.Error{Fault: connector.Rejected, Code: "no"}}
		}
	}
	return outcomes, nil
}

// Lookup, Balance and Check all ask the same thing.
func (p *parrot) Lookup(ctx context.Context, _ sms.ID) (connector.Outcome, error) {
	err := p.ask(ctx)
	if err != nil && p.habit == "optimist" {
		return connector.Outcome{}, connector.ErrNotTaken
	}
	return connector.Outcome{ProviderID: "1"}, err
}

func (p *parrot) Balance(ctx context.Context) (connector.Balance, error) {
	err := p.ask(ctx)
	if p.habit == "rich" {
		return connector.Balance{Amount: 1e6}, nil
	}
	return connector.Balance{Amount: 1}, err
}

func (p *parrot) Check(ctx context.Context) []connector.Finding {
	if err := p.ask(ctx); err != nil && p.habit != "healthy" {
		return []connector.Finding{{Level: connector.Failure, Code: "call", Detail: err.Error()}}
	}
	return []connector.Finding{{Level: connector.OK, Code: "call", Detail: "works"}}
}

func (p *parrot) ask(ctx context.Context) error {
	if p.habit == "slow" {
		ctx = context.WithoutCancel(ctx)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, p.baseURL, http.NoBody)
	if err != nil {
		return err
	}
	answer, err := connector.Exchange(p.env.HTTP, r)
	if err != nil {
		return err
	}
	if answer.Status != http.StatusOK || !json.Valid(answer.Body) {
		return fmt.Errorf("status %d", answer.Status)
	}
	return nil
}

func target(habit string) connectortest.Target {
	return connectortest.Target{
		Open: func(_ *testing.T, baseURL string, env connector.Env) (connector.Connector, connector.Facts) {
			return &parrot{habit: habit, baseURL: baseURL, env: env}, connector.Facts{MaxBatch: 3}
		},
		Accept: func(w http.ResponseWriter, _ *http.Request, body []byte) {
			writeIDs(w, body, nil)
		},
		Secrets:    []string{secret},
		ProviderID: func(m sms.Message) string { return string(m.To[len(m.To)-4:]) },
		Refuse: []connectortest.Case{
			{Name: "forbidden", Status: 403, Body: "token", Fault: connector.Blocked, Code: "token"},
		},
		Partial: &connectortest.Partial{
			Answer: func(w http.ResponseWriter, _ *http.Request, body []byte, refused []sms.Number) {
				writeIDs(w, body, refused)
			},
			Fault: connector.Rejected, Code: "no",
		},
	}
}

func writeIDs(w io.Writer, body []byte, refused []sms.Number) {
	var numbers []string
	_ = json.Unmarshal(body, &numbers) // a lookup has no body and gets an empty list
	ids := []string{}
	for _, number := range numbers {
		id := number[len(number)-4:]
		for _, r := range refused {
			if string(r) == number {
				id = "refused"
			}
		}
		ids = append(ids, id)
	}
	_ = json.NewEncoder(w).Encode(ids)
}

// habitVariable makes TestHabit run the suite on a parrot with that habit.
const habitVariable = "CONNECTORTEST_HABIT"

func TestHonest(t *testing.T) {
	connectortest.Run(t, target("none"))
}

// TestHabit is the inside of TestRunCatches: it runs in another process,
// because it fails there.
func TestHabit(t *testing.T) {
	if habit, given := os.LookupEnv(habitVariable); given {
		connectortest.Run(t, target(habit))
	}
}

func TestRunCatches(t *testing.T) {
	for _, tc := range []struct{ habit, rule string }{
		{"sloppy", "every message of a batch has its outcome, in order"},
		{"short", "every message of a batch has its outcome, in order"},
		{"blind", "a part of a batch may be refused"},
		{"mute", "each refusal leads to its fault"},
		{"impatient", "429 is throttled, with the delay asked for"},
		{"doubtful", "a refused connection is temporary"},
		{"doubtful", "a connection that never opens is temporary"},
		{"doubtful", "a TLS handshake that never ends is temporary"},
		{"doubtful", "a certificate that nobody trusts is temporary"},
		{"doubtful", "a context that has ended sends nothing and is temporary"},
		{"hopeful", "no answer after the request is uncertain, and not sent again"},
		{"stubborn", "no answer after the request is uncertain, and not sent again"},
		{"get", "a kept connection that closes is uncertain, and not sent again"},
		{"hopeful", "a time-out after the request is uncertain, and Submit returns"},
		{"deaf", "a time-out after the request is uncertain, and Submit returns"},
		{"credulous", "an answer without sense is uncertain"},
		{"leak", "an answer that repeats the request gives nothing away"},
		{"buried leak", "an answer that repeats the request gives nothing away"},
		{"log", "an answer that repeats the request gives nothing away"},
		{"greedy", "a cut answer proves nothing"},
		{"greedy", "an answer without end is uncertain"},
		{"traveler", "a redirection is uncertain, and not followed"},
		{"optimist", "a lookup obeys its context"},
		{"optimist", "a lookup without a clear answer proves nothing"},
		{"slow", "a balance obeys its context"},
		{"rich", "a balance is never made up"},
		{"slow", "a check-up obeys its context"},
		{"healthy", "a check-up of an operator out of order finds a failure"},
	} {
		t.Run(tc.habit+": "+tc.rule, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			rule := strings.NewReplacer(" ", "_").Replace(tc.rule)
			cmd := exec.CommandContext(ctx, os.Args[0], "-test.run=^TestHabit$/^"+rule+"$",
				"-test.v", "-test.failfast")
			cmd.Env = append(os.Environ(), habitVariable+"="+tc.habit)
			out, err := cmd.CombinedOutput()
			if err == nil {
				t.Errorf("the suite passes a connector that breaks the rule:\n%s", out)
			}
			if !strings.Contains(string(out), "--- FAIL: TestHabit/"+rule) {
				t.Errorf("the rule does not fail:\n%s", out)
			}
		})
	}
}
