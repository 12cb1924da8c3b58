package lane

import (
	"context"
	"time"

	"relais/connector"
	"relais/reason"
	"relais/sms"
)

// ReceiptTimes say how long a receipt may take, by class.
type ReceiptTimes map[sms.Class]time.Duration

// Within is how long a receipt of the class may take. The operators hold a text
// for 48 to 72 hours (OVH, "OVHcloud SMS FAQ").
func (t ReceiptTimes) Within(c sms.Class) time.Duration {
	if d := t[c]; d > 0 {
		return d
	}
	if c == sms.OTP {
		return time.Hour
	}
	return 72 * time.Hour
}

// AwaitStore finds what has no receipt.
type AwaitStore interface {
	// Awaiting returns submitted messages of a connector whose receipt is missed,
	// the longest missed first.
	Awaiting(ctx context.Context, connector string, now time.Time, limit int) ([]sms.Message, error)
	// Await puts off when the receipt of submitted messages is missed.
	Await(ctx context.Context, messages []sms.Message, until time.Time) error
}

// awaiting is the chore of a lane that sees to messages without a receipt.
type awaiting struct {
	*Lane
	looked time.Time // when the operator was last asked
}

const (
	awaitEvery = 2 * time.Second
	lookEvery  = time.Minute     // between two looks at one operator
	lookAgain  = 5 * time.Minute // when the operator could not be asked
	lookAtMost = 24 * time.Hour  // after that a message expires without a last look
)

// round ends messages whose receipt is missed: a one-time code may get a second chance, any
// other message is looked up at the operator a last time.
func (l *awaiting) round(ctx context.Context) {
	missed, err := l.o.Store.Awaiting(ctx, l.Name, l.o.Now(), max(1, l.Facts.StatusBatch))
	if err != nil {
		l.o.Log.Error("cannot read which receipts are missed", "connector", l.Name, "error", err)
		return
	}
	missed = l.giveChances(ctx, missed)
	canLook := l.Caps.StatusReader != nil
	if len(missed) == 0 || canLook && l.o.Now().Sub(l.looked) < lookEvery {
		return
	}
	l.looked = l.o.Now()
	l.lastLook(ctx, missed)
}

// lastLook asks the operator, stores its answer, and ends the messages that the answer
// leaves out.
func (l *awaiting) lastLook(ctx context.Context, missed []sms.Message) {
	if l.Caps.StatusReader != nil {
		receipts, err := l.Guard.ReadStatus(l.Paced(ctx), missed)
		if err == nil {
			err = l.Take(ctx, connector.News{Receipts: receipts}, false)
		}
		if err != nil {
			l.o.Log.Warn("the operator could not be asked for receipts that are missed",
				"connector", l.Name, "error", err)
			missed = l.putOff(ctx, missed)
		}
	}
	transitions := make([]sms.Transition, len(missed))
	for i := range missed {
		transitions[i] = l.noReceipt(&missed[i])
	}
	if len(transitions) == 0 {
		return
	}
	settled, err := l.o.Store.Settle(ctx, transitions) // leaves out those that a receipt has just moved
	if err != nil {
		l.o.Log.Error("cannot end messages without a receipt", "connector", l.Name, "error", err)
		return
	}
	if settled.Applied > 0 {
		l.o.Metrics.noReceipt.WithLabelValues(l.Name).Add(float64(settled.Applied))
		l.o.Told()
	}
}

// putOff postpones the messages that may still be looked up later, and returns the others.
func (l *awaiting) putOff(ctx context.Context, missed []sms.Message) (end []sms.Message) {
	var later []sms.Message
	for _, m := range missed {
		if l.o.Now().Sub(m.SubmittedAt) > l.o.ReceiptTimes.Within(m.Class)+lookAtMost {
			end = append(end, m)
			continue
		}
		later = append(later, m)
	}
	if len(later) > 0 {
		if err := l.o.Store.Await(ctx, later, l.o.Now().Add(lookAgain)); err != nil {
			l.o.Log.Error("cannot put off a look at the operator", "error", err)
		}
	}
	return end
}

func (l *awaiting) noReceipt(m *sms.Message) sms.Transition {
	return sms.Transition{
		Account: m.Account, ID: m.ID, From: sms.Submitted, Attempt: m.Attempt, To: sms.Expired,
		Event: sms.Event{
			At: l.o.Now(), Status: sms.Expired, Actor: sms.ActorGateway, Code: sms.NoReceipt, Attempt: m.Attempt,
			Detail: reason.Of(
				noReceipt, reason.Args{"time": reason.Duration(l.o.ReceiptTimes.Within(m.Class))},
			),
		},
	}
}
