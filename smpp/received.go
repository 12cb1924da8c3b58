package smpp

import (
	"context"
	"sync/atomic"
	"time"
)

// Received is a request of the peer.
type Received struct {
	PDU

	conn    *Conn
	settled atomic.Bool
	places  bool // it has a place in the peer's window
}

// Respond answers. A nil body is the empty response of the request. A bind that is answered OK
// makes the session a bound one. A second answer is ErrAnswered; an error of the connection
// means that the peer will not see this one.
func (r *Received) Respond(status Status, body Body) error {
	if body == nil {
		body = ResponseTo(r.Body.Command())
	}
	if body == nil || !r.settled.CompareAndSwap(false, true) {
		return ErrAnswered
	}
	r.conn.judged(r.Body.Command(), status)
	err := r.conn.Send(PDU{Status: status, Sequence: r.Sequence, Body: body})
	r.leave()
	return err
}

// Abandon leaves the request without an answer. It has no place in the window any more.
func (r *Received) Abandon() {
	if r.settled.CompareAndSwap(false, true) {
		r.leave()
	}
}

func (r *Received) leave() {
	if !r.places {
		return
	}
	<-r.conn.theirs
	r.conn.mu.Lock()
	defer r.conn.mu.Unlock()
	r.conn.settle()
}

// request takes a request of the peer. In a session that is broken nothing could answer it, and
// the peer will send it again.
func (c *Conn) request(ctx context.Context, p PDU) {
	switch command := p.Body.Command(); {
	case c.isBroken():
	case command == CommandEnquireLink: // answered in any state (5.0, 2.4)
		c.reply(PDU{Sequence: p.Sequence, Body: &EnquireLinkResp{}})
	case command == CommandUnbind:
		c.peerUnbinds(p.Sequence)
	case isUnknown(p.Body):
		c.reply(PDU{Status: RINVCMDID, Sequence: p.Sequence, Body: &GenericNack{}})
	case !c.allows(command):
		c.refuse(p, RINVBNDSTS)
	default:
		c.hand(ctx, p)
	}
}

// hand gives a request to the owner once there is a place for it.
func (c *Conn) hand(ctx context.Context, p PDU) {
	r := &Received{PDU: p, conn: c, places: ResponseTo(p.Body.Command()) != nil}
	if r.places {
		select {
		case c.theirs <- struct{}{}:
		case <-c.broken:
			return
		}
	}
	c.o.Handle(ctx, r)
}

func (c *Conn) isBroken() bool {
	select {
	case <-c.broken:
		return true
	default:
		return false
	}
}

func isUnknown(body Body) bool {
	_, unknown := body.(*Unknown)
	return unknown
}

// allows reports whether the peer may send a command in this state (3.4, table 2-1). An SMSC
// that sends to a client which has not heard of its bind yet is borne with.
func (c *Conn) allows(command Command) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.o.Role == ESME:
		return command == CommandDeliverSM || command == CommandDataSM ||
			command == CommandAlertNotification || command == CommandOutbind
	case command.IsBind():
		allowed := c.bound == 0 && !c.binding
		c.binding = c.binding || allowed
		return allowed
	case command == CommandDeliverSM || command == CommandAlertNotification || command == CommandOutbind:
		return false
	default:
		return c.bound.Submits()
	}
}

// judged notes what became of a bind. It stands before the answer is written, for the peer may
// go on at once.
func (c *Conn) judged(command Command, status Status) {
	if !command.IsBind() {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.binding = false
	if status == OK {
		c.bound = command
	}
}

// peerUnbinds notes the peer's unbind. It is answered once nothing is under way any more, or
// has had its time.
func (c *Conn) peerUnbinds(sequence uint32) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.unbind = &sequence
	c.closing = true
	c.unbindAt = time.Now()
	c.settle()
}
