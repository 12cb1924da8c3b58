package engine

import (
	"context"
	"sync"
	"time"

	"relais/campaign/ledger"
	"relais/sms"
)

const (
	// aheadFor is how long the lane of a campaign has something to send when nobody feeds it.
	aheadFor = 30 * time.Second
	// leastWaiting and mostWaiting bound how many messages that is: a pause has that many to take
	// back, and opt-outs and hours are looked at when a row is fed.
	leastWaiting, mostWaiting = 2 * together, 2000
	// aTurn is how many rows a campaign feeds before the next one has its turn.
	aTurn = 8 * together
	// busy is how long a campaign waits at least between turns.
	busy = 100 * time.Millisecond
)

// ahead is how many messages of a campaign wait for their connector at most.
func (f *Feeder) ahead(c *ledger.Campaign) int {
	rate := f.Gateway.Rate(c.Connector)
	if rate == 0 {
		return mostWaiting
	}
	return int(min(max(rate*aheadFor.Seconds(), leastWaiting), mostWaiting))
}

// course is what the loop that feeds remembers of a campaign.
type course struct {
	pace   pace
	cursor int // the row up to which it was followed
	every  time.Duration

	following, takingBack, counting seldom
}

func (f *Feeder) courseOf(c *ledger.Campaign) *course {
	k := f.courses[c.ID]
	if k == nil {
		k = &course{}
		f.courses[c.ID] = k
	}
	return k
}

// until is how long a campaign waits for its next turn, where there was room for so many
// messages: until about half of what may wait has left.
func (k *course) until(room, ahead int) time.Duration {
	const half, quarter = 2, 4
	switch {
	case room*half > ahead:
		k.every /= half
	case room*quarter < ahead:
		k.every *= half
	}
	k.every = min(max(k.every, busy), look)
	return k.every
}

// seldom keeps work that finds nothing from taking more than a part of the time: what it
// takes grows with the rows of a campaign that wait for receipts.
type seldom struct{ after time.Time }

// do works, unless it found nothing a moment ago.
func (s *seldom) do(work func() (useful bool, err error)) error {
	const part, most = 20, 5 * time.Second // a stall of the database says nothing of the next time
	begun := time.Now()
	if begun.Before(s.after) {
		return nil
	}
	useful, err := work()
	s.after = time.Time{}
	if !useful && err == nil {
		s.after = time.Now().Add(min(part*time.Since(begun), most))
	}
	return err
}

// leads are the fences by which this node works on campaigns.
type leads struct {
	mu  sync.Mutex
	has map[sms.ID]int64
}

// lead makes a node the one that works on a campaign, where it is not yet: what another one
// does since is refused, and what this one does after another became it.
func (f *Feeder) lead(ctx context.Context, claim ledger.Claim) error {
	f.leads.mu.Lock()
	defer f.leads.mu.Unlock()
	if fence, known := f.leads.has[claim.Campaign]; known && fence == claim.Fence {
		return nil
	}
	err := f.Desk.Store.Lead(ctx, claim)
	if err == nil {
		f.leads.has[claim.Campaign] = claim.Fence
	}
	return err
}

// leave forgets that this node leads a campaign.
func (f *Feeder) leave(id sms.ID) {
	f.leads.mu.Lock()
	defer f.leads.mu.Unlock()
	delete(f.leads.has, id)
}
