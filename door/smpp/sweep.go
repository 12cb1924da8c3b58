package smpp

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"relais/gateway"
	"relais/smpp"
	"relais/sms"
)

// Ages of parts that wait for the others of their message.
const (
	finishAge   = 2 * time.Minute    // then nobody is at work on it
	joinAge     = 10 * time.Minute   // then the others do not come
	earlierSpan = 10 * time.Minute   // in which a part is said again whose answer got lost
	tellAge     = 72 * time.Hour     // then nobody is told any more, as by a webhook
	wholeAge    = 5 * 24 * time.Hour // below the life of a key: an older message might be sent twice
)

// The sweep has its own pace, and bounds.
const (
	sweepEvery = 10 * time.Second
	mostSwept  = 1000
)

// sweepParts has each client swept again and again, and none wait for another. It ends when the rounds have.
func (d *Door) sweepParts(ctx context.Context) {
	var rounds sync.WaitGroup
	defer rounds.Wait()
	ticker := time.NewTicker(sweepEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			for _, c := range d.clients {
				rounds.Go(func() { d.sweepClient(ctx, c) })
			}
		case <-d.stopping.Done():
			return
		}
	}
}

// Sweep is one round of sweepParts.
func (d *Door) Sweep(ctx context.Context) {
	for _, c := range d.clients {
		c.sweeping.Lock()
		d.round(ctx, c)
		c.sweeping.Unlock()
	}
}

// sweepClient is a round for one client, unless the one before has not ended.
func (d *Door) sweepClient(ctx context.Context, c *client) {
	if !c.sweeping.TryLock() {
		return
	}
	defer c.sweeping.Unlock()
	d.round(ctx, c)
}

// round goes on with messages of a client whose maker died, ends those whose parts do not all come, and
// tells it what became of such parts. c.sweeping is held.
func (d *Door) round(ctx context.Context, c *client) {
	old, err := d.Store.OldParts(ctx, c.Account, c.systemID, sms.FirstID(d.Now().Add(-finishAge)), mostSwept)
	d.report(c, err)
	seen := map[string]bool{}
	for i := range old {
		if long := old[i].Long; !seen[long] && !d.stops() {
			seen[long] = true
			d.report(c, d.sweepLong(ctx, c, long))
		}
	}
	d.report(c, d.tell(ctx, c))
	waiting, err := d.Store.CountParts(ctx, c.Account, c.systemID, MostWaiting)
	if d.report(c, err); err == nil {
		c.waiting.Store(int64(waiting))
	}
}

// sweepLong finishes or ends what waits under one number.
func (d *Door) sweepLong(ctx context.Context, c *client, long string) error {
	waiting, err := d.Store.WaitingParts(ctx, c.Account, c.systemID, long)
	if err != nil {
		return err
	}
	first, repeated := split(waiting)
	if mixed := mix(first, repeated); mixed != nil {
		return d.sweepOne(ctx, c, mixed)
	}
	if err := d.sweepOne(ctx, c, first); err != nil {
		return err
	}
	return d.sweepOne(ctx, c, repeated)
}

// mix is a message that has parts in common with an earlier one, and others that are new; nil: there is
// none.
func mix(first, repeated []Part) (mixed []Part) {
	all, err := readParts(first)
	if err != nil || len(first) == 0 || len(repeated) == 0 || whole(all) {
		return nil
	}
	mixed = slices.Clone(first)
	for _, p := range repeated {
		if !slices.ContainsFunc(first, func(one Part) bool { return one.Seq == p.Seq-again }) {
			mixed = append(mixed, p)
		}
	}
	slices.SortFunc(mixed, func(a, b Part) int { return a.Seq%again - b.Seq%again })
	if all, err = readParts(mixed); err != nil || !whole(all) {
		return nil
	}
	return mixed
}

// sweepOne finishes or ends one message.
func (d *Door) sweepOne(ctx context.Context, c *client, parts []Part) error {
	if len(parts) == 0 {
		return nil
	}
	all, err := readParts(parts)
	if err != nil {
		return err
	}
	switch age := d.Now().Sub(oldest(parts)); {
	case whole(all) && age >= finishAge && age < wholeAge:
		status := d.finishOne(ctx, c, parts)
		if status == smpp.OK || status == statusTrouble || status == statusFull {
			return nil
		}
		d.gaveUp(c, parts, "the message was refused: "+status.String())
		return d.Store.FailParts(ctx, c.Account, sms.ID{}, parts)
	case age < joinAge:
		return nil
	}
	message, known, err := d.answeredBefore(ctx, c, parts)
	if err != nil {
		return err
	}
	if !known {
		d.gaveUp(c, parts, "the others did not come")
	}
	return d.Store.FailParts(ctx, c.Account, message, parts)
}

