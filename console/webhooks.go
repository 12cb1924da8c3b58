package console

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"relais/auth"
	"relais/reason"
	"relais/sms"
	"relais/webhook"
)

// Webhooks look after the endpoints of accounts.
type Webhooks interface {
	Create(ctx context.Context, account, url string, events []webhook.Type, key string) (webhook.Created, error)
	Change(ctx context.Context, account string, id sms.ID, c webhook.Change) (webhook.Endpoint, error)
	Enable(ctx context.Context, account string, id sms.ID) (webhook.Endpoint, error)
	Disable(ctx context.Context, account string, id sms.ID) (webhook.Endpoint, error)
	Remove(ctx context.Context, account string, id sms.ID) error
	Rotate(
		ctx context.Context, r webhook.NewRotation,
	) (secret string, until time.Time, replayed bool, err error)
	Replay(ctx context.Context, r webhook.Replay) (n int, more bool, err error)
	CountReplay(ctx context.Context, r webhook.Replay) (n int, more bool, err error)
}

// WebhookLog reads endpoints, and what became of what they were sent.
type WebhookLog interface {
	webhook.Log
	Endpoints(ctx context.Context, account string) ([]webhook.Endpoint, error)
}

// WebhookTester sends endpoints a test event.
type WebhookTester interface {
	Test(ctx context.Context, account string, id sms.ID) (webhook.Try, error)
}

// What is done about webhooks, in the audit.
const (
	deliverySeen auth.ActCode = "delivery_seen"
)

// webhooksPage lists the endpoints of the account.
type webhooksPage struct {
	frame

	Rows []endpointShown
}

// endpointShown is an endpoint as pages show it.
type endpointShown struct {
	ID       sms.ID
	Address  string
	Named    bool     // by a request or a rule, and not registered
	Format   string   // of another gateway; empty: ours
	Events   []string // empty: all
	Pill     pill
	Why      string // what the state means, in a sentence; empty: nothing more to say
	Active   bool
	Disabled bool
	Careful  bool   // it needs a person
	Waiting  int    // deliveries
	Late     string // how long the one has waited that has waited longest
	Since    moment
}

func showWebhooks(q *request) (answer, error) {
	all, err := q.console.WebhookLog.Endpoints(q.ctx(), q.account)
	if err != nil {
		return nil, err
	}
	p := &webhooksPage{frame: *q.frame()}
	for i := range all {
		p.Rows = append(p.Rows, p.endpoint(&all[i]))
	}
	return view{name: "webhooks", data: p}, nil
}

// endpointAt is the endpoint of the account whose id is in the path.
func endpointAt(q *request) (*webhook.Endpoint, error) {
	id, err := q.id()
	if err != nil {
		return nil, err
	}
	all, err := q.console.WebhookLog.Endpoints(q.ctx(), q.account)
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(all, func(e webhook.Endpoint) bool { return e.ID == id })
	if at < 0 {
		return nil, notFound()
	}
	return &all[at], nil
}

func (f *frame) endpoint(e *webhook.Endpoint) endpointShown {
	shown := endpointShown{
		ID: e.ID, Address: f.address(e.URL), Named: e.Origin == webhook.OfRequest, Format: e.Format,
		Active: e.State == webhook.Active, Disabled: e.State == webhook.Disabled,
		Careful: e.State == webhook.Quarantined || e.Gone(),
		Waiting: e.Pending, Since: f.At(e.CreatedAt),
	}
	for _, t := range e.Events {
		shown.Events = append(shown.Events, f.eventWord(t))
	}
	shown.Pill, shown.Why = f.endpointState(e)
	if !e.WaitingSince.IsZero() {
		shown.Late = spanOf(f.q.now().Sub(e.WaitingSince)).In(f.Lang)
	}
	return shown
}

// address is that of an endpoint: whole for who may change it, for a secret may stand in
// it, else the host alone.
func (f *frame) address(address string) string {
	if f.May(auth.ManageKeys) {
		return address
	}
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Scheme + "://" + u.Host + "/…"
}

