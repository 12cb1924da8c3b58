package smpp

import (
	"context"
	"errors"
	"fmt"
	"time"

	"relais/smpp"
	"relais/webhook"
)

var (
	errAbsent = errors.New("no bind of the client receives")
	errMute   = errors.New("the client did not answer; the bind was closed")
)

// Ready implements webhook.Carrier: a client is there while a bind of it receives.
func (d *Door) Ready(e *webhook.Endpoint) bool {
	c := d.clientOf(e)
	if c == nil || d.stopping.Err() != nil {
		return false
	}
	s, _ := c.receiver()
	return s != nil
}

// Carry implements webhook.Carrier.
func (d *Door) Carry(ctx context.Context, e *webhook.Endpoint, event *webhook.Event, turn *webhook.Turn) webhook.Carried {
	c := d.clientOf(e)
	if c == nil {
		return webhook.Carried{Err: errAbsent, Again: absentFor}
	}
	told, err := d.news(ctx, c, event)
	if err != nil {
		return webhook.Carried{Err: err, Final: errors.Is(err, errEvent), Again: sweepEvery}
	}
	if len(told) == 0 {
		return webhook.Carried{Nothing: true}
	}
	d.awaitAnswers(c, event.Subject.Time())
	for i := range told {
		if came := d.carry(ctx, c, &told[i], turn); came.Err != nil {
			d.Metrics.took(c.systemID, "put off")
			return came
		}
	}
	d.Metrics.took(c.systemID, "taken")
	return webhook.Carried{}
}

// absentFor is when a client is looked for again who went away a moment ago. Its next bind is
// waited for before that.
const absentFor = time.Second

// young is the age up to which a message may still be on its way to the client by its answer.
const young = time.Second

// awaitAnswers waits until the client was given the id of the message: what it is told of an id
// that it does not know yet, it loses (observed: Kannel). The answer was written before, on the
// same bind; by another the client may read it later.
func (d *Door) awaitAnswers(c *client, made time.Time) {
	const most = 5 * time.Second
	deadline := time.NewTimer(most)
	defer deadline.Stop()
	for _, written := range c.underAnswer() {
		select {
		case <-written:
		case <-deadline.C:
			return
		}
	}
	if _, several := c.receiver(); several || d.Leads != nil {
		d.wait(min(made.Add(young).Sub(d.Now()), young))
	}
}

// carry makes one delivery in its turn, by one bind after the other where they break.
func (d *Door) carry(ctx context.Context, c *client, told *news, turn *webhook.Turn) webhook.Carried {
	if err := turn.Wait(ctx); err != nil { // before a place is taken: those before it need them all
		return webhook.Carried{Err: err, Again: absentFor}
	}
	for {
		s, _ := c.receiver()
		if s == nil || d.stopping.Err() != nil {
			return webhook.Carried{Err: errAbsent, Again: absentFor}
		}
		answer, err := s.deliver(ctx, c, told, turn)
		if err == nil {
			return judge(answer.Status)
		}
		if _, wrong := errors.AsType[*smpp.FieldError](err); wrong {
			return webhook.Carried{Err: err, Final: true}
		}
		if errors.Is(err, smpp.ErrNoAnswer) { // one that answers nothing is dead, or mute (observed: ruby-smpp#5)
			d.Log.Warn("a client did not answer deliver_sm; its bind is closed", "door", "smpp", "system_id", c.systemID)
			s.conn.Close()
			c.remove(s)
			return webhook.Carried{Err: errMute} // by the schedule: what a client cannot digest must not close all its binds
		}
		c.remove(s)
	}
}

// deliver sends one deliver_sm, or several for a reply in parts, and waits for the answer to each.
func (s *session) deliver(ctx context.Context, c *client, told *news, turn *webhook.Turn) (answer smpp.PDU, err error) {
	select {
	case s.places <- struct{}{}:
	case <-s.conn.Done():
		return smpp.PDU{}, smpp.ErrClosed
	}
	defer func() { <-s.places }()
	for _, body := range told.bodies(c, s.old()) {
		answer, _, err = s.conn.RequestThen(ctx, body, turn.End)
		if err != nil || answer.Status != smpp.OK {
			break
		}
	}
	return answer, err
}

// judge is what the answer to a deliver_sm means: RX_R_APPN and whatever is not known refuse
// this one for good, RX_P_APPN says that the client needs a person (3.4, table 5-2).
func judge(status smpp.Status) webhook.Carried {
	refused := fmt.Errorf("the client answered %s", status)
	switch status {
	case smpp.OK:
		return webhook.Carried{}
	case smpp.RMSGQFUL, smpp.RTHROTTLED, smpp.RXTAPPN, smpp.RSYSERR, smpp.RSUBMITFAIL, smpp.RUNKNOWNERR:
		return webhook.Carried{Err: refused}
	case smpp.RXPAPPN:
		return webhook.Carried{Err: refused, Again: time.Minute}
	default:
		return webhook.Carried{Err: refused, Final: true}
	}
}
