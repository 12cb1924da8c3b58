package smpp

import (
	"context"
	"errors"
	"time"
)

// errOrderly is the cause of an end by our own unbind.
var errOrderly = errors.New("unbound")

// Serve reads what the peer sends, answers what needs no thought, keeps the time, and returns
// when the session is over: nil after Conn.Unbind, ErrUnbound after the peer's, else why. When
// ctx ends, it closes the connection without unbind.
func (c *Conn) Serve(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer c.finish()
	defer cancel()
	stop := context.AfterFunc(ctx, func() { c.fail(context.Cause(ctx)) })
	defer stop()
	for {
		if err := c.keepTime(); err != nil {
			return outcome(c.end(err))
		}
		p, err := c.reader.Next()
		if isTimeout(err) {
			c.noticeHalf(time.Now())
			continue
		}
		if err := c.take(ctx, p, err); err != nil {
			return outcome(c.end(err))
		}
	}
}

// outcome is what Serve tells of an end.
func outcome(cause error) error {
	if errors.Is(cause, errOrderly) {
		return nil
	}
	return cause
}

// end is why the session is over when a read ended with err.
func (c *Conn) end(err error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cause == nil {
		c.failLocked(err)
	}
	return c.cause
}

func (c *Conn) finish() {
	c.fail(ErrClosed) // if nothing else was the cause
	c.nc.Close()
	c.mu.Lock()
	defer c.mu.Unlock()
	close(c.done)
}

// take handles what was read. An error ends the session.
func (c *Conn) take(ctx context.Context, p PDU, err error) error {
	if broken, ok := errors.AsType[*BodyError](err); ok {
		c.hear()
		c.trace(false, p)
		c.refuse(p, broken.Status)
		return nil
	}
	if frame, ok := errors.AsType[*FrameError](err); ok {
		c.reply(PDU{Status: RINVCMDLEN, Body: &GenericNack{}})
		return frame
	}
	if err != nil {
		return err
	}
	c.hear()
	c.trace(false, p)
	if p.Body.Command().IsResponse() {
		return c.match(p)
	}
	c.request(ctx, p)
	return nil
}

// reply writes what the session answers by itself. Where that fails the session ends by it.
func (c *Conn) reply(p PDU) {
	if err := c.Send(p); err != nil {
		c.fail(err)
	}
}

// hear notes a sign of life: any PDU is one (5.0, 4.1.2).
func (c *Conn) hear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.heard, c.half, c.asked = time.Now(), time.Time{}, time.Time{}
	if c.alive != nil {
		close(c.alive)
		c.alive = nil
	}
}

// refuse answers a request that is refused for its form; a response has nothing to be answered.
func (c *Conn) refuse(p PDU, status Status) {
	command := p.Body.Command()
	if command.IsResponse() {
		c.stray(p)
		return
	}
	response := ResponseTo(command)
	if response == nil {
		response = &GenericNack{}
	}
	c.reply(PDU{Status: status, Sequence: p.Sequence, Body: response})
}

func (c *Conn) stray(p PDU) {
	if c.o.Stray != nil {
		c.o.Stray(p)
	}
}

// match finds the request of a response: by its sequence_number, and never by its place.
func (c *Conn) match(p PDU) error {
	late, err := c.settleBy(p)
	if late != nil {
		late(p)
	}
	if err != nil {
		c.stray(p)
	}
	switch {
	case err != nil && !errors.Is(err, errNotAsked):
		return err
	case isNack(p) && (p.Sequence == 0 || p.Status == RINVCMDLEN):
		return ErrNack // the peer does not find the beginning of our PDUs
	default:
		return nil
	}
}

// errNotAsked is a response to nothing that was asked, which ends no session.
var errNotAsked = errors.New("a response to nothing")

func isNack(p PDU) bool { return p.Body.Command() == CommandGenericNack }

