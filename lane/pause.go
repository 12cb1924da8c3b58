package lane

import (
	"context"
	"sync"
	"time"

	"relais/reason"
	"relais/sms"
)

// Pause is a connector that a person stopped: nothing leaves through it until then.
type Pause struct {
	Connector string
	By        sms.Actor
	Why       string // in the words of the person
	At        time.Time
	Until     time.Time // zero: until somebody resumes it
	// Keep leaves messages where they are, though others could send them.
	Keep bool
}

// Over reports whether the pause has ended by itself.
func (p *Pause) Over(now time.Time) bool { return !p.Until.IsZero() && !now.Before(p.Until) }

// Outlook is what a pause of a connector would find.
type Outlook struct {
	Waiting int // queued messages
	Codes   int // one-time codes among them
	Movable int // those that have another connector on their route
}

// PauseStore keeps which connectors are paused, for every node.
type PauseStore interface {
	// Pauses returns those that are kept, ended or not.
	Pauses(ctx context.Context) ([]Pause, error)
	// KeepPause stores a pause, in the place of an earlier one of the connector. The audit
	// has it, with the address that it was asked from.
	KeepPause(ctx context.Context, p Pause, from string) error
	// DropPause ends the pause of a connector, and reports whether there was one. The
	// audit has it.
	DropPause(ctx context.Context, connector string, by sms.Actor, at time.Time, from string) (bool, error)
	// Outlook counts what waits for a connector.
	Outlook(ctx context.Context, connector string) (Outlook, error)
}

// PausesEvery is how soon a node learns what was paused at another one.
const PausesEvery = time.Second

// Pauses are the connectors that people paused. They stand in the database, so that they
// outlive a restart and hold on each node; what was read last is at hand for the lanes.
type Pauses struct {
	set *Set

	mu      sync.Mutex
	all     map[string]Pause // by connector
	changed chan struct{}    // closed at the next change
}

func newPauses(s *Set) *Pauses { return &Pauses{set: s, changed: make(chan struct{})} }

// Of returns the pause of a connector, if it is paused at this moment.
func (p *Pauses) Of(connector string) (Pause, bool) {
	one, paused, _ := p.look(connector)
	return one, paused
}

func (p *Pauses) look(connector string) (one Pause, paused bool, changed <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	one, kept := p.all[connector]
	return one, kept && !one.Over(p.set.now()), p.changed
}

// Read reads anew what is paused.
func (p *Pauses) Read(ctx context.Context) error {
	kept, err := p.set.o.Store.Pauses(ctx)
	if err != nil {
		return err
	}
	all := make(map[string]Pause, len(kept))
	for _, one := range kept {
		all[one.Connector] = one
	}
	p.mu.Lock()
	p.all = all
	close(p.changed)
	p.changed = make(chan struct{})
	p.mu.Unlock()
	p.show()
	return nil
}

// show shows in the metrics what is paused.
func (p *Pauses) show() {
	for _, name := range p.set.order {
		_, paused := p.Of(name)
		p.set.o.Metrics.setPaused(name, paused)
	}
}

// Round is Read as a chore. Where the database does not answer, what was read last holds.
func (p *Pauses) Round(ctx context.Context) {
	if err := p.Read(ctx); err != nil && ctx.Err() == nil {
		p.set.o.Log.Error("cannot read which connectors are paused", "error", err)
	}
}

// Keep pauses a connector. Calls under way go on.
func (p *Pauses) Keep(ctx context.Context, one Pause, from string) error {
	if err := p.set.o.Store.KeepPause(ctx, one, from); err != nil {
		return err
	}
	p.set.o.Log.Warn("a connector is paused",
		"connector", one.Connector, "by", one.By, "until", one.Until) // why is a person's own words
	p.Round(context.WithoutCancel(ctx))
	return nil
}

// Drop resumes a connector, and reports whether it was paused.
func (p *Pauses) Drop(
	ctx context.Context, connector string, by sms.Actor, from string,
) (was bool, err error) {
	was, err = p.set.o.Store.DropPause(ctx, connector, by, p.set.now(), from)
	if err != nil || !was {
		return was, err
	}
	p.set.o.Log.Info("a connector is resumed", "connector", connector, "by", by)
	p.Round(context.WithoutCancel(ctx))
	return true, nil
}

// Outlook counts what a pause of a connector would find.
func (p *Pauses) Outlook(ctx context.Context, connector string) (Outlook, error) {
	return p.set.o.Store.Outlook(ctx, connector)
}

// wait waits until a connector is not paused.
func (p *Pauses) wait(ctx context.Context, connector string) error {
	for ctx.Err() == nil {
		one, paused, changed := p.look(connector)
		if !paused {
			break
		}
		again := Idle // the clock may be set meanwhile
		if !one.Until.IsZero() {
			again = min(again, max(one.Until.Sub(p.set.now()), time.Millisecond))
		}
		timer := time.NewTimer(again)
		select {
		case <-ctx.Done():
		case <-changed:
		case <-timer.C:
		}
		timer.Stop()
	}
	return ctx.Err()
}

// paused returns the pause of the lane's connector, if it is paused.
func (l *Lane) paused() (Pause, bool) { return l.set.pauses.Of(l.Name) }

// Reason says who paused the connector, until when and why.
func (p *Pause) Reason() reason.Reason { return p.say(pausedByPerson, pausedByPersonUntil) }

// Notice says of a message that it waits for the end of the pause.
func (p *Pause) Notice() reason.Reason { return p.say(waitsPaused, waitsPausedUntil) }

// left says why new messages avoid the connector.
func (p *Pause) left() reason.Reason { return p.say(leftPaused, leftPausedUntil) }

// say chooses between a sentence without an end and one with it.
func (p *Pause) say(open, until reason.Code) reason.Reason {
	by := p.By.Name()
	if by == "" {
		by = string(p.By)
	}
	args := reason.Args{
		"connector": reason.Name(p.Connector), "by": reason.Name(by), "why": reason.Name(p.Why),
	}
	if p.Until.IsZero() {
		return reason.Of(open, args)
	}
	local := p.Until.Local()
	args["day"] = reason.Day(local.Format(time.DateOnly))
	args["time"] = reason.Clock(local.Hour()*60 + local.Minute())
	return reason.Of(until, args)
}

// Sentences say what a pause would do, for the person who is about to ask for it.
func (o Outlook) Sentences(keep bool) []reason.Reason {
	all := []reason.Reason{reason.Of(outlookWaiting, reason.Args{"count": reason.Count(o.Waiting)})}
	if o.Waiting == 0 {
		all[0] = reason.Of(outlookNothing, nil)
	}
	switch {
	case keep:
		all = append(all, reason.Of(outlookKeeps, nil))
	case o.Movable > 0:
		all = append(all, reason.Of(outlookMoves, reason.Args{"count": reason.Count(o.Movable)}))
	default:
		all = append(all, reason.Of(outlookRoutes, nil))
	}
	if o.Codes > 0 {
		all = append(all, reason.Of(outlookCodes, reason.Args{"count": reason.Count(o.Codes)}))
	} else {
		all = append(all, reason.Of(outlookNoCodes, nil))
	}
	return append(all, reason.Of(outlookStays, nil))
}