// answeredBefore reports whether parts are those of a message that is there, which the client sent again
// because their answers got lost.
func (d *Door) answeredBefore(ctx context.Context, c *client, parts []Part) (message sms.ID, known bool, err error) {
	for i := range parts {
		p := &parts[i]
		earlier, err := d.Store.EarlierParts(ctx, c.Account, c.systemID, p.Long, p.Seq%again, p.Sum)
		if err != nil {
			return sms.ID{}, false, err
		}
		if len(earlier) == 0 || !message.IsZero() && earlier[0].Message != message {
			return sms.ID{}, false, nil
		}
		message = earlier[0].Message
	}
	return message, true, nil
}

// tell tells a client of parts that no event tells of, where one of its binds receives and no other node does.
// What it does not take comes again later and later.
func (d *Door) tell(ctx context.Context, c *client) error {
	if s, _ := c.receiver(); s == nil || d.Now().Before(c.tellAt) || d.Leads != nil && !d.Leads(c.Account, scheme+c.systemID) {
		return nil
	}
	after := sms.ID{}
	for {
		page, err := d.Store.FailedParts(ctx, c.Account, c.systemID, after, mostSwept)
		if err != nil {
			return err
		}
		for i := range page {
			if more, err := d.tellOne(ctx, c, &page[i]); err != nil || !more {
				return err
			}
		}
		if len(page) < mostSwept {
			return nil
		}
		after = page[len(page)-1].ID
	}
}

// Pauses after a receipt that a client did not take.
const (
	firstPause = 10 * time.Second
	mostPause  = 10 * time.Minute
)

// tellOne tells of one part. more reports whether others may be told of now.
func (d *Door) tellOne(ctx context.Context, c *client, p *Part) (more bool, err error) {
	if d.stops() {
		return false, nil
	}
	told, waits, err := d.end(ctx, p)
	switch {
	case d.Now().Sub(p.ID.Time()) > tellAge: // nobody waits for it any more
	case err != nil:
		return false, err
	case waits:
		return true, nil
	case told != nil:
		if came := d.carry(ctx, c, told, nil); came.Err != nil && !came.Final {
			c.pause = min(max(2*c.pause, firstPause), mostPause)
			c.tellAt = d.Now().Add(c.pause)
			return false, nil
		}
		c.pause = 0
	}
	return true, d.done(ctx, p)
}

// stops reports whether no more work is taken.
func (d *Door) stops() bool { return d.stopping.Err() != nil }

// done puts a part to its message, or forgets it.
func (d *Door) done(ctx context.Context, p *Part) error {
	if p.Message.IsZero() {
		return d.Store.DropParts(ctx, p.Account, []Part{*p})
	}
	return d.Store.JoinParts(ctx, p.Account, p.Message, []Part{*p})
}

// end is the receipt of a part by itself; nil where the client wants none. waits reports whether its message
// has not ended.
func (d *Door) end(ctx context.Context, p *Part) (told *news, waits bool, err error) {
	state := smpp.Undeliverable
	if !p.Message.IsZero() {
		m, err := d.Store.Message(ctx, p.Account, p.Message)
		switch {
		case errors.Is(err, gateway.ErrNotFound), m.Status == sms.Canceled: // of which nobody is told
			return nil, false, nil
		case err != nil || !m.Status.Final():
			return nil, true, err
		}
		state = standing(m.Status)
	}
	h, err := p.read()
	if err != nil || !wanted(p.Registered, state) {
		return nil, false, err
	}
	told = &news{
		sm: smpp.SM{Source: h.sm.Dest, Dest: h.sm.Source, ESMClass: smpp.ESMReceipt},
		receipt: &smpp.Receipt{
			ID: messageID(p.ID, p.Form), Sub: "001", Dlvrd: "000", SubmitDate: d.minute(p.ID.Time()), DoneDate: d.minute(d.Now()),
			Stat: state.Word(), State: state, Err: errorOf(""),
		},
	}
	if state == smpp.Delivered {
		told.receipt.Dlvrd = "001"
	}
	return told, false, nil
}

// report logs what failed beside an answer.
func (d *Door) report(c *client, err error) {
	if err != nil {
		d.Log.Error("parts of messages are put off", "door", "smpp", "system_id", c.systemID, "error", err)
	}
}
