package console

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"time"

	"relais/auth"
	"relais/reason"
	"relais/sms"
	"relais/webhook"
)

// webhookPage is one endpoint with its log.
type webhookPage struct {
	frame

	endpointShown
	Log    []deliveryRow
	Tabs   []logTab
	Filter webhook.DeliveryState
	Next   string // address of older ones; empty: there are none
}

// logTab is a part of the log.
type logTab struct {
	Path, Word string
	Chosen     bool
}

// deliveryRow is a delivery in a list.
type deliveryRow struct {
	Page   string // address of its own
	Name   string // evt_42
	Event  string
	When   moment // it happened
	About  string // address of the message or the conversation; empty: none
	Pill   pill
	Tries  int
	Last   *tryShown
	NextAt *moment
}

// tryShown is one attempt.
type tryShown struct {
	At     moment
	Took   string
	Taken  bool
	What   string // what came of it
	Words  string // why no answer came, in the words of the machine; empty: nothing more
	Answer string
	Hidden bool // there was an answer, which is not for the reader
}

// states are the parts of the log; empty: all of it.
var states = []webhook.DeliveryState{"", webhook.Failed, webhook.Pending, webhook.Delivered}

var shapesOfDelivery = map[webhook.DeliveryState]string{
	webhook.Pending: "waiting", webhook.Delivered: "good", webhook.Failed: "bad",
}

func showWebhook(q *request) (answer, error) {
	e, err := endpointAt(q)
	if err != nil {
		return nil, err
	}
	p := &webhookPage{frame: *q.frame(), Filter: webhook.DeliveryState(q.URL.Query().Get("state"))}
	p.endpointShown = p.endpoint(e)
	if !slices.Contains(states, p.Filter) {
		return nil, &problem{http.StatusBadRequest, reason.Of(sayFilter, nil)}
	}
	before, err := placeOf(q.URL.Query().Get("before"))
	if err != nil {
		return nil, err
	}
	here := Home + "webhooks/" + e.ID.String()
	for _, s := range states {
		path := here
		if s != "" {
			path += "?state=" + string(s)
		}
		p.Tabs = append(p.Tabs, logTab{path, p.say("webhooks_log_" + cmp.Or(string(s), "all")), s == p.Filter})
	}
	found, err := q.console.WebhookLog.Deliveries(q.ctx(), q.account, e.ID, p.Filter, before, pageSize+1)
	if err != nil {
		return nil, err
	}
	if len(found) > pageSize {
		found = found[:pageSize]
		p.Next = here + "?before=" + strconv.FormatInt(found[pageSize-1].Event.Seq, 10)
		if p.Filter != "" {
			p.Next += "&state=" + string(p.Filter)
		}
	}
	for i := range found {
		p.Log = append(p.Log, p.delivery(&found[i]))
	}
	return view{name: "webhook", data: p}, nil
}

// placeOf reads a place in the log; empty: its end.
func placeOf(text string) (int64, error) {
	if text == "" {
		return 0, nil
	}
	seq, err := strconv.ParseInt(text, 10, 64)
	if err != nil || seq < 1 {
		return 0, &problem{http.StatusBadRequest, reason.Of(sayNoCursor, nil)}
	}
	return seq, nil
}

func (f *frame) delivery(d *webhook.Delivery) deliveryRow {
	name := d.Event.ID()
	row := deliveryRow{
		Page: Home + "webhooks/" + d.Endpoint.String() + "/deliveries/" + name,
		Name: name, Event: f.eventWord(d.Event.Type), When: f.At(d.Event.At), Tries: d.Attempts,
		Pill: pill{shapesOfDelivery[d.State], f.say("webhooks_delivery_" + string(d.State))},
	}
	switch d.Event.Type {
	case webhook.MessageSubmitted, webhook.MessageDelivered, webhook.MessageUndelivered, webhook.MessageExpired,
		webhook.MessageRejected, webhook.MessageUncertain:
		row.About = Home + "messages/" + d.Event.Subject.String()
	case webhook.InboundReceived, webhook.InboundDecided:
		row.About = Home + "inbox/" + d.Event.Subject.String()
	case webhook.CampaignChecked, webhook.CampaignAwaiting, webhook.CampaignApproved, webhook.CampaignRefused,
		webhook.CampaignStarted, webhook.CampaignPaused, webhook.CampaignResumed,
		webhook.CampaignFinished, webhook.CampaignCanceled:
		row.About = Home + "campaigns/" + d.Event.Subject.String()
	case webhook.OptOutAdded, webhook.ConnectorBlocked, webhook.CreditLow, webhook.Test:
	}
	if !d.Last.At.IsZero() {
		last := f.try(d.Last)
		last.Answer = beginning(last.Answer)
		row.Last = &last
	}
	if d.State == webhook.Pending {
		next := f.At(d.NextAt)
		row.NextAt = &next
	}
	return row
}

