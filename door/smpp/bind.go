package smpp

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"net/netip"
	"slices"
	"sync"
	"time"

	"relais/auth"
	"relais/smpp"
)

// name is what the door calls itself in the answer to a bind.
const name = "Relais"

// bind lets a client in. What is wrong is said in the log: clients take RINVPASWD and RINVSYSID
// for a reason to give up for good, and RALYBND for success (observed: Kannel).
func (s *session) bind(r *smpp.Received, b *smpp.Bind) {
	c, why := s.door.login(b, s.from)
	if why != "" {
		s.refuse(r, why)
		return
	}
	if s.door.stopping.Err() != nil {
		s.respond(r, smpp.RBINDFAIL, nil)
		return
	}
	if s.admit(c, b) {
		s.accept(r, b, c)
		return
	}
	s.workers.Go(func() { s.replace(r, b, c) })
}

// login finds the client of a bind. A system id that does not exist takes as long as a wrong
// password.
func (d *Door) login(b *smpp.Bind, from netip.Addr) (c *client, why string) {
	c, known := d.clients[b.SystemID]
	var want string
	if known {
		want = c.Password
	}
	right := d.right(c, want, b.Password)
	switch {
	case !known:
		return nil, "no such system id"
	case !right:
		return nil, "wrong password"
	case len(c.AllowFrom) > 0 && !slices.ContainsFunc(c.AllowFrom, func(n netip.Prefix) bool { return n.Contains(from) }):
		return nil, "the client may not come from that address"
	default:
		return c, ""
	}
}

// right reports whether a password is the one that is wanted, or of the hash that is. Hashes are made to
// take long: few at a time, and what was right is known again.
func (d *Door) right(c *client, want, given string) bool {
	sum := sha256.Sum256([]byte(given))
	if !auth.IsPasswordHash(want) {
		wanted := sha256.Sum256([]byte(want))
		return subtle.ConstantTimeCompare(sum[:], wanted[:]) == 1 && want != ""
	}
	if proved := c.proved.Load(); proved != nil && subtle.ConstantTimeCompare(sum[:], proved[:]) == 1 {
		return true
	}
	d.hashing <- struct{}{}
	defer func() { <-d.hashing }()
	if !auth.MatchesPassword(want, given) {
		return false
	}
	c.proved.Store(&sum)
	return true
}

// refuse answers a login that failed, after a while: who guesses shall not do it fast. What
// the client calls itself may be anything, a password too, and is not logged.
func (s *session) refuse(r *smpp.Received, why string) {
	d := s.door
	d.Metrics.refused()
	d.guard.Fail(s.from, d.Now())
	select {
	case d.guard.refusing <- struct{}{}:
	default: // a storm
		s.conn.Close()
		return
	}
	d.Log.Warn("a bind was refused", "door", "smpp", "why", why)
	s.workers.Go(func() {
		defer func() { <-d.guard.refusing }()
		d.wait(refusalPutsOff)
		s.respond(r, smpp.RBINDFAIL, nil)
		s.conn.Close()
	})
}

func (s *session) respond(r *smpp.Received, status smpp.Status, body smpp.Body) {
	if err := r.Respond(status, body); err != nil {
		s.door.Log.Debug("an answer did not leave", "door", "smpp", "error", err)
	}
}

// admit makes the session one of the client's, if there is room.
func (s *session) admit(c *client, b *smpp.Bind) bool {
	s.mu.Lock()
	s.client, s.version, s.places = c, b.InterfaceVersion, make(chan struct{}, c.Window)
	s.mu.Unlock()
	if c.add(s) {
		return true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.client = nil
	return false
}

// accept answers a bind that stands.
func (s *session) accept(r *smpp.Received, b *smpp.Bind, c *client) {
	d := s.door
	d.lobby.leave(s)
	d.guard.Clear(s.from)
	d.Metrics.began(c.systemID, b.Kind)
	d.Log.Info("a client bound", "door", "smpp", "system_id", c.systemID, "bind", b.Kind.String())
	answer := &smpp.BindResp{Kind: b.Kind, SystemID: name}
	if !s.old() {
		answer.TLVs = smpp.TLVs{smpp.NumberTLV(smpp.TagSCInterfaceVersion, 1, version34)}
	}
	s.respond(r, smpp.OK, answer)
	d.Changed()
}

// forced is how long a bind that stands has to give a sign of life when another wants its place.
const forced = 5 * time.Second

// replace looks whether binds of the client are dead without a word, as they are after a connection
// was cut (observed: uudashr/jsmpp#54), and gives the place of one to the new one. All are asked at once.
func (s *session) replace(r *smpp.Received, b *smpp.Bind, c *client) {
	var asking sync.WaitGroup
	for _, one := range c.standing() {
		asking.Go(func() {
			if !one.alive(s.door.stopping) {
				one.conn.Close()
				c.remove(one)
			}
		})
	}
	asking.Wait()
	if s.admit(c, b) {
		s.accept(r, b, c)
		return
	}
	s.door.Log.Warn("a bind was refused", "door", "smpp", "system_id", c.systemID, "why", "the client has as many binds as it may", "max_binds", c.MaxBinds)
	s.door.Metrics.refused()
	s.respond(r, smpp.RBINDFAIL, nil)
	s.conn.Close()
}

// alive reports whether the client of a bind answers.
func (s *session) alive(ctx context.Context) bool {
	asking, cancel := context.WithTimeout(ctx, forced)
	defer cancel()
	_, _, err := s.conn.Request(asking, &smpp.EnquireLink{}, nil)
	return err == nil
}