// endpointState is how an endpoint stands, in a word and in a sentence.
func (f *frame) endpointState(e *webhook.Endpoint) (pill, string) {
	said := func(name string) string {
		return reason.Of(Words+"/webhooks_why_"+reason.Code(name), reason.Args{
			"count": reason.Count(e.Failures), "since": reason.Name(f.timeOf(e.FailingAt)),
			"next": reason.Name(f.timeOf(e.ProbeAt)),
		}).In(f.Lang)
	}
	switch {
	case e.State == webhook.Quarantined:
		return pill{"bad", f.say("webhooks_quarantined")}, said("quarantined")
	case e.Gone():
		return pill{"bad", f.say("webhooks_disabled")}, said("gone")
	case e.State == webhook.Disabled:
		return pill{"waiting", f.say("webhooks_disabled")}, said("disabled")
	case e.Failures > 0:
		return pill{"careful", f.say("webhooks_failing")}, said("failing")
	}
	return pill{"good", f.say("webhooks_works")}, ""
}

// timeOf is a time within a sentence.
func (f *frame) timeOf(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return f.At(t).People
}

// eventWord is how people call a type of event.
func (f *frame) eventWord(t webhook.Type) string {
	name := "webhooks_event_" + strings.NewReplacer(".", "_").Replace(string(t))
	if code := Words + "/" + reason.Code(name); slices.Contains(reason.Codes(), code) {
		return f.say(name)
	}
	return string(t)
}

// webhookForm makes an endpoint, or changes one.
type webhookForm struct {
	frame
	problems

	ID     sms.ID // zero: a new one
	URL    string
	Events []tick
	Token  string // of this form: sent twice, it makes one endpoint
	Seen   string // the endpoint as the person saw it; empty: a new one
}

// tick is a box that may be ticked.
type tick struct {
	Field, Value, Word string
	Chosen             bool
}

// eventField is the field that stands for a type of event.
func eventField(t webhook.Type) string { return "on_" + strings.ReplaceAll(string(t), ".", "_") }

// webhookFields are those of the form.
func webhookFields() []string {
	fields := []string{"url", "token", "seen"}
	for _, t := range webhook.Types {
		fields = append(fields, eventField(t))
	}
	return fields
}

func newWebhookForm(q *request, e *webhook.Endpoint) *webhookForm {
	p := &webhookForm{frame: *q.frame(), Token: formToken()}
	var chosen []webhook.Type
	if e != nil {
		p.ID, p.URL, p.Seen, chosen = e.ID, e.URL, seenEndpoint(e), e.Events
	}
	p.offer(chosen)
	return p
}

// seenEndpoint stands for what a form changes of an endpoint.
func seenEndpoint(e *webhook.Endpoint) string {
	events := slices.Clone(e.Events)
	slices.Sort(events)
	digest := sha256.Sum256(fmt.Appendf(nil, "%s %q", e.URL, events))
	return hex.EncodeToString(digest[:8])
}

// outdated reports whether a colleague has changed the endpoint since the person opened the
// form, to something else than what the form asks for. It says what stands there now.
func (p *webhookForm) outdated(q *request, e *webhook.Endpoint, events []webhook.Type) bool {
	wanted := *e
	wanted.URL, wanted.Events = p.URL, events
	if seen := q.field("seen"); seen == "" || seen == p.Seen || seenEndpoint(&wanted) == p.Seen {
		return false
	}
	p.overtaken(e)
	return true
}

// overtaken says what a colleague made of the endpoint.
func (p *webhookForm) overtaken(e *webhook.Endpoint) {
	words := []string{}
	for _, t := range e.Events {
		words = append(words, p.eventWord(t))
	}
	if len(words) == 0 {
		words = []string{p.say("webhooks_events_all")}
	}
	p.refuse("url", reason.Of(Words+"/webhooks_outdated", reason.Args{
		"address": reason.Name(e.URL), "events": reason.Name(strings.Join(words, ", ")),
	}).In(p.Lang))
}

func (p *webhookForm) offer(chosen []webhook.Type) {
	p.Events = nil
	for _, t := range webhook.Types {
		p.Events = append(p.Events, tick{eventField(t), string(t), p.eventWord(t), slices.Contains(chosen, t)})
	}
}

// New reports whether the form makes an endpoint.
func (p *webhookForm) New() bool { return p.ID.IsZero() }