// settleBy gives a response to who waits for its request; late is who is told because nobody
// does any more.
func (c *Conn) settleBy(p PDU) (late func(PDU), err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	asked, found := c.table[p.Sequence]
	refused := isNack(p) && p.Status != OK
	switch {
	case !found:
		return nil, errNotAsked
	case !refused && p.Body.Command() != asked.request.Response():
		return nil, ErrWrong
	}
	c.remove(p.Sequence, asked, true)
	switch {
	case asked.request == CommandUnbind:
		c.failLocked(errOrderly) // before the peer closes, which would be the cause else
	case asked.request.IsBind() && p.Status == OK:
		c.bound = asked.request
	}
	if asked.abandoned.IsZero() {
		asked.answer <- p // of one: it has room
		return nil, nil
	}
	return asked.late, nil
}

// keepTime does what is due, and sets when Next looks at the time again. An error ends the
// session.
func (c *Conn) keepTime() error {
	for {
		due, err := c.judge(time.Now())
		switch {
		case err != nil:
			return err
		case due.enquire:
			c.enquire()
		case due.unbind != nil:
			c.answerUnbind(*due.unbind)
		default:
			return nil
		}
	}
}

// duties are what the clock asks for.
type duties struct {
	enquire bool
	unbind  *uint32
}

// judge looks at every timer. It sets the deadline of reads itself, under the lock, so that
// wake is not overwritten by a judgement of before.
func (c *Conn) judge(now time.Time) (duties, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	next := now.Add(c.o.Timers.Half) // to look whether there is half a PDU
	passed := func(at time.Time, timer time.Duration) bool {
		at = at.Add(timer)
		if now.Before(at) {
			if at.Before(next) {
				next = at
			}
			return false
		}
		return true
	}
	t := c.o.Timers
	var due duties
	switch {
	case !c.ends.IsZero():
		if passed(c.ends, 0) {
			return due, c.cause
		}
	case c.o.Role == SMSC && c.bound == 0 && passed(c.began, t.Init):
		return due, ErrNotBound
	case !c.half.IsZero() && passed(c.half, t.Half):
		return due, ErrHalf
	case !c.asked.IsZero() && passed(c.asked, t.Alive):
		return due, ErrSilent
	case c.mute(passed):
		return due, ErrMute
	case c.unbind != nil && (c.isDrained() || passed(c.unbindAt, t.Response)):
		due.unbind = c.unbind
	case c.bound != 0 && t.Enquire > 0 && c.asked.IsZero() && passed(c.heard, t.Enquire):
		due.enquire = true
	}
	_ = c.nc.SetReadDeadline(next) // where it fails the read does too, and says why
	return due, nil
}

func (c *Conn) isDrained() bool {
	select {
	case <-c.drained:
		return true
	default:
		return false
	}
}

// mute reports whether every place in the window is held by a request that nobody waits for
// any more, for as long again as one is waited for: such a peer answers enquire_link and
// nothing else. The lock is held.
func (c *Conn) mute(passed func(time.Time, time.Duration) bool) bool {
	return c.given > 0 && c.given >= c.window.now() && passed(c.gaveUp, c.o.Timers.Response)
}

// noticeHalf notes since when a part of a PDU is there.
func (c *Conn) noticeHalf(now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.half.IsZero() && c.reader.Half() {
		c.half = now
	}
}

// enquire asks for a sign of life. Whatever comes is one, so that nobody waits for the response
// itself; requests wait for the sign.
func (c *Conn) enquire() {
	c.mu.Lock()
	delete(c.table, c.enquired) // a peer that never answers it fills nothing
	c.asked, c.alive, c.enquired = time.Now(), make(chan struct{}), c.next()
	c.table[c.enquired] = &pending{request: CommandEnquireLink, answer: make(chan PDU, 1)}
	sequence := c.enquired
	c.mu.Unlock()
	c.reply(PDU{Sequence: sequence, Body: &EnquireLink{}})
}

// answerUnbind answers the peer's unbind, and reads on until the peer has closed: a connection
// that is closed with something unread is reset, and the answer lost.
func (c *Conn) answerUnbind(sequence uint32) {
	c.reply(PDU{Sequence: sequence, Body: &UnbindResp{}})
	if half, ok := c.nc.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite() // the connection is over in any case
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.unbind = nil
	c.failLocked(ErrUnbound)
	c.ends = time.Now().Add(c.o.Timers.Unbind)
}
