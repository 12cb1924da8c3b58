package postgres

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

// A quota for single numbers counts the messages of people. A node that alone writes messages
// remembers how many each person has at most, so that it asks the database once and not each
// time. A row of settings names the node that relies on that; each transaction that writes
// messages, of whichever node, checks it, and who finds another name takes it out first.

const (
	// claimPeople names a node where none is named.
	claimPeople = `INSERT INTO settings AS s (name, value) VALUES ('people_known_by', $1)
	ON CONFLICT (name) DO UPDATE SET value = excluded.value WHERE s.value IN ('', excluded.value) RETURNING true`
	leavePeople = "UPDATE settings SET value = '' WHERE name = 'people_known_by' AND value = $1"
	// sharePeople takes another node's name out.
	sharePeople = `UPDATE settings SET value = '' WHERE name = 'people_known_by' AND value <> $1`
	// checkPeople divides by zero where another is named than those that may be.
	checkPeople = `SELECT 1 / (1 - count(*)) FROM settings WHERE name = 'people_known_by' AND value <> ALL ($1::text[])`

	divisionByZero = "22012"
)

const (
	// mostNear bounds what a node remembers.
	mostNear = 50_000
	// betweenClaims is how long a node counts in the database after another one wrote messages: where
	// several do, none remembers.
	betweenClaims = time.Minute
)

// recipient is whom an account writes to.
type recipient struct{ account, number string }

// people are those of whom a node remembers how many messages they have.
type people struct {
	node   string
	claims time.Duration // see betweenClaims

	mu        sync.Mutex
	asked     bool // a quota looked at people; before, nothing of them is kept
	uncounted int  // transactions under way that began before
	term      int  // of relying on what is known; 0: the node does not
	terms     int  // so far
	lost      time.Time
	near      map[recipient]*near
}

// near is what is known of a person. Of messages that are under way it is not known whether the
// database has counted them: there may be fewer than are known, and never more.
type near struct {
	known    bool
	since    time.Time
	messages int // since then, at most
	added    int // ever
	underWay int // being written
}

func newPeople(node string) *people {
	return &people{node: node, claims: betweenClaims, near: map[recipient]*near{}}
}

// reliance is that of a transaction that writes messages, and on what it relies.
type reliance struct {
	term    int
	names   []string // that may stand in the row
	counted bool
	adds    map[recipient]int
}

// begin counts messages that are about to be written.
func (p *people) begin(all []recipient) *reliance {
	p.mu.Lock()
	defer p.mu.Unlock()
	w := &reliance{term: p.term, names: []string{p.node}, counted: p.asked}
	if w.term == 0 {
		w.names = append(w.names, "")
	}
	if !w.counted {
		p.uncounted++
		return w
	}
	w.adds = make(map[recipient]int, len(all))
	for _, who := range all {
		n := p.near[who]
		if n == nil {
			n = &near{}
			p.near[recipient{who.account, strings.Clone(who.number)}] = n
		}
		n.messages++
		n.added++
		n.underWay++
		w.adds[who]++
	}
	return w
}

// end is for messages that were written, or were not.
func (p *people) end(w *reliance) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !w.counted {
		p.uncounted--
	}
	for who, times := range w.adds {
		n := p.near[who]
		if n.underWay -= times; n.underWay == 0 && (!n.known || len(p.near) > mostNear) {
			delete(p.near, who)
		}
	}
}

// look is a person whose messages the database counts, and what was known before.
type look struct {
	near
	times int // messages of the transaction
}

// unknown are those of a transaction of whom it is not known that they have fewer than least
// messages since a time.
func (p *people) unknown(w *reliance, all []recipient, since time.Time, least int) map[recipient]*look {
	p.mu.Lock()
	defer p.mu.Unlock()
	looks := map[recipient]*look{}
	for _, who := range all {
		n := p.near[who]
		if w.term > 0 && n != nil && n.known && !since.Before(n.since) && n.messages <= least {
			continue
		}
		l := looks[who]
		if l == nil {
			l = &look{}
			looks[who] = l
		}
		if l.times++; n != nil {
			l.near = *n
		}
	}
	return looks
}

// learn takes in what the database counted, up to least, and returns who may have more than that
// now.
func (p *people) learn(
	w *reliance, looks map[recipient]*look, counted map[recipient]int, since time.Time, least int,
) map[recipient]bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	suspects := map[recipient]bool{}
	for who, l := range looks {
		messages, n := counted[who]+max(l.underWay, l.times), p.near[who]
		if n != nil {
			messages += n.added - l.added
		}
		suspects[who] = messages > least
		if n != nil && w.term > 0 && w.term == p.term {
			n.known, n.since, n.messages = counted[who] < least, since, messages
		}
	}
	return suspects
}

// lose forgets what is known: another node writes messages too.
func (p *people) lose() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.term, p.lost = 0, time.Now()
	for who, n := range p.near {
		if n.known = false; n.underWay == 0 {
			delete(p.near, who)
		}
	}
}

// wants reports whether the node, whose quotas look at people, should have itself named.
func (p *people) wants() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked = true
	return p.term == 0 && p.uncounted == 0 && time.Since(p.lost) >= p.claims
}

func (p *people) relies() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.term > 0
}

// claimPeople has this node named, where no other is.
func (s *Store) claimPeople(ctx context.Context) error {
	if !s.people.wants() {
		return nil
	}
	var named bool
	err := s.pool.QueryRow(ctx, claimPeople, s.people.node).Scan(&named)
	if err != nil || !named {
		return ignoreNone(err)
	}
	s.people.mu.Lock()
	defer s.people.mu.Unlock()
	s.people.terms++
	s.people.term = s.people.terms
	return nil
}

// writeTo writes messages to people in a transaction that runs checkPeople. When another node is
// named it is done again, once nobody is.
func (s *Store) writeTo(ctx context.Context, all []recipient, write func(*reliance) error) error {
	for {
		w := s.people.begin(all)
		err := write(w)
		s.people.end(w)
		if sqlState(err) != divisionByZero {
			return err
		}
		s.people.lose()
		if _, err := s.pool.Exec(ctx, sharePeople, s.people.node); err != nil {
			return err
		}
	}
}

// leavePeople lets another process, such as the next run of this node, be named at once.
func (s *Store) leavePeople() {
	ctx, stop := context.WithTimeout(context.Background(), time.Second)
	defer stop()
	// Whoever finds the name takes it out as well.
	_, _ = s.pool.Exec(ctx, leavePeople, s.people.node)
}

func (w *reliance) queueCheck(batch *pgx.Batch) { batch.Queue(checkPeople, w.names) }
