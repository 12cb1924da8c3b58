package console

import (
	"relais/auth"
	"relais/gateway"
	"relais/reason"
	"relais/sms"
)

// messagePage shows a message, what happened to it and why.
type messagePage struct {
	frame

	ID       sms.ID
	To       string
	Text     string // empty: removed, or not for the reader
	Removed  bool
	Sender   sms.Sender
	Class    string
	Kind     string // in words; empty: an ordinary text
	Status   sms.Status
	Pill     pill
	By       string // connector
	Segments int
	Price    string // empty: not known
	Due      moment
	Until    moment
	Ref      string
	Person   string // token of the number, for the list of its messages
	Timeline []line
	Why      []decision
	Notice   string // what keeps it from leaving; empty: nothing that a person did
}

// decisionOf is one thing that was decided when the message was accepted.
type decision struct{ About, What string }

// lineOf is an event of a timeline.
type line struct {
	At    moment
	What  string // what the code means
	More  string // the sentence of the event; empty: none
	Code  string
	Pill  pill
	Actor string
	Words string // the operator's, verbatim
	Last  bool
}

// Cancelable reports whether the message still waits.
func (p *messagePage) Cancelable() bool { return p.Status == sms.Queued && p.May(auth.Send) }

func showMessage(q *request) (answer, error) {
	id, err := q.id()
	if err != nil {
		return nil, err
	}
	q.follow(q.ctx(), "message:"+id.String())
	m, err := q.console.Reader.Message(q.ctx(), q.account, id)
	if err != nil {
		return nil, err
	}
	events, decisions, err := q.console.Reader.Timeline(q.ctx(), q.account, id)
	if err != nil {
		return nil, err
	}
	p := &messagePage{frame: *q.frame()}
	if p.May(auth.SeeTexts) {
		if err := recordOnce(q, messageRead, id.String()); err != nil {
			return nil, err
		}
	}
	p.fill(&m)
	if pause, paused := q.console.Pauses.Of(m.Connector); paused && m.Status == sms.Queued {
		p.Notice = pause.Notice().In(p.Lang)
	}
	if read, ok := gateway.DecideReading(m.To, decisions); ok {
		decisions = append([]reason.Reason{read}, decisions...)
	}
	for _, d := range decisions {
		p.Why = append(p.Why, decisionOf(&p.frame, d))
	}
	for i := range events {
		p.Timeline = append(p.Timeline, lineOf(&p.frame, &events[i], i == len(events)-1))
	}
	return view{name: "message", data: p}, nil
}

func (p *messagePage) fill(m *sms.Message) {
	p.ID, p.To, p.Sender, p.Status, p.By = m.ID, p.Number(m.To), m.Sender, m.Status, m.Connector
	p.Class, p.Kind = p.class(m.Class), p.kind(m.Kind)
	p.Pill = p.status(m.Status)
	p.Segments, p.Ref, p.Due, p.Until = m.Segments, m.Reference, p.At(m.DueAt), p.At(m.ExpiresAt)
	p.Removed = m.Text == ""
	if p.May(auth.SeeTexts) {
		p.Text = m.Text
		p.Person = p.q.console.tokenOf(m.Account, m.To)
	}
	if m.Price != 0 {
		p.Price = p.Money(m.Price)
	}
}

// Money is an amount in the currency of the gateway.
func (f *frame) Money(m sms.Money) string {
	amount := reason.Money{Amount: m.String(), Currency: f.q.console.Gateway.Currency()}
	return reason.Of(Words+"/amount", reason.Args{"amount": amount}).In(f.Lang)
}

func lineOf(f *frame, e *sms.Event, last bool) line {
	words := e.OperatorText
	if !f.SeesTexts() && !f.May(auth.SeeExchange) {
		words = "" // an operator may quote the number
	}
	return line{
		At: f.At(e.At), What: f.title("event", e.Code), More: e.Detail.In(f.Lang), Code: e.Code, Pill: f.status(e.Status),
		Actor: f.actor(e.Actor), Last: last, Words: words,
	}
}

func decisionOf(f *frame, d reason.Reason) decision {
	return decision{About: f.title("decision", d.Code.Wire()), What: d.In(f.Lang)}
}

// title is what a code means in general; the code itself where nobody wrote that down.
func (f *frame) title(kind, code string) string {
	title := reason.Of(reason.Code(reason.Title+"/"+kind+"/"+code), nil)
	if said := title.In(f.Lang); said != string(title.Code) {
		return said
	}
	return code
}

// actor says who did something, by what kind of actor that is. The catalogues have words for those that people meet, each door
// among them.
func (f *frame) actor(a sms.Actor) string {
	kind, name := a.Kind(), a.Name()
	code := Words + "/actor_" + reason.Code(kind)
	if name == "" && a != sms.ActorGateway {
		return string(a)
	}
	said := reason.Of(code, reason.Args{"name": reason.Name(name)}).In(f.Lang)
	if said == string(code) { // nobody has words for the kind
		return string(a)
	}
	return said
}

func cancelMessage(q *request) (answer, error) {
	if err := q.read(); err != nil {
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
	if err := q.console.Gateway.Cancel(withoutCancel(q), m, q.actor()); err != nil {
		return nil, err
	}
	return redirect{Home + "messages/" + id.String(), "canceled"}, nil
}
