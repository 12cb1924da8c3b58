package webhook

import (
	"context"
	"encoding/json"
	"time"

	"relais/reason"
	"relais/sms"
)

// Tester sends test events to endpoints, on whichever node it is asked.
type Tester struct {
	caller

	busy chan struct{}
}

// maxTests is how many tests are under way at once.
const maxTests = 4

// NewTester makes a tester, which obeys the policy and the proxy as a Deliverer does.
func NewTester(o Options) *Tester { return &Tester{newCaller(o), make(chan struct{}, maxTests)} }

// Test sends an endpoint a test event, signed as all are, and waits for the answer. Nothing
// of it is stored, and it changes nothing of the endpoint.
func (t *Tester) Test(ctx context.Context, account string, id sms.ID) (Try, error) {
	e, err := t.Store.Endpoint(ctx, account, id)
	if err != nil {
		return Try{}, err
	}
	if e.Format != "" {
		return Try{}, &Error{Reason: reason.Of(codeShaped, reason.Args{"format": reason.Name(e.Format)})}
	}
	signers, err := t.signers(ctx, &e)
	if err != nil {
		return Try{}, err
	}
	select {
	case t.busy <- struct{}{}:
		defer func() { <-t.busy }()
	case <-ctx.Done():
		return Try{}, ctx.Err()
	}
	now := t.Now()
	data, err := json.Marshal(map[string]sms.ID{"webhook": e.ID})
	if err != nil {
		return Try{}, err
	}
	event := Event{
		Name: "evt_test_" + sms.BucketOf(account).NewID(now).Ref(), Account: account, Type: Test, Subject: e.ID,
		At: now, Data: data,
	}
	begun := time.Now()
	came := t.post(ctx, e, signers, &Delivery{Event: event}, now)
	try := Try{At: now, Took: time.Since(begun), Status: came.status, Answer: came.answer}
	if came.err != nil {
		try.Error = came.err.Error()
	}
	if t.Tested == nil {
		return try, nil
	}
	return try, t.Tested(context.WithoutCancel(ctx), account, e.ID) // it was sent, whoever waits for it
}
