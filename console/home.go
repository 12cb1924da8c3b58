package console

import (
	"slices"
	"time"

	"relais/auth"
	"relais/inbox"
	"relais/lane"
	"relais/reason"
	"relais/search"
	"relais/sms"
	"relais/webhook"
)

// homePage says how things are, and what needs a person.
type homePage struct {
	frame

	Lead       string
	Waiting    int           // queued messages that are due
	Later      int           // queued messages of connectors whose oldest is not due yet
	Oldest     reason.Reason // how long the oldest due message has waited
	Todo       []task
	First      []firstStep // what a new gateway needs; empty once all is done
	Connectors []connectorRow
	Credit     []creditCard
}

// task is something that a person must do, with the button that does it.
type task struct {
	What   string
	More   string
	Path   string
	Button string
	Bad    bool // messages do not go out until then
}

// creditCard is what is left at an operator.
type creditCard struct {
	Name    string
	Amount  string
	EmptyAt *moment
	Low     bool
}

func showHome(q *request) (answer, error) {
	q.follow(q.ctx(), "home")
	states, err := q.console.Gateway.Connectors(q.ctx())
	if err != nil {
		return nil, err
	}
	p := &homePage{frame: *q.frame()}
	p.count(states, q.now())
	for i := range states {
		p.Connectors = append(p.Connectors, connectorRowOf(&p.frame, &states[i]))
		if card, ok := creditOf(&p.frame, &states[i]); ok {
			p.Credit = append(p.Credit, card)
		}
	}
	if err := p.findTasks(q, states); err != nil {
		return nil, err
	}
	if err := p.findFirst(q, states); err != nil {
		return nil, err
	}
	if err := p.findConfiguration(q); err != nil {
		return nil, err
	}
	p.Lead = p.lead(states)
	return view{name: "home", data: p}, nil
}

// count counts what waits, and how long the oldest message has been due.
func (p *homePage) count(states []lane.Description, now time.Time) {
	var oldest time.Time
	for i := range states {
		for _, b := range states[i].Waiting {
			if b.Status != sms.Queued {
				continue
			}
			if b.Oldest.After(now) {
				p.Later += b.Messages
				continue
			}
			p.Waiting += b.Messages
			if oldest.IsZero() || b.Oldest.Before(oldest) {
				oldest = b.Oldest
			}
		}
	}
	if !oldest.IsZero() {
		p.Oldest = spanOf(now.Sub(oldest))
	}
}

// spanOf is a length of time in its largest unit.
func spanOf(d time.Duration) reason.Reason {
	unit, count := "seconds", int(d/time.Second)
	switch {
	case d >= 48*time.Hour:
		unit, count = "days", int(d/(24*time.Hour))
	case d >= 2*time.Hour:
		unit, count = "hours", int(d/time.Hour)
	case d >= 2*time.Minute:
		unit, count = "minutes", int(d/time.Minute)
	}
	return reason.Of(Words+"/span_"+reason.Code(unit), reason.Args{"count": reason.Count(count)})
}

// most is how many rows are looked at to say how many there are: more is "more than".
const most = 100

func (p *homePage) findTasks(q *request, states []lane.Description) error {
	if q.may(auth.Decide) {
		held, _, err := q.console.Reader.Search(q.ctx(), search.Query{
			Account: q.account, Status: sms.Uncertain, Limit: most,
		})
		if err != nil {
			return err
		}
		p.add("held", len(held), "held")
	}
	if q.may(auth.SeeTexts) {
		replies, _, err := q.console.Reader.Inbounds(q.ctx(), inbox.InboundQuery{
			Account: q.account, Undecided: true, Limit: most,
		})
		if err != nil {
			return err
		}
		p.add("replies", len(replies), "inbox?show=unsure")
	}
	if err := p.findWebhooks(q); err != nil {
		return err
	}
	if err := p.findKeys(q); err != nil {
		return err
	}
	for i := range states {
		s := &states[i]
		if s.State == lane.Blocked || s.State == lane.Missing || s.State == lane.Failing {
			name := reason.Args{"connector": reason.Name(s.Name)}
			p.Todo = append(p.Todo, task{
				What: reason.Of(Words+"/todo_connector_"+reason.Code(s.State), name).In(p.Lang), More: s.Reason.In(p.Lang),
				Path: Home + "connectors/" + s.Name, Button: reason.Of(Words+"/see", nil).In(p.Lang), Bad: true,
			})
		}
		if s.Pause != nil {
			p.Todo = append(p.Todo, task{
				What: reason.Of(Words+"/todo_connector_paused", reason.Args{"connector": reason.Name(s.Name)}).In(p.Lang),
				More: s.Reason.In(p.Lang), Path: Home + "connectors/" + s.Name,
				Button: reason.Of(Words+"/see", nil).In(p.Lang),
			})
		}
	}
	return nil
}

// findWebhooks finds endpoints that are told nothing until somebody looks.
func (p *homePage) findWebhooks(q *request) error {
	if !q.may(auth.ManageKeys) {
		return nil
	}
	all, err := q.console.WebhookLog.Endpoints(q.ctx(), q.account)
	if err != nil {
		return err
	}
	all = slices.DeleteFunc(all, func(e webhook.Endpoint) bool {
		return e.State != webhook.Quarantined && !e.Gone()
	})
	p.add("webhooks", len(all), "webhooks")
	return nil
}

// findKeys adds the keys that end soon.
func (p *homePage) findKeys(q *request) error {
	if !q.may(auth.ManageKeys) {
		return nil
	}
	keys, err := keysOf(q)
	if err != nil {
		return err
	}
	keys = slices.DeleteFunc(keys, func(k auth.Key) bool { return !endsSoon(&k, q.now()) })
	p.add("keys", len(keys), "keys")
	return nil
}

// add adds a task of which there are some.
func (p *homePage) add(name string, count int, path string) {
	if count == 0 {
		return
	}
	phrase := Words + "/todo_" + reason.Code(name)
	p.Todo = append(p.Todo, task{
		What: reason.Of(phrase, reason.Args{"count": reason.Count(count)}).In(p.Lang),
		More: reason.Of(phrase+"_more", nil).In(p.Lang), Path: Home + path,
		Button: reason.Of(phrase+"_button", nil).In(p.Lang),
	})
}

// lead is how things are, in a sentence or two.
func (p *homePage) lead(states []lane.Description) string {
	health := "fine"
	if slices.ContainsFunc(states, func(s lane.Description) bool { return s.State == lane.Throttled }) {
		health = "slow"
	}
	if slices.ContainsFunc(p.Todo, func(t task) bool { return t.Bad }) {
		health = "bad"
	}
	todo := reason.Of(Words+"/lead_none", nil)
	if len(p.Todo) > 0 {
		todo = reason.Of(Words+"/lead_todo", reason.Args{"count": reason.Count(len(p.Todo))})
	}
	return reason.Of(Words+"/lead_"+reason.Code(health), nil).With(todo).In(p.Lang)
}
