package gateway

import (
	"context"
	"errors"
	"time"

	"relais/inbox"
	"relais/lane"
	"relais/sms"
)

// Forecast tells what would become of many submissions of one account at a moment, as a preview
// of each of them would, and looks opt-outs up for all of them together. It asks no quota: what
// is used by the time they are sent, nobody knows.
func (g *Gateway) Forecast(
	ctx context.Context, account string, all []Submission, at time.Time,
) ([]Outcome, error) {
	outcomes, asked := make([]Outcome, len(all)), map[sms.Sender][]sms.Number{}
	drawn := make([]func(map[sms.Number]inbox.OptOut) error, len(all))
	for i := range all {
		s := &all[i]
		result, book, err := g.draw(s, at, lane.ToLook)
		if err != nil {
			if !outcomes[i].refuse(err) {
				return nil, err
			}
			continue
		}
		outcomes[i].Result = result
		drawn[i] = func(out map[sms.Number]inbox.OptOut) error {
			result.dropOptedOut(s, out)
			return result.reckon(book)
		}
		for n := range result.Messages {
			if inbox.HoldsBack(s.Class) {
				asked[s.Sender] = append(asked[s.Sender], result.Messages[n].To)
			}
		}
	}
	out := map[sms.Sender]map[sms.Number]inbox.OptOut{}
	for from, numbers := range asked {
		var err error
		if out[from], err = g.store.OptedOut(ctx, account, from, numbers); err != nil {
			return nil, unavailable(err)
		}
	}
	for i, end := range drawn {
		if end == nil {
			continue
		}
		if err := end(out[all[i].Sender]); err != nil && !outcomes[i].refuse(err) {
			return nil, err
		}
	}
	return outcomes, nil
}

// refuse takes an error for the outcome, and reports whether it is a verdict.
func (o *Outcome) refuse(err error) bool {
	refusal, refused := errors.AsType[*Error](err)
	if refused {
		*o = Outcome{Refusal: refusal}
	}
	return refused
}
