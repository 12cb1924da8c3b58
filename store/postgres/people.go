package postgres

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

// A quota for single numbers counts the messages of people. A node that alone writes messages
// remembers how many each person has at most, so that it asks the database once and not each
// time. A row of settings names the node that relies on that, and for which term; each
// transaction that writes messages, of whichever node, shares a lock until it ends, and looks for
// the name that it knows. Who changes the name has the lock alone: what was written under another
// name can be seen then, and nothing more is.

const (
	// peopleLock is that lock, as migration 0041 has it.
	peopleLock = 7881696
	// lockPeople also tells the trigger of messages that the name is looked for.
	lockPeople = `SELECT pg_advisory_xact_lock_shared(7881696), set_config('relais.people', 'seen', true)`
	// checkPeople divides by zero where another is named. It is a statement of its own, for it has
	// to see what was written before it had the lock.
	checkPeople = "SELECT 1 / (1 - count(*)) FROM settings WHERE name = 'people_known_by' AND value <> $1"
	// renamePeople names a node, or nobody, in the place of another one, or of whoever is named.
	renamePeople = "UPDATE settings SET value = $1 WHERE name = 'people_known_by' AND (value = $2 OR $3)"

	divisionByZero   = "22012"
	lockNotAvailable = "55P03"
)

const (
	// mostNear bounds what a node remembers.
	mostNear = 50_000
	// betweenClaims is how long a node counts in the database after another one wrote messages: where
	// several do, none remembers.
	betweenClaims = time.Minute
	// claimWaits is how long a node that wants to be named waits for transactions under way: others
	// wait behind it.
	claimWaits = 200 * time.Millisecond
	// shareWaits is how long one waits to take out another's name. Then it does so beside transactions
	// under way: their node may be gone, and they with it only when its connection is given up.
	shareWaits = 2 * time.Second
)

// recipient is whom an account writes to.
type recipient struct{ account, number string }

// people are those of whom a node remembers how many messages they have.
type people struct {
	node   string
	claims time.Duration // see betweenClaims

	naming sync.Mutex // who changes the name, and what is relied on with it

	mu    sync.Mutex
	term  *term // nil: the node does not rely on what it knows
	terms int   // so far
	lost  time.Time
}

// term is what is known while a node is named.
type term struct {
	name string
	near map[recipient]*near
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

func newPeople(node string) *people { return &people{node: node, claims: betweenClaims} }

// reliance is that of a transaction that writes messages.
type reliance struct {
	term *term // nil: it relies on nothing
	adds map[recipient]int
}

// name has to stand in the row.
func (w *reliance) name() string {
	if w.term == nil {
		return ""
	}
	return w.term.name
}

// begin counts messages that are about to be written.
func (p *people) begin(all []recipient) *reliance {
	p.mu.Lock()
	defer p.mu.Unlock()
	w := &reliance{term: p.term}
	if w.term == nil {
		return w
	}
	w.adds = make(map[recipient]int, len(all))
	for _, who := range all {
		n := w.term.near[who]
		if n == nil {
			n = &near{}
			w.term.near[recipient{who.account, strings.Clone(who.number)}] = n
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
	for who, times := range w.adds {
		n := w.term.near[who]
		if n.underWay -= times; n.underWay == 0 && (!n.known || len(w.term.near) > mostNear) {
			delete(w.term.near, who)
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
		n := w.near(who)
		if n != nil && n.known && !since.Before(n.since) && n.messages <= least {
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

// near is nil where nothing is known.
func (w *reliance) near(who recipient) *near {
	if w.term == nil {
		return nil
	}
	return w.term.near[who]
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
		messages, n := counted[who]+max(l.underWay, l.times), w.near(who)
		if n != nil {
			messages += n.added - l.added
			n.known, n.since, n.messages = counted[who] < least, since, messages
		}
		suspects[who] = messages > least
	}
	return suspects
}

// lose forgets what is known: another node writes messages too, or it is not known what was
// written.
func (p *people) lose() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.term, p.lost = nil, time.Now()
}

// present is what the node relies on now; wants: on nothing, and it might.
func (p *people) present() (now *term, wants bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.term, p.term == nil && time.Since(p.lost) >= p.claims
}

// newTerm is one to begin. Its name is like none of before: a transaction of another term that is
// still under way, because its connection broke, fails.
func (p *people) newTerm() *term {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.terms++
	return &term{name: fmt.Sprintf("%s/%d", p.node, p.terms), near: map[recipient]*near{}}
}

func (p *people) rely(on *term) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.term = on
}

// claimPeople has this node named, where no other is.
func (s *Store) claimPeople(ctx context.Context) error {
	if _, wants := s.people.present(); !wants {
		return nil
	}
	s.people.naming.Lock()
	defer s.people.naming.Unlock()
	if _, wants := s.people.present(); !wants { // any more
		return nil
	}
	next := s.people.newTerm()
	named, err := s.renamePeople(ctx, claimWaits, next.name, "")
	switch {
	case err == nil && named:
		s.people.rely(next)
	case err == nil, sqlState(err) == lockNotAvailable:
		s.people.lose() // nothing; it is tried again later
		return nil
	}
	return err
}

// renamePeople names a node where another was, alone with the row.
func (s *Store) renamePeople(ctx context.Context, waits time.Duration, name, was string) (done bool, err error) {
	err = pgx.BeginTxFunc(ctx, s.pool, readCommitted, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, fmt.Sprintf("SET LOCAL lock_timeout = %d", waits.Milliseconds())); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock($1)", peopleLock); err != nil {
			return err
		}
		tag, err := tx.Exec(ctx, renamePeople, name, was, name == "")
		done = err == nil && tag.RowsAffected() > 0
		return err
	})
	return done, err
}

// writeTo writes messages to people in a transaction that looks who is named. When that is
// another than the transaction knows it is done again, once nobody is.
func (s *Store) writeTo(ctx context.Context, all []recipient, write func(*reliance) error) error {
	for {
		w := s.people.begin(all)
		err := write(w)
		s.people.end(w)
		if sqlState(err) != divisionByZero {
			if err != nil && !provesNothingKept(err) {
				s.people.lose()
			}
			return err
		}
		if err := s.sharePeople(ctx, w); err != nil {
			return err
		}
	}
}

// sharePeople takes out whoever is named, unless it is this node by now.
func (s *Store) sharePeople(ctx context.Context, w *reliance) error {
	s.people.naming.Lock()
	defer s.people.naming.Unlock()
	if now, _ := s.people.present(); now != w.term {
		return nil
	}
	s.people.lose()
	_, err := s.renamePeople(ctx, shareWaits, "", "")
	if sqlState(err) == lockNotAvailable {
		_, err = s.pool.Exec(ctx, renamePeople, "", "", true)
	}
	return err
}

// leavePeople lets another process, such as the next run of this node, be named at once.
func (s *Store) leavePeople() {
	now, _ := s.people.present()
	if now == nil {
		return
	}
	ctx, stop := context.WithTimeout(context.Background(), time.Second)
	defer stop()
	// Whoever finds the name takes it out as well.
	_, _ = s.pool.Exec(ctx, renamePeople, "", now.name, false)
}

// queueCheck comes before messages.
func (w *reliance) queueCheck(batch *pgx.Batch) {
	batch.Queue(lockPeople)
	batch.Queue(checkPeople, w.name())
}

func (w *reliance) check(ctx context.Context, tx pgx.Tx) error {
	batch := &pgx.Batch{}
	w.queueCheck(batch)
	return tx.SendBatch(ctx, batch).Close()
}
