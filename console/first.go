package console

import (
	"context"
	"slices"
	"time"

	"relais/auth"
	"relais/lane"
	"relais/reason"
	"relais/search"
	"relais/sms"
)

// Setup is how far a gateway is set up, as its configuration and its database tell.
type Setup struct {
	Sender     bool      // the account names one
	Policy     bool      // the account names rules of advertising, or that there are none
	Retention  bool      // something is dropped after a time
	Access     bool      // the declaration of accessibility is complete
	Backups    bool      // relais backup makes them, and writes down when
	BackedUpAt time.Time // the last one; zero: none was written down
}

// SetupOf tells how far an account is set up.
type SetupOf func(ctx context.Context, account string) (Setup, error)

// firstStep is something that a new gateway needs, with how to do it.
type firstStep struct {
	What    string
	More    string // what to do, or how it was seen to be done
	Pill    pill
	Path    string // empty: it is not done on a page
	Button  string
	Command string // empty: none does it
	Done    bool
}

// first is a step before it is put into words.
type first struct {
	name    string
	needs   []auth.Right // of which one lets somebody do it
	done    bool
	unknown bool // nobody but a person can tell
	path    string
	command string
}

// newest is how many messages are looked at for one that went out.
const newest = 50

// findFirst lists what a new gateway needs and the person can do, until all of it is done
// that the gateway can tell. Whoever tries the demonstration is spared.
func (p *homePage) findFirst(q *request, states []lane.Description) error {
	guest := q.console.Guests != nil && !q.session.User.CanEnter()
	if q.console.Setup == nil || guest {
		return nil
	}
	all, err := q.firstSteps(states)
	if err != nil {
		return err
	}
	open := false
	for _, s := range all {
		if slices.ContainsFunc(s.needs, q.may) {
			p.First = append(p.First, p.firstStep(s))
			open = open || !s.done && !s.unknown
		}
	}
	if !open {
		p.First = nil
	}
	return nil
}

func (q *request) firstSteps(states []lane.Description) ([]first, error) {
	setup, err := q.console.Setup(q.ctx(), q.account)
	if err != nil {
		return nil, err
	}
	sent, received, err := q.messagesWent()
	if err != nil {
		return nil, err
	}
	second, err := q.secondUser()
	if err != nil {
		return nil, err
	}
	file := []auth.Right{auth.Operate, auth.ManageKeys} // who runs the machine, or asks who does
	return []first{
		{name: "connector", needs: []auth.Right{auth.Operate}, done: sent || anyAnswers(states), path: "connectors", command: "relais doctor"},
		{name: "sender", needs: file, done: setup.Sender},
		{name: "message", needs: []auth.Right{auth.Send}, done: received, path: "send"},
		{name: "user", needs: []auth.Right{auth.ManageUsers}, done: second, path: "users/new"},
		{
			name: "backup", needs: []auth.Right{auth.Operate}, done: !setup.BackedUpAt.IsZero(), unknown: !setup.Backups,
			command: backupCommand(setup),
		},
		{name: "policy", needs: file, done: setup.Policy},
		{name: "retention", needs: append(file, auth.ErasePersons), done: setup.Retention},
		{
			name: "access", needs: []auth.Right{auth.Operate, auth.ManageUsers}, path: "accessibilite",
			done: setup.Access,
		},
	}, nil
}

func backupCommand(s Setup) string {
	if !s.Backups {
		return "pg_dump"
	}
	return "relais backup"
}

// anyAnswers reports whether an operator told something: its credit, for one.
func anyAnswers(states []lane.Description) bool {
	return slices.ContainsFunc(states, func(d lane.Description) bool {
		return d.Balance != nil && (d.State == lane.Running || d.State == lane.Throttled || d.State == lane.Elsewhere)
	})
}

// messagesWent reports whether an operator took one of the newest messages of the account,
// and whether one was received.
func (q *request) messagesWent() (sent, received bool, err error) {
	found, _, err := q.console.Reader.Search(q.ctx(), search.Query{Account: q.account, Limit: newest})
	for i := range found {
		received = received || found[i].Status == sms.Delivered
		sent = sent || found[i].Status == sms.Submitted || found[i].Status == sms.Delivered
	}
	return sent, received, err
}

// secondUser reports whether two people can sign in; only who looks after users is told.
func (q *request) secondUser() (bool, error) {
	if !q.may(auth.ManageUsers) {
		return false, nil
	}
	all, err := q.console.Users.Users(q.ctx())
	enter := 0
	for i := range all {
		if all[i].CanEnter() && all[i].DisabledAt.IsZero() {
			enter++
		}
	}
	return enter > 1, err
}

// firstStep puts a step into words.
func (f *frame) firstStep(s first) firstStep {
	phrase := "first_" + s.name
	step := firstStep{What: f.say(phrase), More: f.say(phrase + "_more"), Command: s.command, Done: s.done}
	switch {
	case s.done:
		step.More, step.Command, step.Pill = "", "", pill{"good", f.say("first_done")}
		return step
	case s.unknown:
		step.More = f.say(phrase + "_unknown")
		step.Pill = pill{"waiting", f.say("first_unknown")}
	default:
		step.Pill = pill{"careful", f.say("first_open")}
	}
	if s.path != "" {
		step.Path, step.Button = Home+s.path, reason.Of(Words+"/first_do", nil).In(f.Lang)
	}
	return step
}
