package smsc

import (
	"context"
	"slices"
	"sync"
	"time"

	"relais/smpp"
)

// delivery is a receipt or a reply on its way to the ESME.
type delivery struct {
	body      *smpp.DeliverSM
	session   *session  // by which it goes, while that is there; nil: any
	elsewhere bool      // by another than that, where there is one
	then      *delivery // goes once this one was acknowledged; nil: nothing
}

// queue is what waits for an ESME, in order.
type queue struct {
	mu     sync.Mutex
	news   *sync.Cond
	all    []*delivery
	out    int // on their way
	closed bool
}

func newQueue() *queue {
	q := &queue{}
	q.news = sync.NewCond(&q.mu)
	return q
}

func (q *queue) put(d *delivery) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.all = append(q.all, d)
	q.news.Broadcast()
}

func (q *queue) rouse() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.news.Broadcast()
}

func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.news.Broadcast()
}

func (q *queue) length() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.all) + q.out
}

// next waits for what may go by a session; nil at the end of the session, and of the queue.
func (q *queue) next(s *session) *delivery {
	q.mu.Lock()
	defer q.mu.Unlock()
	for !q.closed && s.receives() {
		at := slices.IndexFunc(q.all, func(d *delivery) bool { return d.goesBy(s) })
		if at < 0 {
			q.news.Wait()
			continue
		}
		d := q.all[at]
		q.all = slices.Delete(q.all, at, at+1)
		q.out++
		return d
	}
	return nil
}

// done is called for what next gave; back: it goes again.
func (q *queue) done(d *delivery, back bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.out--
	if back {
		q.all = append(q.all, d)
	}
	q.news.Broadcast()
}

// goesBy reports whether a delivery may go by a session.
func (d *delivery) goesBy(s *session) bool {
	switch {
	case d.session == nil || !d.session.receives():
		return true
	case d.elsewhere:
		return d.session != s || !s.others()
	default:
		return d.session == s
	}
}

// deliverWindow is how many deliveries of a session wait for their answer at once.
const deliverWindow = 10

// deliver takes deliveries to the session until it ends.
func (s *session) deliver() {
	var under sync.WaitGroup
	for range deliverWindow {
		under.Go(func() {
			for d := s.smsc.queue.next(s); d != nil; d = s.smsc.queue.next(s) {
				s.carry(d)
			}
		})
	}
	<-s.conn.Done()
	s.smsc.queue.rouse()
	under.Wait()
}

// carry makes one delivery. What was not acknowledged comes again, after a while where the ESME
// said that it has trouble.
func (s *session) carry(d *delivery) {
	s.smsc.count.Pushed.Add(1)
	answer, delivery, err := s.conn.Request(s.smsc.quit, d.body, nil)
	taken := err == nil && delivery == smpp.Answered && answer.Status == smpp.OK
	if taken {
		s.smsc.count.Acknowledged.Add(1)
		if d.then != nil {
			s.smsc.queue.put(d.then)
		}
	}
	if err == nil && !taken {
		s.stay(deliverPause)
	}
	s.smsc.queue.done(d, !taken)
}

// deliverPause is how long the SMSC waits before it delivers again what was refused.
const deliverPause = 500 * time.Millisecond

// deliverFirst makes a delivery before anything else goes on, and puts it in the queue if it
// fails.
func (s *session) deliverFirst(ctx context.Context, body *smpp.DeliverSM) {
	s.smsc.count.Pushed.Add(1)
	answer, known, err := s.conn.Request(ctx, body, nil)
	if err == nil && known == smpp.Answered && answer.Status == smpp.OK {
		s.smsc.count.Acknowledged.Add(1)
		return
	}
	s.smsc.queue.put(&delivery{body: body, session: s})
}
