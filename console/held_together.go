package console

import (
	"net/http"
	"time"

	"relais/lane"
	"relais/reason"
	"relais/search"
	"relais/sms"
)

// togetherPage asks once more before every message in doubt of a connector is decided
// about: it says how many they are, and what follows.
type togetherPage struct {
	frame

	Connector string
	Count     string
	Seen      string // moment of this page: what came into doubt later is left alone
	Over      bool   // there are none any more
	Problems  []fieldProblem
}

// Outcomes are what a person may decide of them.
func (p *togetherPage) Outcomes() []outcome { return outcomesOf(&p.frame, false, true) }

const (
	togetherBatch = 100
	togetherMost  = 5000 // decided about by one form, so that its answer comes
)

// decideTogether asks, and then decides, about every message in doubt of a connector.
func decideTogether(q *request) (answer, error) {
	if err := q.read("connector", "outcome", "seen"); err != nil {
		return nil, err
	}
	p := &togetherPage{frame: *q.frame(), Connector: q.field("connector"), Seen: q.field("seen")}
	if p.Seen == "" {
		return p.ask(q, http.StatusOK)
	}
	seen, err := time.Parse(time.RFC3339Nano, p.Seen)
	if err != nil {
		return nil, &problem{http.StatusBadRequest, reason.Of(sayFormUnreadable, nil)}
	}
	decision := lane.Resolution(q.field("outcome"))
	if !decision.Known() {
		p.Problems = []fieldProblem{{"taken", phrase("held_choose").In(q.lang)}}
		return p.ask(q, http.StatusUnprocessableEntity)
	}
	late, err := p.decide(q, decision, seen)
	if err != nil {
		return nil, err
	}
	if late {
		return redirect{Home + "held", "held_together_late"}, nil
	}
	return redirect{Home + "held", "held_together"}, nil
}

func (p *togetherPage) ask(q *request, status int) (answer, error) {
	found, more, err := q.console.Reader.Search(q.ctx(), search.Query{
		Account: q.account, Status: sms.Uncertain, Connector: p.Connector, Limit: most,
	})
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return redirect{Home + "held", "held_together_late"}, nil
	}
	if p.Seen == "" {
		p.Seen = q.now().Format(time.RFC3339Nano)
	}
	p.Count = howMany(&p.frame, len(found), more)
	return view{"held_together", p, status}, nil
}

// decide decides about each message that was in doubt when the person saw the page. late
// says that somebody else, or a receipt, settled one of them meanwhile.
func (p *togetherPage) decide(q *request, decision lane.Resolution, seen time.Time) (late bool, err error) {
	query := search.Query{
		Account: q.account, Status: sms.Uncertain, Connector: p.Connector,
		Limit: togetherBatch,
	}
	done := 0
	for more := true; more && done < togetherMost; {
		var found []sms.Message
		if found, more, err = q.console.Reader.Search(q.ctx(), query); err != nil {
			return late, err
		}
		for i := range found {
			m := &found[i]
			if query.Before = m.ID; m.UpdatedAt.After(seen) {
				continue
			}
			err := q.console.Gateway.Resolve(withoutCancel(q), *m, decision, q.actor())
			if conflicts(err) {
				late = true
				continue
			}
			if err != nil {
				return late, err
			}
			done++
		}
	}
	return late || done == 0, nil
}
