package gateway_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"relais/connector"
	"relais/gateway"
	"relais/lane"
	"relais/route"
	"relais/sms"
)

// submitted is what an account asks for, of n recipients.
func (l *line) submitted(t *testing.T, s gateway.Submission, n int) []gateway.Draft {
	t.Helper()
	s.Text = "Bonjour"
	for i := range n {
		s.To = append(s.To, fmt.Sprintf("+336399%05d", i))
	}
	result, err := l.Submit(t.Context(), s, nil)
	if err != nil {
		t.Fatal(err)
	}
	return result.Messages
}

// TestWhatCannotMoveHoldsNothingBack: 1,200 messages whose fallback is left too stay;
// those that somebody else, or another class of the same account, has behind them
// move.
func TestWhatCannotMoveHoldsNothingBack(t *testing.T) {
	blocked := func(int, context.Context, []sms.Message) ([]connector.Outcome, error) {
		return nil, &connector.Error{Fault: connector.Blocked, Code: "no_credit", Detail: "no credit"}
	}
	for _, tc := range []struct {
		name string
		mine gateway.Submission
	}{
		{"another account", gateway.Submission{Account: "b", Class: sms.Transactional}},
		{"another class of the account", gateway.Submission{Account: "a", Class: sms.Marketing}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				instance := func(name string, o *operator) lane.Instance {
					return lane.Instance{
						Name: name, Provider: "scripted", Connector: o,
						Facts: connector.Facts{Simulated: true},
					}
				}
				l := prepareOptions(t, t.TempDir(), nil, connector.Facts{}, func(s gateway.Store) gateway.Store {
					return s
				}, func(options *gateway.Options) {
					options.Instances = []lane.Instance{
						instance("ovh", &operator{answer: blocked}),
						instance("sfr", &operator{answer: blocked}), instance("third", &operator{}),
					}
					options.Rules = []route.Rule{
						{Name: "stays", Accounts: []string{"a"}, Classes: []sms.Class{sms.Transactional}, Connectors: []string{"ovh", "sfr"}},
						{Name: "moves", Connectors: []string{"ovh", "third"}},
					}
					options.Health = lane.Health{
						ErrorRate: 0.5, Least: 5, ReceiptDelay: time.Minute, ProbeEvery: time.Hour,
					}
				})
				l.submitted(t, gateway.Submission{Account: "a", Class: sms.Transactional, Connector: "sfr"},
					1)
				l.submitted(t, gateway.Submission{Account: "a", Class: sms.Transactional}, 1_200)
				mine := l.submitted(t, tc.mine, 1)[0]
				if err := l.Start(t.Context()); err != nil {
					t.Fatal(err)
				}
				defer l.stop(t)
				time.Sleep(30 * time.Second)
				if got := connectorOf(t, l, mine); got != "third" {
					t.Errorf("it is at %s, want third", got)
				}
			})
		})
	}
}

// seer notes which accounts' messages its operator is asked about.
type seer struct {
	answerer
	asked []sms.ID
}

func (o *seer) Lookup(_ context.Context, id sms.ID) (connector.Outcome, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.asked = append(o.asked, id)
	return connector.Outcome{}, errNotSeen
}

// TestDoubtsOfAnAccountHoldNoOtherBack: at an operator that may be asked once a
// minute, the second question is about the second account's message, and all are
// asked about.
func TestDoubtsOfAnAccountHoldNoOtherBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &seer{}
		o.credits, o.status = []float64{1}, []sms.Receipt{}
		o.answer = func(int, context.Context, []sms.Message) ([]connector.Outcome, error) {
			return nil, errors.New("cut")
		}
		l := prepareOptions(t, t.TempDir(), nil, connector.Facts{}, func(s gateway.Store) gateway.Store {
			return s
		}, func(options *gateway.Options) {
			facts := connector.Facts{Simulated: true, LookupEvery: time.Minute}
			options.Instances = []lane.Instance{
				{Name: "ovh", Provider: "scripted", Connector: o, Facts: facts},
			}
		})
		l.submitted(t, gateway.Submission{Account: "a"}, 50)
		mine := l.submitted(t, gateway.Submission{Account: "b"}, 1)[0]
		claimed, err := l.store.Claim(t.Context(),
			lane.Claim{Connector: "ovh", Calls: 100, Batch: 1, Now: time.Now()})
		if err != nil || len(claimed.Calls) != 51 {
			t.Fatalf("%d claimed, %v", len(claimed.Calls), err)
		}
		for _, call := range claimed.Calls {
			m := call[0]
			at := time.Now()
			if m.Account == "b" {
				at = at.Add(time.Second)
			}
			if _, err := l.store.Settle(t.Context(), []sms.Transition{{
				Account: m.Account, ID: m.ID, From: sms.Submitting, To: sms.Uncertain,
				Attempt: m.Attempt, AskAt: at,
				Event: sms.Event{
					At: time.Now(), Status: sms.Uncertain,
					Actor: "gateway", Code: "no_clear_answer", Attempt: m.Attempt,
				},
			}}); err != nil {
				t.Fatal(err)
			}
		}
		if err := l.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		defer l.stop(t)
		time.Sleep(3 * time.Minute)
		o.mu.Lock()
		defer o.mu.Unlock()
		if len(o.asked) < 2 || o.asked[1] != mine.ID {
			t.Errorf("%d questions; want the second about the other account", len(o.asked))
		}
	})
}
