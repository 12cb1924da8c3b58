package console

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"relais/auth"
	"relais/connector"
	"relais/credit"
	"relais/gateway"
	"relais/lane"
	"relais/reason"
	"relais/sms"
)

// Pauses stop connectors by a person's word, and let them go on.
type Pauses interface {
	Of(connector string) (lane.Pause, bool)
	Check(p *lane.Pause) error
	Pause(ctx context.Context, p lane.Pause, from string) (lane.Pause, error)
	Resume(ctx context.Context, ended lane.Pause, from string) (was bool, err error)
	Outlook(ctx context.Context, connector string) (lane.Outlook, error)
}

// Credits are the readings of the credit at operators.
type Credits interface {
	Credit(ctx context.Context, connector string, since time.Time) (credit.Record, error)
}

// connectorPage shows a connector, and lets people pause it.
type connectorPage struct {
	frame
	problems

	Row     connectorRow
	Oldest  reason.Reason // how long the oldest due message has waited; zero: none
	Delay   reason.Reason // how long receipts take; zero: not known
	Unknown int           // receipts that no message is known by
	Under   int           // calls under way
	Binds   *connector.Sessions
	Senders []senderRow
	Credit  *creditHistory

	Pause   *pauseShown
	For     string // as it was chosen
	Why     string // as it was typed
	Keep    bool
	Seen    string   // the pause that the form is about
	Outlook []string // what the pause would do; nil: it was not asked for
}

// pauseShown is a pause that holds.
type pauseShown struct {
	By    string
	Why   string
	At    moment
	Until *moment
	Keep  bool
}

// senderRow is a sender that the operator knows.
type senderRow struct {
	Name    sms.Sender
	State   pill
	Comment string
}

// lengths are those of pauses that the page offers; empty: until somebody resumes.
var lengths = []string{"30m", "1h", "2h", "4h", "24h", ""}

// Lengths are the choices of the form.
func (p *connectorPage) Lengths() (all []option) {
	for _, one := range lengths {
		all = append(all, option{one, p.say("pause_for_" + cmp.Or(one, "ever")), one == p.For})
	}
	return all
}

// MayPause reports whether the reader may pause and resume the connector.
func (p *connectorPage) MayPause() bool { return p.May(auth.Operate) }

func showConnector(q *request) (answer, error) {
	p, err := connectorPageOf(q)
	return view{name: "connector", data: p}, err
}

func connectorPageOf(q *request) (*connectorPage, error) {
	states, err := q.console.Gateway.Connectors(q.ctx())
	if err != nil {
		return nil, err
	}
	name := q.PathValue("name")
	at := slices.IndexFunc(states, func(d lane.Description) bool { return d.Name == name })
	if at < 0 {
		return nil, notFound()
	}
	p := &connectorPage{frame: *q.frame(), For: lengths[0]}
	p.fill(q, &states[at])
	p.Credit, err = p.history(q, &states[at])
	return p, err
}

func (p *connectorPage) fill(q *request, d *lane.Description) {
	p.Row = connectorRowOf(&p.frame, d)
	p.Unknown, p.Under, p.Binds = d.Unmatched, d.CallsUnder, d.Sessions
	var oldest time.Time
	for _, b := range d.Waiting {
		if b.Status == sms.Queued && b.Oldest.Before(q.now()) {
			oldest = b.Oldest
		}
	}
	if !oldest.IsZero() {
		p.Oldest = spanOf(q.now().Sub(oldest))
	}
	if d.ReceiptDelay > 0 {
		p.Delay = spanOf(d.ReceiptDelay)
	}
	for i := range d.Senders {
		p.Senders = append(p.Senders, senderRowOf(&p.frame, &d.Senders[i]))
	}
	if d.Pause == nil {
		return
	}
	p.Pause = &pauseShown{
		By: p.actorOf(d.Pause.By), Why: d.Pause.Why, At: p.At(d.Pause.At), Keep: d.Pause.Keep,
	}
	p.Seen = seenPause(d.Pause)
	if !d.Pause.Until.IsZero() {
		until := p.At(d.Pause.Until)
		p.Pause.Until = &until
	}
}