// beginning is as much of an answer as a list shows.
func beginning(answer string) string {
	const most = 120
	if runes := []rune(answer); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return answer
}

// try is an attempt as the person may see it: what a receiver answered may tell of people.
func (f *frame) try(t webhook.Try) tryShown {
	shown := tryShown{At: f.exactly(t.At), Took: tookOf(f, t.Took), Taken: t.Error == "", Answer: t.Answer}
	if !f.May(auth.SeeTexts) {
		shown.Answer, shown.Hidden = "", t.Answer != ""
	}
	name, status := "webhooks_took", strconv.Itoa(t.Status)
	switch {
	case t.Error == "" && t.Status == 0:
		name = "webhooks_nothing_sent"
	case t.Error == "":
	case t.Status == 0:
		name, shown.Words = "webhooks_no_answer", t.Error
	case t.Status >= 300 && t.Status < 400:
		name = "webhooks_redirected"
	case t.Status >= 200 && t.Status < 300:
		name, shown.Words = "webhooks_not_taken", t.Error
	default:
		name = "webhooks_refused"
	}
	shown.What = reason.Of(Words+"/"+reason.Code(name), reason.Args{"status": reason.Name(status)}).In(f.Lang)
	return shown
}

// exactly is a time to the second.
func (f *frame) exactly(t time.Time) moment {
	m := f.At(t)
	m.People = exactlyAt(f, t)
	return m
}

// tookOf is a length of time as machines take it.
func tookOf(f *frame, d time.Duration) string {
	name, count := "webhooks_ms", int(d.Round(time.Millisecond)/time.Millisecond)
	if d >= 10*time.Second {
		name, count = "webhooks_s", int(d.Round(time.Second)/time.Second)
	}
	return reason.Of(Words+"/"+reason.Code(name), reason.Args{"count": reason.Count(count)}).In(f.Lang)
}

// deliveryPage is one delivery: what was sent, and every attempt.
type deliveryPage struct {
	frame

	deliveryRow
	ID      sms.ID // of the endpoint
	Address string
	Format  string
	Headers []header
	Body    string
	Masked  bool // the body is not shown whole
	All     []tryShown
	Pending bool
}

// header is a field of a request.
type header struct{ Name, Value string }

func showDelivery(q *request) (answer, error) {
	e, d, err := deliveryAt(q)
	if err != nil {
		return nil, err
	}
	p := &deliveryPage{frame: *q.frame(), ID: e.ID, Format: e.Format, Pending: d.State == webhook.Pending}
	p.Address, p.deliveryRow = p.address(e.URL), p.delivery(d)
	p.Masked = !p.May(auth.SeeTexts)
	if !p.Masked {
		if err := recordOnce(q, deliverySeen, e.ID.String()+" "+p.Name); err != nil {
			return nil, err
		}
	}
	if err := p.write(q, d); err != nil {
		return nil, err
	}
	for _, t := range d.Tries() {
		p.All = append(p.All, p.try(t))
	}
	return view{name: "delivery", data: p}, nil
}

// deliveryAt is the delivery that the path names.
func deliveryAt(q *request) (*webhook.Endpoint, *webhook.Delivery, error) {
	e, err := endpointAt(q)
	if err != nil {
		return nil, nil, err
	}
	d, err := webhook.OneDelivery(q.ctx(), q.console.WebhookLog, q.account, e.ID, q.PathValue("event"))
	if errors.Is(err, webhook.ErrUnknown) {
		return nil, nil, notFound()
	}
	return e, &d, err
}

// write is what the endpoint was sent: the body is made again of the event, as at each
// attempt.
func (p *deliveryPage) write(q *request, d *webhook.Delivery) error {
	event := d.Event
	if p.Masked {
		event.Data = withoutPeople(event.Data)
	}
	body, err := webhook.Body(&event)
	if err != nil {
		return err
	}
	var indented bytes.Buffer
	if err := json.Indent(&indented, body, "", "  "); err != nil {
		return err
	}
	p.Body = indented.String()
	at := d.Last.At
	if p.Format != "" || at.IsZero() {
		return nil
	}
	p.Headers = []header{
		{"Content-Type", "application/json"},
		{"User-Agent", "Relais/" + q.console.Version},
		{"Webhook-Id", p.Name},
		{"Webhook-Timestamp", strconv.FormatInt(at.Unix(), 10)},
		{"Webhook-Signature", "v1,…"},
	}
	return nil
}