// readWebhook reads the form. What was typed stays on the page.
func readWebhook(q *request, e *webhook.Endpoint) (*webhookForm, []webhook.Type, error) {
	if err := q.read(webhookFields()...); err != nil {
		return nil, nil, err
	}
	p := newWebhookForm(q, e)
	p.URL = q.field("url")
	if token := q.field("token"); token != "" {
		p.Token = token
	}
	var events []webhook.Type
	for _, t := range webhook.Types {
		if q.field(eventField(t)) != "" {
			events = append(events, t)
		}
	}
	p.offer(events)
	return p, events, nil
}

// refusedWebhook shows the form again with what is wrong; other errors go on.
func refusedWebhook(p *webhookForm, err error) (answer, error) {
	refused, ok := errors.AsType[*webhook.Error](err)
	if errors.Is(err, webhook.ErrKeyReused) {
		p.Token = formToken()
		p.refuse("url", p.say("webhooks_form_used"))
	} else if !ok {
		return nil, webhookError(err)
	} else {
		field := "url"
		if strings.HasPrefix(refused.Field, "/events") {
			field = "events"
		}
		p.refuse(field, refused.Reason.In(p.Lang))
	}
	return view{"webhook_form", p, http.StatusUnprocessableEntity}, nil
}

// webhookError is an error about an endpoint, for people.
func webhookError(err error) error {
	if errors.Is(err, webhook.ErrUnknown) {
		return notFound()
	}
	if refused, ok := errors.AsType[*webhook.Error](err); ok {
		return &problem{http.StatusUnprocessableEntity, refused.Reason}
	}
	return err
}

func showNewWebhook(q *request) (answer, error) {
	return view{name: "webhook_form", data: newWebhookForm(q, nil)}, nil
}

// secretPage shows a secret that was just made. It stands in this answer alone.
type secretPage struct {
	frame

	ID     sms.ID
	Secret string
	Until  string // until when the one before signs too; empty: it is the first
	Ended  bool   // the one before signs no more
}

// makeWebhook makes an endpoint and shows its secret, once. The same form sent again shows
// the same endpoint.
func makeWebhook(q *request) (answer, error) {
	p, events, err := readWebhook(q, nil)
	if err != nil {
		return nil, err
	}
	made, err := q.console.Webhooks.Create(withoutCancel(q), q.account, p.URL, events, "console:"+p.Token)
	if err != nil {
		return refusedWebhook(p, err)
	}
	return view{name: "webhook_secret", data: &secretPage{ID: made.ID, Secret: made.Secret}}, nil
}

func showWebhookForm(q *request) (answer, error) {
	e, err := endpointAt(q)
	if err != nil {
		return nil, err
	}
	if e.Origin != webhook.OfAPI {
		return nil, notFound()
	}
	return view{name: "webhook_form", data: newWebhookForm(q, e)}, nil
}

func changeWebhook(q *request) (answer, error) {
	e, err := endpointAt(q)
	if err != nil {
		return nil, err
	}
	p, events, err := readWebhook(q, e)
	if err != nil {
		return nil, err
	}
	if p.outdated(q, e, events) {
		return view{"webhook_form", p, http.StatusConflict}, nil
	}
	if events == nil {
		events = []webhook.Type{}
	}
	_, err = q.console.Webhooks.Change(withoutCancel(q), q.account, e.ID, webhook.Change{
		URL: &p.URL, Events: &events, Seen: &webhook.Seen{URL: e.URL, Events: e.Events},
	})
	if errors.Is(err, webhook.ErrOutdated) { // between the reading above and the change
		if e, err = endpointAt(q); err != nil {
			return nil, err
		}
		p.Seen = seenEndpoint(e)
		p.overtaken(e)
		return view{"webhook_form", p, http.StatusConflict}, nil
	}
	if err != nil {
		return refusedWebhook(p, err)
	}
	return done(e, auth.WebhookChanged)
}

// done goes back to the page of an endpoint, and says what was done about it.
func done(e *webhook.Endpoint, act auth.ActCode) (answer, error) {
	return redirect{Home + "webhooks/" + e.ID.String(), string(act)}, nil
}

