package lane

import (
	"context"

	"relais/duty"
	"relais/internal/trial"
)

// dutyOf begins the name of a lane's duty; the name of the instance follows.
const dutyOf = "lane:"

// Assign puts the duty of the lane on the roster, with its own chores and further ones.
func (l *Lane) Assign(more ...duty.Chore) {
	l.duty = &duty.Duty{
		Name: dutyOf + l.Name, Chores: append(l.chores(), more...),
		Begin: func(ctx context.Context) error { return l.set.Recover(ctx, l.Name) },
	}
	l.o.Roster.Add(l.duty)
}

// chores are those that the abilities of the connector call for.
func (l *Lane) chores() []duty.Chore {
	chores := []duty.Chore{
		{Name: "dispatch", Every: l.o.LookEvery, On: "a message", Loop: l.dispatch},
		{Name: "await", Every: awaitEvery, Work: (&awaiting{Lane: l}).round},
	}
	add := func(has bool, c duty.Chore) {
		if has {
			chores = append(chores, c)
		}
	}
	add(l.Caps.Reconciler != nil,
		duty.Chore{Name: "reconcile", Every: reconcileEvery, Work: (&doubts{Lane: l}).round})
	add(l.Caps.Runner != nil,
		duty.Chore{Name: "session", Every: maxSessionPause, On: "its end", Loop: session{l}.run})
	add(l.Caps.NewsPoller != nil,
		duty.Chore{Name: "poll", Every: l.pollEvery(), AtOnce: true, Work: polling{l}.round})
	add(l.o.Fallbacks,
		duty.Chore{Name: "failover", Every: failoverEvery, Work: newFailover(l).round})
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
