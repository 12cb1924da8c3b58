package engine

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"time"

	"relais/campaign/ledger"
	"relais/gateway"
	"relais/reason"
	"relais/sms"
)

// CodeSentBefore is why a start is refused: the same texts went to the same numbers a while ago.
const CodeSentBefore reason.Code = "sent_before"

// sentWithin is how long the same texts to the same numbers are a mistake rather than a habit.
const sentWithin = 30 * 24 * time.Hour

// StartAgain is Start of somebody who knows that the same texts went to the same numbers. Whether they
// may is the door's to know.
func (d *Desk) StartAgain(
	ctx context.Context, account string, id sms.ID, check string, at time.Time, by sms.Actor,
) (ledger.Campaign, error) {
	return d.start(ctx, account, id, check, at, by, true)
}

// sentSince is from when on the same texts must not have been sent; zero: it does not matter. What goes on
// from another campaign leaves out whom that one served, and reminders take over from each other.
func sentSince(c *ledger.Campaign, now time.Time) time.Time {
	if !c.Options.From.Campaign.IsZero() || c.Options.Appointments.Any() {
		return time.Time{}
	}
	return now.Add(-sentWithin)
}

// sentBefore refuses a start that would send once more what a campaign sent.
func (d *Desk) sentBefore(ctx context.Context, account string, err error) error {
	var before *ledger.SentBeforeError
	if !errors.As(err, &before) {
		return err
	}
	earlier, err := d.Campaign(ctx, account, before.Campaign)
	if err != nil {
		return err
	}
	at := earlier.StartedAt
	if at.IsZero() {
		at = earlier.CreatedAt
	}
	return &gateway.Error{Kind: gateway.Conflict, Reason: reason.Of(CodeSentBefore, reason.Args{
		"campaign": reason.Name(earlier.Name), "id": reason.Name(earlier.ID.String()),
		"at": reason.Day(at.In(d.zone()).Format(time.DateOnly)),
	})}
}

// messages is a sum over what a campaign sends: two campaigns with the same one send the same texts to the
// same numbers, whatever the order of their rows.
type messages [4]uint64

func (m *messages) add(n sms.Number, text string) {
	sum := sha256.Sum256([]byte(string(n) + "\x00" + text))
	for i := range m {
		m[i] += binary.BigEndian.Uint64(sum[8*i:])
	}
}

// sum is a keyed hash: whoever reads the database cannot try numbers against it. Empty: there is none.
func (m *messages) sum(d *Desk, account string) string {
	if *m == (messages{}) || d.Keyed == nil {
		return ""
	}
	var b [32]byte
	for i, part := range m {
		binary.BigEndian.PutUint64(b[8*i:], part)
	}
	return d.Keyed("campaign:" + account + ":" + hex.EncodeToString(b[:]))
}