// switchWebhook makes a handler that does one thing about the endpoint in the path.
func switchWebhook(
	act auth.ActCode, do func(w Webhooks, ctx context.Context, account string, id sms.ID) (webhook.Endpoint, error),
) func(q *request) (answer, error) {
	return func(q *request) (answer, error) {
		if err := q.read(); err != nil {
			return nil, err
		}
		e, err := endpointAt(q)
		if err != nil {
			return nil, err
		}
		if _, err := do(q.console.Webhooks, withoutCancel(q), q.account, e.ID); err != nil {
			return nil, webhookError(err)
		}
		return done(e, act)
	}
}

func removeWebhook(q *request) (answer, error) {
	if err := q.read(); err != nil {
		return nil, err
	}
	e, err := endpointAt(q)
	if err != nil {
		return nil, err
	}
	if err := q.console.Webhooks.Remove(withoutCancel(q), q.account, e.ID); err != nil {
		return nil, webhookError(err)
	}
	return redirect{Home + "webhooks", string(auth.WebhookRemoved)}, nil
}

// overlaps are how long the secret before may sign too.
var overlaps = []string{"24h", "168h", "0s"}

// rotatePage asks how long the secret before signs too.
type rotatePage struct {
	frame
	problems

	ID      sms.ID
	Address string
	Token   string // of this form: sent twice, it makes one secret
	Seen    string // the secret that it replaces
}

// Overlaps are the choices.
func (p *rotatePage) Overlaps() (all []option) {
	for _, o := range overlaps {
		all = append(all, option{o, p.say("webhooks_overlap_" + o), false})
	}
	return all
}

func showRotate(q *request) (answer, error) {
	e, err := endpointAt(q)
	if err != nil {
		return nil, err
	}
	if e.Origin != webhook.OfAPI {
		return nil, notFound()
	}
	p := &rotatePage{frame: *q.frame(), ID: e.ID, Token: formToken(), Seen: webhook.SecretMark(e.Secret)}
	p.Address = p.address(e.URL)
	return view{name: "webhook_rotate", data: p}, nil
}

func rotateWebhook(q *request) (answer, error) {
	if err := q.read("overlap", "token", "seen"); err != nil {
		return nil, err
	}
	e, err := endpointAt(q)
	if err != nil {
		return nil, err
	}
	p := &rotatePage{frame: *q.frame(), ID: e.ID, Token: q.field("token"), Seen: webhook.SecretMark(e.Secret)}
	p.Address = p.address(e.URL)
	if !slices.Contains(overlaps, q.field("overlap")) || p.Token == "" {
		p.Token = formToken()
		p.refuse("overlap-24h", p.say("webhooks_overlap_choose"))
		return view{"webhook_rotate", p, http.StatusUnprocessableEntity}, nil
	}
	overlap, err := time.ParseDuration(q.field("overlap"))
	if err != nil {
		return nil, err
	}
	secret, until, _, err := q.console.Webhooks.Rotate(withoutCancel(q), webhook.NewRotation{
		Account: q.account, Endpoint: e.ID, Overlap: overlap, Key: "console:" + p.Token, Seen: q.field("seen"),
	})
	if errors.Is(err, webhook.ErrOutdated) { // whoever goes on has seen that a colleague did it
		p.refuse("overlap-24h", p.say("webhooks_rotated_before"))
		return view{"webhook_rotate", p, http.StatusConflict}, nil
	}
	if errors.Is(err, webhook.ErrOfRequest) {
		return nil, notFound()
	}
	if err != nil {
		return nil, webhookError(err)
	}
	shown := &secretPage{frame: *q.frame(), ID: e.ID, Secret: secret, Ended: until.IsZero()}
	shown.Until = shown.timeOf(until)
	return view{name: "webhook_secret", data: shown}, nil
}

// testPage shows what an endpoint answered to a test event.
type testPage struct {
	frame

	ID      sms.ID
	Address string
	Try     tryShown
}

func testWebhook(q *request) (answer, error) {
	if err := q.read(); err != nil {
		return nil, err
	}
	e, err := endpointAt(q)
	if err != nil {
		return nil, err
	}
	try, err := q.console.WebhookTester.Test(q.ctx(), q.account, e.ID)
	if err != nil {
		return nil, webhookError(err)
	}
	p := &testPage{frame: *q.frame(), ID: e.ID}
	p.Address, p.Try = p.address(e.URL), p.try(try)
	return view{name: "webhook_test", data: p}, nil
}