// seenPause marks in a form which pause its reader saw.
func seenPause(p *lane.Pause) string { return p.At.UTC().Format(time.RFC3339Nano) }

func senderRowOf(f *frame, s *connector.DeclaredSender) senderRow {
	shape := "good"
	switch s.State {
	case connector.SenderUsable:
	case connector.SenderUnclear, connector.SenderWaiting:
		shape = "careful"
	default:
		shape = "bad"
	}
	return senderRow{s.Name, pill{shape, f.say("sender_" + string(s.State))}, s.Comment}
}

func pauseConnector(q *request) (answer, error) {
	if err := q.read("length", "why", "keep", "seen", "do"); err != nil {
		return nil, err
	}
	p, err := connectorPageOf(q)
	if err != nil {
		return nil, err
	}
	seen := p.Seen
	p.For, p.Why, p.Keep = q.field("length"), q.form.Get("why"), q.field("keep") != ""
	one := lane.Pause{Connector: p.Row.Name, By: q.actor(), Why: q.field("why"), Keep: p.Keep}
	if !slices.Contains(lengths, p.For) {
		return nil, &problem{http.StatusBadRequest, reason.Of(sayFormForeign, nil)}
	}
	if length, err := time.ParseDuration(p.For); err == nil {
		one.Until = q.console.Now().Add(length)
	}
	held, paused := q.console.Pauses.Of(one.Connector)
	switch {
	case paused && held.By == one.By && held.Why == one.Why && held.Keep == one.Keep:
		return redirect{p.path(), "connector_paused"}, nil // the form came twice
	case q.field("seen") != seen:
		p.refuse("pause", p.say("pause_changed"))
		return view{"connector", p, http.StatusUnprocessableEntity}, nil
	}
	if err := q.console.Pauses.Check(&one); err != nil {
		return p.refused(err)
	}
	if q.field("do") != "pause" {
		return p.outlook(q)
	}
	if _, err := q.console.Pauses.Pause(withoutCancel(q), one, q.browser().Address); err != nil {
		return nil, err
	}
	return redirect{p.path(), "connector_paused"}, nil
}

func (p *connectorPage) path() string { return Home + "connectors/" + p.Row.Name }

// refused shows at its field what is wrong with a pause.
func (p *connectorPage) refused(err error) (answer, error) {
	wrong, ok := errors.AsType[*gateway.Error](err)
	if !ok || wrong.Kind != gateway.Invalid {
		return nil, err
	}
	p.refuse(strings.TrimPrefix(wrong.Field, "/"), wrong.In(p.Lang))
	return view{"connector", p, http.StatusUnprocessableEntity}, nil
}

// outlook says what the pause would do, before it is confirmed.
func (p *connectorPage) outlook(q *request) (answer, error) {
	o, err := q.console.Pauses.Outlook(q.ctx(), p.Row.Name)
	if err != nil {
		return nil, err
	}
	for _, s := range o.Sentences(p.Keep) {
		p.Outlook = append(p.Outlook, s.In(p.Lang))
	}
	return view{name: "connector", data: p}, nil
}

func resumeConnector(q *request) (answer, error) {
	if err := q.read("seen"); err != nil {
		return nil, err
	}
	p, err := connectorPageOf(q)
	if err != nil {
		return nil, err
	}
	if p.Pause != nil && q.field("seen") != p.Seen {
		p.refuse("pause", p.say("pause_changed"))
		return view{"connector", p, http.StatusUnprocessableEntity}, nil
	}
	ended := lane.Pause{Connector: p.Row.Name, By: q.actor()}
	if _, err := q.console.Pauses.Resume(withoutCancel(q), ended, q.browser().Address); err != nil {
		return nil, err
	}
	return redirect{p.path(), "connector_resumed"}, nil
}