// Fields of events that tell who somebody is, and what was written.
var (
	numberFields = []string{"to", "from", "number"}
	textFields   = []string{"text", "reference", "metadata", "detail", "operator_text", "note"}
)

// withoutPeople is the data of an event with numbers and texts hidden.
func withoutPeople(data json.RawMessage) json.RawMessage {
	fields := map[string]json.RawMessage{}
	if err := json.Unmarshal(data, &fields); err != nil {
		return json.RawMessage(`"•••"`)
	}
	for _, name := range numberFields {
		var number string
		if json.Unmarshal(fields[name], &number) == nil {
			fields[name], _ = json.Marshal(masked(grouped(number)))
		}
	}
	for _, name := range textFields {
		if fields[name] != nil {
			fields[name] = json.RawMessage(`"•••"`)
		}
	}
	hidden, err := json.Marshal(fields)
	if err != nil {
		return json.RawMessage(`"•••"`)
	}
	return hidden
}

// replayDelivery delivers one event again, or tries now what waits.
func replayDelivery(q *request) (answer, error) {
	if err := q.read(); err != nil {
		return nil, err
	}
	e, d, err := deliveryAt(q)
	if err != nil {
		return nil, err
	}
	if e.State == webhook.Disabled {
		return nil, &problem{http.StatusUnprocessableEntity, phrase("webhooks_replay_disabled")}
	}
	_, _, err = q.console.Webhooks.Replay(withoutCancel(q), webhook.Replay{
		Account: q.account, Endpoint: e.ID, Seq: d.Event.Seq,
	})
	if err != nil {
		return nil, webhookError(err)
	}
	return redirect{Home + "webhooks/" + e.ID.String() + "/deliveries/" + d.Event.ID(), string(auth.DeliveryReplayed)}, nil
}

// replaySpans are how far back a replay may go; empty: as far as deliveries are kept.
var replaySpans = []string{"1h", "24h", "168h", "720h"}

// replayPage says how many deliveries a replay makes again, before it does.
type replayPage struct {
	frame

	ID       sms.ID
	Address  string
	Count    int
	More     bool
	State    string
	Since    string // RFC 3339
	From     moment
	Disabled bool
}

func showReplay(q *request) (answer, error) {
	e, err := endpointAt(q)
	if err != nil {
		return nil, err
	}
	span, state := q.URL.Query().Get("since"), q.URL.Query().Get("state")
	if !slices.Contains(replaySpans, span) || state != string(webhook.Failed) && state != string(webhook.Delivered) {
		return nil, &problem{http.StatusBadRequest, reason.Of(sayFilter, nil)}
	}
	back, err := time.ParseDuration(span)
	if err != nil {
		return nil, err
	}
	p := &replayPage{frame: *q.frame(), ID: e.ID, State: state, Disabled: e.State == webhook.Disabled}
	since := q.now().Add(-back).Truncate(time.Second)
	p.Address, p.Since, p.From = p.address(e.URL), since.Format(time.RFC3339), p.At(since)
	p.Count, p.More, err = q.console.Webhooks.CountReplay(q.ctx(), webhook.Replay{
		Account: q.account, Endpoint: e.ID, State: webhook.DeliveryState(state), Since: since,
	})
	return view{name: "webhook_replay", data: p}, err
}

func replayWebhook(q *request) (answer, error) {
	if err := q.read("state", "since"); err != nil {
		return nil, err
	}
	e, err := endpointAt(q)
	if err != nil {
		return nil, err
	}
	state := webhook.DeliveryState(q.field("state"))
	since, err := time.Parse(time.RFC3339, q.field("since"))
	if err != nil || state != webhook.Failed && state != webhook.Delivered {
		return nil, &problem{http.StatusBadRequest, reason.Of(sayFormForeign, nil)}
	}
	if e.State == webhook.Disabled {
		return nil, &problem{http.StatusUnprocessableEntity, phrase("webhooks_replay_disabled")}
	}
	_, more, err := q.console.Webhooks.Replay(withoutCancel(q), webhook.Replay{
		Account: q.account, Endpoint: e.ID, State: state, Since: since,
	})
	if err != nil {
		return nil, webhookError(err)
	}
	said := "webhook_replayed"
	if more {
		said = "webhook_replayed_more"
	}
	return redirect{Home + "webhooks/" + e.ID.String() + "?state=pending", said}, nil
}

// Spans are how far back a replay may go.
func (p *webhookPage) Spans() (all []option) {
	for _, s := range replaySpans {
		all = append(all, option{s, p.say("webhooks_span_" + s), false})
	}
	return all
}
