package app

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"time"

	"relais/console"
	"relais/sandbox/world"
	"relais/sms"
)

// handsets are the telephones of simulated operators, by their control routes: they may be
// on another machine.
type handsets struct {
	url    string
	client *http.Client
}

// newHandsets is nil without simulated operators.
func newHandsets(sandboxURL string) console.Handsets {
	if sandboxURL == "" {
		return nil
	}
	const patience = 5 * time.Second
	return &handsets{sandboxURL, &http.Client{Timeout: patience}}
}

// always are the telephones that the console shows also before a text arrived: an ordinary
// one, and two whose persons answer by themselves.
var always = []string{"+33639980001", "+33639980065", "+33639980095"}

// Telephones implements console.Handsets.
func (h *handsets) Telephones(ctx context.Context) ([]console.Telephone, error) {
	const others = "6"
	var screens []world.Screen
	asked := url.Values{"count": {others}, "with": always}
	err := h.call(ctx, http.MethodGet, "/screens?"+asked.Encode(), nil, &screens)
	if err != nil {
		return nil, err
	}
	all := make([]console.Telephone, len(screens))
	for i := range screens {
		all[i] = telephone(&screens[i])
	}
	return all, nil
}

// mostBubbles is how much of a conversation a telephone shows.
const mostBubbles = 6

func telephone(s *world.Screen) console.Telephone {
	t := console.Telephone{Number: sms.Number(s.Number), Manner: manner(s.Number)}
	for _, text := range s.Texts {
		t.Bubbles = append(t.Bubbles, console.Bubble{
			From: text.From, Kind: sms.Kind(text.Kind), Text: text.Text, At: text.At,
		})
	}
	for _, said := range s.Said {
		t.Bubbles = append(t.Bubbles, console.Bubble{Text: said.Text, At: said.At})
	}
	slices.SortStableFunc(t.Bubbles, func(a, b console.Bubble) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(len(b.From), len(a.From)))
	})
	t.Bubbles = t.Bubbles[max(0, len(t.Bubbles)-mostBubbles):]
	return t
}

// manner is what a number of fiction does by itself, in the words of the console.
func manner(number string) string {
	fate := world.FateOf(number)
	switch {
	case fate.Says == "STOP":
		return "stop"
	case fate.Says != "":
		return "yes"
	case fate.Silent:
		return "silent"
	case fate.Slow:
		return "slow"
	case fate.Buffered:
		return "off"
	case fate.End != world.Arrived:
		return "unreached"
	default:
		return ""
	}
}

// Reply implements console.Handsets.
func (h *handsets) Reply(ctx context.Context, n sms.Number, text string) error {
	path := "/handsets/" + url.PathEscape(string(n)) + "/reply"
	return h.call(ctx, http.MethodPost, path, map[string]string{"text": text}, nil)
}

// Faults implements console.Handsets.
func (h *handsets) Faults(ctx context.Context) ([]console.Fault, error) {
	var told struct{ Faults []world.FaultState }
	if err := h.call(ctx, http.MethodGet, "/faults", nil, &told); err != nil {
		return nil, err
	}
	all := make([]console.Fault, len(told.Faults))
	for i := range told.Faults {
		all[i] = console.Fault{Operator: told.Faults[i].Operator, Kind: told.Faults[i].Kind}
	}
	return all, nil
}

// Order implements console.Handsets.
func (h *handsets) Order(ctx context.Context, f console.Fault) error {
	return h.call(ctx, http.MethodPut, "/faults", world.Fault{Operator: f.Operator, Kind: f.Kind}, nil)
}

// ClearFaults implements console.Handsets.
func (h *handsets) ClearFaults(ctx context.Context) error {
	return h.call(ctx, http.MethodDelete, "/faults", nil, nil)
}

// call calls a control route. Its errors do not tell the address, which may have a number
// in it.
func (h *handsets) call(ctx context.Context, method, path string, body, into any) error {
	var sent bytes.Buffer
	if body != nil {
		if err := json.NewEncoder(&sent).Encode(body); err != nil {
			return err
		}
	}
	r, err := http.NewRequestWithContext(ctx, method, h.url+path, &sent)
	if err != nil {
		return fmt.Errorf("call the simulated operators: %w", err)
	}
	resp, err := h.client.Do(r)
	if err != nil {
		if failed, ok := err.(*url.Error); ok { //nolint:errorlint // what Do returns, and no error within it
			err = failed.Err
		}
		return fmt.Errorf("call the simulated operators: %w", err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return fmt.Errorf("call the simulated operators: %w", err)
	}
	switch {
	case resp.StatusCode >= http.StatusBadRequest:
		return refusedBySandbox(resp.Status, answer)
	case into == nil:
		return nil
	}
	return json.Unmarshal(answer, into)
}

func refusedBySandbox(status string, answer []byte) error {
	var problem struct{ Code, Detail string }
	if json.Unmarshal(answer, &problem) == nil && problem.Code == "nothing_to_answer" {
		return console.ErrNoText
	}
	return fmt.Errorf("the simulated operators refused: %s %s", status, problem.Detail)
}
