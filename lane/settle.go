package lane

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"relais/connector"
	"relais/reason"
	"relais/sms"
)

// settle turns what is known after a call into transitions, one per message.
// It is pure: the same call gives the same transitions.
func settle(
	lane string, batch []sms.Message, outcomes []connector.Outcome, err error, now time.Time,
) []sms.Transition {
	if err == nil && len(outcomes) != len(batch) {
		err = fmt.Errorf("the connector gave %d outcomes for %d messages", len(outcomes), len(batch))
	}
	apart := err != nil && connector.FaultOf(err) == connector.Rejected && len(batch) > 1
	transitions, by := make([]sms.Transition, len(batch)), sms.LaneActor(lane)
	for i := range batch {
		outcome := connector.Outcome{Err: err}
		if err == nil {
			outcome = outcomes[i]
		}
		t := sms.Transition{
			Account: batch[i].Account, ID: batch[i].ID, From: sms.Submitting, Attempt: batch[i].Attempt,
			ProviderID: outcome.ProviderID,
		}
		if apart {
			sendApart(&t, outcome.Err)
		} else {
			decide(&t, &batch[i], outcome, now)
		}
		t.Event.At, t.Event.Status, t.Event.Attempt, t.Event.Actor = now, t.To, t.Attempt, by
		transitions[i] = t
	}
	return transitions
}

// sendApart handles a batch that the operator refused as a whole: it took none, and only
// calls of one message each can show which message was at fault.
func sendApart(t *sms.Transition, err error) {
	t.To, t.Refund, t.Solo = sms.Queued, true, true
	t.Event.Code = codeBatchRefused
	t.Event.Detail = reason.Of(batchRefused, nil).With(reason.Verbatim(sentence(err)))
}

func decide(t *sms.Transition, m *sms.Message, o connector.Outcome, now time.Time) {
	if o.Err == nil {
		t.To, t.Event.Code = sms.Submitted, codeOperatorAccepted
		if o.ProviderID == "" {
			t.Event.Detail = reason.Of(idUnproved, nil)
		}
		return
	}
	t.Event.Detail = reason.Verbatim(sentence(o.Err))
	switch connector.FaultOf(o.Err) {
	case connector.Temporary:
		retry(t, m, now)
	case connector.Throttled: // it keeps its place: the lane waits, and what stands behind it too
		t.To, t.Refund, t.Event.Code = sms.Queued, true, codeThrottled
	case connector.Blocked:
		t.To, t.Refund, t.Event.Code = sms.Queued, true, codeConnectorBlocked
	case connector.Rejected:
		t.To, t.Event.Code = sms.Rejected, codeOperatorRejected
	default:
		t.To, t.Event.Code, t.AskAt = sms.Uncertain, codeNoClearAnswer, now.Add(askPauses[0])
		t.Event.Detail = t.Event.Detail.With(reason.Of(heldInDoubt, nil))
	}
}

func retry(t *sms.Transition, m *sms.Message, now time.Time) {
	due := now.Add(backoff(m))
	if due.Before(m.ExpiresAt) {
		t.To, t.DueAt, t.Event.Code = sms.Queued, due, codeRetry
		return
	}
	t.To, t.Event.Code = sms.Expired, sms.ValidityOver
	t.Event.Detail = t.Event.Detail.With(reason.Of(endsBeforeRetry, nil))
}

// Back-off of a message after a temporary fault.
const (
	firstBackoff      = 2 * time.Second
	firstBackoffOTP   = 500 * time.Millisecond
	maxBackoff        = 15 * time.Minute
	maxBackoffOTP     = 30 * time.Second
	jitterDenominator = 5 // up to a fifth more
)

// backoff doubles with each attempt. The jitter comes from the message's id, so
// that a batch that failed together does not come back together.
func backoff(m *sms.Message) time.Duration {
	base, limit := firstBackoff, maxBackoff
	if m.Class == sms.OTP {
		base, limit = firstBackoffOTP, maxBackoffOTP
	}
	wait := doubled(base, m.Attempt-1, limit)
	spread := int64(wait) / jitterDenominator
	return wait + time.Duration(spread*int64(m.ID[len(m.ID)-2])/255)
}

// sentence is an operator's fault for the timeline.
func sentence(err error) string {
	e, ok := errors.AsType[*connector.Error](err)
	if !ok {
		return err.Error() + "."
	}
	text := e.Detail
	if e.Err != nil {
		text = strings.TrimPrefix(text+": "+e.Err.Error(), ": ")
	}
	if e.Code != "" {
		text = "[" + e.Code + "] " + text
	}
	if e.Trace != "" {
		text += " (call " + e.Trace + ")"
	}
	return text + "."
}

// Unsent puts back messages whose call was claimed and not made.
func Unsent(lane string, batch []sms.Message, now time.Time) []sms.Transition {
	transitions := make([]sms.Transition, len(batch))
	for i, m := range batch {
		transitions[i] = sms.Transition{
			Account: m.Account, ID: m.ID, From: sms.Submitting, Attempt: m.Attempt,
			To: sms.Queued, Refund: true,
			Event: sms.Event{
				At: now, Status: sms.Queued, Actor: sms.LaneActor(lane), Code: codeNotSent,
				Detail: reason.Of(notMade, nil), Attempt: m.Attempt,
			},
		}
	}
	return transitions
}

// Expired ends a queued message whose validity is over.
func Expired(m sms.Message, now time.Time) sms.Transition {
	return sms.Transition{
		Account: m.Account, ID: m.ID, From: sms.Queued, Attempt: m.Attempt, To: sms.Expired,
		Event: sms.Event{
			At: now, Status: sms.Expired, Actor: sms.ActorGateway, Code: sms.ValidityOver,
			Detail: reason.Of(endsBeforeSent, nil), Attempt: m.Attempt,
		},
	}
}

// Crashed is the transition of a message that a dead process left in
// submitting: bytes may have left, so it is held and never sent again blindly.
func Crashed(m sms.Message, now time.Time) sms.Transition {
	return sms.Transition{
		Account: m.Account, ID: m.ID, From: sms.Submitting, Attempt: m.Attempt, To: sms.Uncertain,
		AskAt: now.Add(askPauses[0]),
		Event: sms.Event{
			At: now, Status: sms.Uncertain, Actor: sms.ActorGateway, Code: codeProcessDied,
			Detail:  reason.Of(processDied, nil),
			Attempt: m.Attempt,
		},
	}
}
