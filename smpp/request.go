package smpp

import (
	"context"
	"fmt"
	"time"
)

// Request sends a request and waits for its response: until ctx ends, the timer of responses
// has run out, or the session is over. What is known of it is told by Delivery; err is nil if
// it was answered, whatever the status of the answer is.
//
// A request that was written and not answered keeps its place in the window, and its entry:
// when the response comes after all, late is called with it, in the goroutine of Serve. late
// may be nil. What was not answered when the session ended is never answered.
//
// When the peer has been silent for long, the request waits until it has given a sign of life: a
// link may be dead without a word.
func (c *Conn) Request(ctx context.Context, body Body, late func(PDU)) (PDU, Delivery, error) {
	return c.inWindow(ctx, body, &pending{late: late})
}

// RequestThen is Request, and calls written once the request was handed over, before its response is waited for: what its
// caller sends then, the peer reads after it. It is not called for a request that was not written whole.
func (c *Conn) RequestThen(ctx context.Context, body Body, written func()) (PDU, Delivery, error) {
	return c.inWindow(ctx, body, &pending{written: written})
}

// inWindow waits for a place in the window, and asks.
func (c *Conn) inWindow(ctx context.Context, body Body, p *pending) (PDU, Delivery, error) {
	if alive := c.doubtful(); alive != nil {
		select {
		case <-alive:
		case <-ctx.Done():
			return PDU{}, NotWritten, ctx.Err()
		case <-c.broken:
			return PDU{}, NotWritten, c.failed()
		}
	}
	select {
	case <-c.window.places:
	case <-ctx.Done():
		return PDU{}, NotWritten, ctx.Err()
	case <-c.broken:
		return PDU{}, NotWritten, c.failed()
	}
	p.places = true
	return c.ask(ctx, body, p, c.o.Timers.Response)
}

// doubtful is what is closed when the peer has given the sign of life that it was asked for;
// nil when it was asked for none.
func (c *Conn) doubtful() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.alive
}

// ask registers a request before it writes it, for the response may come before the write
// returns.
func (c *Conn) ask(ctx context.Context, body Body, p *pending, limit time.Duration) (PDU, Delivery, error) {
	p.request, p.answer = body.Command(), make(chan PDU, 1)
	sequence, err := c.register(p)
	if err != nil {
		if p.places {
			c.window.free(false)
		}
		return PDU{}, NotWritten, err
	}
	whole, err := c.write(PDU{Sequence: sequence, Body: body})
	if err != nil && !whole {
		c.forget(sequence)
		return PDU{}, NotWritten, err
	}
	if p.written != nil {
		p.written()
	}
	return c.await(ctx, sequence, p, limit)
}

func (c *Conn) register(p *pending) (sequence uint32, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.cause != nil:
		return 0, c.cause
	case c.closing && p.places:
		return 0, ErrClosing
	}
	sequence = c.next()
	c.table[sequence] = p
	return sequence, nil
}

// NextSequence takes a sequence_number, for Conn.Send.
func (c *Conn) NextSequence() uint32 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.next()
}

// next is the next sequence_number; one that is outstanding since the last round is skipped.
func (c *Conn) next() uint32 {
	for {
		c.sequence++
		if c.sequence > maxSequence {
			c.sequence = 1
		}
		if _, outstanding := c.table[c.sequence]; !outstanding {
			return c.sequence
		}
	}
}

// forget takes a request back that was not written.
func (c *Conn) forget(sequence uint32) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if p, ok := c.table[sequence]; ok {
		c.remove(sequence, p, false)
	}
}

// remove takes a request out of the table. The lock is held.
func (c *Conn) remove(sequence uint32, p *pending, answered bool) {
	delete(c.table, sequence)
	if !p.abandoned.IsZero() {
		c.given--
	}
	if p.places {
		c.window.free(answered)
	}
	c.settle()
}

func (c *Conn) await(ctx context.Context, sequence uint32, p *pending, limit time.Duration) (PDU, Delivery, error) {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	cause := ErrNoAnswer
	select {
	case answer := <-p.answer:
		return answer, Answered, nil
	case <-timer.C:
	case <-ctx.Done():
		cause = ctx.Err()
	case <-c.done:
		cause = c.failed()
	}
	c.abandon(sequence, p)
	select {
	case answer := <-p.answer: // it came at the last moment
		return answer, Answered, nil
	default:
		return PDU{}, Written, fmt.Errorf("%s: %w", p.request, cause)
	}
}

// abandon marks a request that nobody waits for any more; one that has been answered is not in
// the table.
func (c *Conn) abandon(sequence uint32, p *pending) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.table[sequence]; !ok {
		return
	}
	if p.places {
		p.abandoned = time.Now()
		c.given, c.gaveUp = c.given+1, p.abandoned
	} else {
		delete(c.table, sequence)
	}
	c.settle()
	c.wake()
}

// settle notices that a session which takes no further request has nothing left to wait for.
// The lock is held.
func (c *Conn) settle() {
	if !c.closing || len(c.theirs) > 0 {
		return
	}
	for _, p := range c.table {
		if p.places && p.abandoned.IsZero() {
			return
		}
	}
	select {
	case <-c.drained:
	default:
		close(c.drained)
		c.wake()
	}
}

// Bind asks the SMSC for a session. A refusal is a *StatusError.
func (c *Conn) Bind(ctx context.Context, bind *Bind) (*BindResp, error) {
	answer, _, err := c.ask(ctx, bind, &pending{}, c.o.Timers.Init)
	if err != nil {
		return nil, err
	}
	if answer.Status != OK {
		return nil, &StatusError{Command: bind.Kind, Status: answer.Status, Info: answer.Info()}
	}
	response, _ := answer.Body.(*BindResp) // a nack has a status
	return response, nil
}

// Unbind ends the session in order: no further request is taken, those under way, the peer's
// too, have until ctx ends, then unbind is sent and its response waited for. Serve returns nil
// after it.
func (c *Conn) Unbind(ctx context.Context) error {
	c.mu.Lock()
	c.closing = true
	c.settle()
	c.mu.Unlock()
	select {
	case <-c.drained:
	case <-ctx.Done():
	case <-c.broken:
		return c.failed()
	}
	_, _, err := c.ask(context.WithoutCancel(ctx), &Unbind{}, &pending{}, c.o.Timers.Unbind)
	c.fail(errOrderly)
	return err
}
