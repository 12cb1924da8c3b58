package console

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"time"

	"relais/auth"
	"relais/gateway"
	"relais/lane"
	"relais/reason"
	"relais/search"
	"relais/sms"
)

// heldSize is how many messages in doubt stand on one page, each with its form.
const heldSize = 10

// heldPage has the messages of which nobody knows whether the operator took them.
type heldPage struct {
	frame

	Held     []held
	Together []together
	Next     string         // address of the next page; empty on the last
	Problems []fieldProblem // what is wrong with a form, by the field to mend
}

// held is a message in doubt, and what a person needs to decide about it.
type held struct {
	ID        sms.ID
	To        string
	Excerpt   string // empty: not for the reader, or removed
	Removed   bool
	Sender    sms.Sender
	Class     string
	Connector string
	Accepted  moment
	Doubt     line   // the event that began it
	Asked     string // what the operator was asked
	Where     string // where to look at the operator
	At        string // to the second, as operators list it
	Ref       string // short form of the id, which operators are given
	Attempt   int
	Over      bool   // it would end instead of being sent again
	Wrong     string // what is wrong with its form
}

// together are the messages in doubt of one connector.
type together struct {
	Connector string
	Count     string
}

// Outcomes are what a person may decide of a message, each with what follows from it.
func (p *heldPage) Outcomes(m held) []outcome { return outcomesOf(&p.frame, m.Over, false) }

// outcome is one decision with its consequence.
type outcome struct{ Value, Word, Then string }

func outcomesOf(f *frame, over, several bool) (all []outcome) {
	for _, r := range lane.Resolutions {
		name := "held_" + string(r)
		then := name + "_then"
		switch {
		case several:
			then += "_all"
		case over && r == lane.NotTaken:
			then += "_over"
		}
		all = append(all, outcome{string(r), phrase(name).In(f.Lang), phrase(then).In(f.Lang)})
	}
	return all
}

func showHeld(q *request) (answer, error) {
	p, err := heldPageOf(q)
	return view{name: "held", data: p}, err
}

func heldPageOf(q *request) (*heldPage, error) {
	p := &heldPage{frame: *q.frame()}
	query := search.Query{Account: q.account, Status: sms.Uncertain, Limit: heldSize}
	if before := q.URL.Query().Get("before"); before != "" {
		var err error
		if query.Before, err = sms.ParseRef(before); err != nil {
			return nil, &problem{http.StatusBadRequest, reason.Of(sayNoCursor, nil)}
		}
	}
	q.follow(q.ctx(), "held")
	q.lists("held", "")
	found, more, err := q.console.Reader.Search(q.ctx(), query)
	if err != nil {
		return nil, err
	}
	states, err := q.console.Gateway.Connectors(q.ctx())
	if err != nil {
		return nil, err
	}
	for i := range found {
		one, err := p.held(q, &found[i], states)
		if err != nil {
			return nil, err
		}
		p.Held = append(p.Held, one)
	}
	if more {
		p.Next = Home + "held?before=" + found[len(found)-1].ID.Ref()
	}
	return p, p.countTogether(q, found)
}

// countTogether counts the messages in doubt of each connector that is on the page with
// more than one, to decide about them at once.
func (p *heldPage) countTogether(q *request, found []sms.Message) error {
	names := []string{}
	for i := range found {
		if !slices.Contains(names, found[i].Connector) {
			names = append(names, found[i].Connector)
		}
	}
	for _, name := range names {
		some, more, err := q.console.Reader.Search(q.ctx(), search.Query{
			Account: q.account, Status: sms.Uncertain, Connector: name, Limit: most,
		})
		if err != nil {
			return err
		}
		if len(some) > 1 {
			p.Together = append(p.Together, together{name, howMany(&p.frame, len(some), more)})
		}
	}
	return nil
}

// howMany is a number of messages, of which there may be more than were counted.
func howMany(f *frame, count int, more bool) string {
	name := "held_messages"
	if more {
		name = "held_messages_more"
	}
	return reason.Of(Words+"/"+reason.Code(name), reason.Args{"count": reason.Count(count)}).In(f.Lang)
}

