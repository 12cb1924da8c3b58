package console

import (
	"slices"

	"relais/auth"
	"relais/inbox"
	"relais/lane"
	"relais/reason"
	"relais/search"
	"relais/sms"
	"relais/webhook"
)

// task is something that a person must do, with the button that does it.
type task struct {
	What   string
	More   string
	Path   string
	Button string
	Bad    bool // messages do not go out until then
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
	if err := p.findApprovals(q); err != nil {
		return err
	}
	if err := p.findWebhooks(q); err != nil {
		return err
	}
	if err := p.findKeys(q); err != nil {
		return err
	}
	if err := p.findUnanswered(q); err != nil {
		return err
	}
	if err := p.findQuotas(q); err != nil {
		return err
	}
	p.findSenders(q)
	p.findLanes(states)
	return p.findCredit(q, states)
}

// findLanes adds the connectors through which messages do not go out.
func (p *homePage) findLanes(states []lane.Description) {
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
