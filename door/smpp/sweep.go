package smpp

import (
	"context"
	"time"

	"relais/smpp"
	"relais/sms"
)

// Ages of parts that wait for the others of their message.
const (
	joinAge     = 10 * time.Minute   // then the others do not come
	finishAge   = 2 * time.Minute    // then nobody is at work on a message that is whole
	tellAge     = 72 * time.Hour     // then nobody is told of a part that failed, as of a webhook
	earlierSpan = time.Hour          // in which a lone part is one whose answer got lost
	wholeAge    = 5 * 24 * time.Hour // below the life of a key: older, a message might be sent twice
)

// Sweep has its own pace, and bounds.
const (
	sweepEvery = 10 * time.Second
	mostSwept  = 1000
)

// sweepParts ends messages whose parts do not all come, goes on with those whose maker died, and tells
// clients of parts that failed.
func (d *Door) sweepParts(ctx context.Context) {
	ticker := time.NewTicker(sweepEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			d.Sweep(ctx)
		case <-d.stopping.Done():
			return
		}
	}
}

// Sweep is one round of sweepParts.
func (d *Door) Sweep(ctx context.Context) {
	old, err := d.Store.OldParts(ctx, sms.FirstID(d.Now().Add(-finishAge)), mostSwept)
	if err != nil {
		d.Log.Error("parts of messages cannot be read", "door", "smpp", "error", err)
		return
	}
	seen := map[string]bool{}
	for i := range old {
		p := &old[i]
		c := d.clients[p.Client]
		key := p.Client + " " + p.Long
		if c == nil || c.Account != p.Account || seen[key] {
			continue
		}
		seen[key] = true
		d.report(c, d.sweep(ctx, c, p.Long))
	}
	for _, c := range d.clients {
		d.report(c, d.tellFailed(ctx, c))
	}
}

// sweep ends or finishes one message.
func (d *Door) sweep(ctx context.Context, c *client, long string) error {
	parts, err := d.Store.WaitingParts(ctx, c.Account, c.systemID, long)
	if err != nil || len(parts) == 0 {
		return err
	}
	all, err := readParts(parts)
	if err != nil {
		return err
	}
	first := d.Now()
	for i := range parts {
		if at := parts[i].ID.Time(); at.Before(first) {
			first = at
		}
	}
	whole, age := len(all) == int(all[0].content.Concat.Total), d.Now().Sub(first)
	switch {
	case whole && age < wholeAge:
		if status := d.finish(ctx, c, long); status != smpp.OK && status != statusTrouble && status != statusFull {
			return d.Store.FailParts(ctx, c.Account, parts)
		}
		return nil
	case age < joinAge:
		return nil
	}
	if message, known, err := d.answeredBefore(ctx, c, parts); err != nil || known {
		if err == nil {
			err = d.Store.JoinParts(ctx, c.Account, message, parts)
		}
		return err
	}
	d.Log.Warn("a long message was given up: its other parts did not come", "door", "smpp", "system_id", c.systemID, "parts", len(parts))
	return d.Store.FailParts(ctx, c.Account, parts)
}

// answeredBefore reports whether parts are those of a message that is there, which the client sent again
// because their answers got lost.
func (d *Door) answeredBefore(ctx context.Context, c *client, parts []Part) (message sms.ID, known bool, err error) {
	for i := range parts {
		p := &parts[i]
		earlier, err := d.Store.EarlierParts(ctx, c.Account, c.systemID, p.Long, p.Seq)
		if err != nil || len(earlier) == 0 {
			return message, false, err
		}
		last := &earlier[0]
		if !last.same(p) || p.ID.Time().Sub(last.ID.Time()) > earlierSpan || !message.IsZero() && last.Message != message {
			return message, false, nil
		}
		message = last.Message
	}
	return message, true, nil
}

// tellFailed tells a client of parts that failed, where one of its binds receives.
func (d *Door) tellFailed(ctx context.Context, c *client) error {
	failed, err := d.Store.FailedParts(ctx, c.Account, c.systemID, mostSwept)
	if err != nil {
		return err
	}
	var done []Part
	for i := range failed {
		p := &failed[i]
		told, err := d.failure(p)
		if err != nil || told == nil || d.Now().Sub(p.ID.Time()) > tellAge {
			done = append(done, *p)
			continue
		}
		if s, _ := c.receiver(); s == nil {
			break
		}
		if came := d.carry(ctx, c, told); came.Err == nil || came.Final {
			done = append(done, *p)
		}
	}
	return d.Store.DropParts(ctx, c.Account, done)
}

// failure is the receipt of a part that failed; nil where the client wants none.
func (d *Door) failure(p *Part) (*news, error) {
	h, err := p.read()
	if err != nil || !wanted(p.Registered, smpp.Undeliverable) {
		return nil, err
	}
	return &news{
		sm: smpp.SM{Source: h.sm.Dest, Dest: h.sm.Source, ESMClass: smpp.ESMReceipt},
		receipt: &smpp.Receipt{
			ID: messageID(p.ID, p.Form), Sub: "001", Dlvrd: "000", SubmitDate: d.minute(p.ID.Time()), DoneDate: d.minute(d.Now()),
			Stat: smpp.Undeliverable.Word(), State: smpp.Undeliverable, Err: errorOf(""),
		},
	}, nil
}

// report logs what failed beside an answer.
func (d *Door) report(c *client, err error) {
	if err != nil {
		d.Log.Error("parts of messages are put off", "door", "smpp", "system_id", c.systemID, "error", err)
	}
}