func (p *heldPage) held(q *request, m *sms.Message, states []lane.Description) (held, error) {
	one := held{
		ID: m.ID, To: p.Number(m.To), Sender: m.Sender, Class: p.class(m.Class), Connector: m.Connector,
		Ref:      m.ID.Ref(),
		Accepted: p.At(m.AcceptedAt), Attempt: m.Attempt, Over: !m.ExpiresAt.After(q.now()), Removed: m.Text == "",
	}
	if p.May(auth.SeeTexts) {
		one.Excerpt = m.Text
	}
	events, _, err := q.console.Reader.Timeline(q.ctx(), m.Account, m.ID)
	if err != nil {
		return one, err
	}
	asksEnd := false
	for i := range events {
		e := &events[i]
		switch {
		case e.Attempt != m.Attempt:
		case e.Code == lane.CodeHeld:
			asksEnd = true
		case e.Status == sms.Submitting:
			one.At = exactlyAt(&p.frame, e.At)
		case e.Status == sms.Uncertain && one.Doubt.Code == "":
			one.Doubt = lineOf(&p.frame, e, false)
		}
	}
	one.Asked = askedOf(&p.frame, m.Asks, asksEnd)
	one.Where = whereOf(&p.frame, m.Connector, states)
	return one, nil
}

// exactlyAt is a moment to the second, as the log of an operator has it.
func exactlyAt(f *frame, at time.Time) string {
	local := at.In(f.q.console.Zone)
	return f.At(at).People + " (" + local.Format("15:04:05") + ")"
}

// askedOf says how often the operator was asked about a message, and whether it will be.
func askedOf(f *frame, asks int, end bool) string {
	count := reason.Args{"count": reason.Count(asks)}
	switch {
	case asks == 0:
		return phrase("held_asked_never").In(f.Lang)
	case end:
		return reason.Of(Words+"/held_asked_for_good", count).In(f.Lang)
	default:
		return reason.Of(Words+"/held_asked", count).In(f.Lang)
	}
}

// whereOf says where at the operator to look. What is true of one operator alone has a
// phrase with its name.
func whereOf(f *frame, connector string, states []lane.Description) string {
	said := reason.Args{"connector": reason.Name(connector)}
	for i := range states {
		code := Words + "/held_look_" + reason.Code(states[i].Provider)
		if states[i].Name == connector && slices.Contains(reason.Codes(), code) {
			return reason.Of(code, said).In(f.Lang)
		}
	}
	return reason.Of(Words+"/held_look", said).In(f.Lang)
}

// decideHeld takes a person's word on one message in doubt. Where somebody was faster, the
// message's own page says who, and what they decided.
func decideHeld(q *request) (answer, error) {
	if err := q.read("outcome", "attempt"); err != nil {
		return nil, err
	}
	id, err := q.id()
	if err != nil {
		return nil, err
	}
	m, err := q.console.Reader.Message(q.ctx(), q.account, id)
	if err != nil {
		return nil, err
	}
	decision := lane.Resolution(q.field("outcome"))
	if m.Status != sms.Uncertain || q.field("attempt") != attemptOf(&m) {
		return tooLate(id), nil
	}
	if !decision.Known() {
		return undecided(q, id)
	}
	err = q.console.Gateway.Resolve(withoutCancel(q), m, decision, q.actor())
	if conflicts(err) {
		return tooLate(id), nil
	}
	if err != nil {
		return nil, err
	}
	return redirect{Home + "held", "held_" + string(decision)}, nil
}

// attemptOf names the doubt that a form is about: a message that was sent again may come
// into another.
func attemptOf(m *sms.Message) string { return strconv.Itoa(m.Attempt) }

func tooLate(id sms.ID) answer {
	return redirect{Home + "messages/" + id.String(), "held_too_late"}
}

// conflicts reports whether the state was another than the person saw.
func conflicts(err error) bool {
	refused, ok := errors.AsType[*gateway.Error](err)
	return ok && refused.Kind == gateway.Conflict
}

// undecided shows the page again to somebody who chose nothing. The message stands on it
// though it may have been on a later one.
func undecided(q *request, id sms.ID) (answer, error) {
	p, err := heldPageOf(q)
	if err != nil {
		return nil, err
	}
	why := phrase("held_choose").In(q.lang)
	p.Problems = []fieldProblem{{"taken-" + id.String(), why}}
	at := slices.IndexFunc(p.Held, func(h held) bool { return h.ID == id })
	if at < 0 {
		m, err := q.console.Reader.Message(q.ctx(), q.account, id)
		if err != nil {
			return nil, err
		}
		states, err := q.console.Gateway.Connectors(q.ctx())
		if err != nil {
			return nil, err
		}
		one, err := p.held(q, &m, states)
		if err != nil {
			return nil, err
		}
		p.Held, at = append([]held{one}, p.Held...), 0
	}
	p.Held[at].Wrong = why
	return view{"held", p, http.StatusUnprocessableEntity}, nil
}
