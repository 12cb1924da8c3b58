package lane

import (
	"context"

	"relais/duty"
	"relais/internal/trial"
)

// dutyOf and the name of the instance are the name of a lane's duty.
const dutyOf = "lane:"

// Assign puts the duty of the lane on the roster, with its own chores and further ones.
func (l *Lane) Assign(more ...duty.Chore) {
	l.duty = &duty.Duty{
		Name: dutyOf + l.Name, Chores: append(l.chores(), more...),
		Begin: func(ctx context.Context) error { return l.set.Recover(ctx, l.Name) },
	}
	l.o.Roster.Add(l.duty)
}

// chores are the loops of the lane.
func (l *Lane) chores() []duty.Chore {
	awaiting, doubts, session, polling := awaiting{l}, doubts{l}, session{l}, polling{l}
	failover := &failover{Lane: l}
	var chores []duty.Chore
	for _, c := range []struct {
		name string
		has  bool
		work func(context.Context)
	}{
		{"dispatch", true, l.dispatch},
		{"await", true, awaiting.run},
		{"reconcile", l.Caps.Reconciler != nil, doubts.run},
		{"session", l.Caps.Runner != nil, session.run},
		{"poll", l.Caps.NewsPoller != nil, polling.run},
		{"failover", l.o.Fallbacks, failover.run},
	} {
		if c.has {
			chores = append(chores, duty.Chore{Name: c.name, Work: c.work})
		}
	}
	return chores
}

// Recover takes up what a dead process, or a node that lost its lease, was
// sending by a connector; empty: by any.
func (s *Set) Recover(ctx context.Context, connector string) error {
	trial.Reached(trial.Recovering)
	crashed, err := s.o.Store.Recover(ctx, connector, s.now())
	if err != nil {
		return err
	}
	trial.Reached(trial.Recovered)
	if crashed > 0 {
		s.o.Log.Warn("calls were cut by the end of an earlier run; their messages are held",
			"messages", crashed)
	}
	return nil
}
