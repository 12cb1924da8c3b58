package console

import (
	"slices"
	"time"

	"relais/lane"
	"relais/reason"
	"relais/sms"
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
