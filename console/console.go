package console

import (
	"context"
	"html/template"
	"log/slog"
	"net/http"
	"time"

	"relais/auth"
	"relais/gateway"
	"relais/inbox"
	"relais/internal/recent"
	"relais/lane"
	"relais/person"
	"relais/reason"
	"relais/search"
	"relais/sms"
	"relais/usage"
)

// Home is where the console is.
const Home = "/console/"

// Gateway is what pages ask of the gateway, and have it do.
type Gateway interface {
	Submit(
		ctx context.Context, s gateway.Submission, answer func(*gateway.Result) ([]byte, error),
	) (*gateway.Result, error)
	Preview(ctx context.Context, s gateway.Submission, at time.Time) (*gateway.Result, error)
	Cancel(ctx context.Context, m sms.Message, actor sms.Actor) error
	Resolve(ctx context.Context, m sms.Message, r lane.Resolution, actor sms.Actor) error
	Weigh(s gateway.Submission) *gateway.TextAdvice
	Connectors(ctx context.Context) ([]lane.Description, error)
	Region(account string) string
	Currency() string
}

// Persons keep the promises about what is stored of somebody's number, and know what
// stands for it where it was hidden.
type Persons interface {
	ErasePerson(ctx context.Context, r person.Request) (*person.Gone, error)
	Pseudonym(ctx context.Context, account string, n sms.Number) sms.Number
	Hidden(account string, n sms.Number) sms.Number
}

// Reader is what pages read from the store.
type Reader interface {
	Message(ctx context.Context, account string, id sms.ID) (sms.Message, error)
	Search(ctx context.Context, q search.Query) (found []sms.Message, more bool, err error)
	Timeline(ctx context.Context, account string, id sms.ID) ([]sms.Event, []reason.Reason, error)
	Inbounds(ctx context.Context, q inbox.InboundQuery) (found []inbox.Inbound, more bool, err error)
	Accounts(ctx context.Context) ([]auth.Account, error)
}

// People know who signs in, and what each may do.
type People interface {
	SignIn(ctx context.Context, a auth.Attempt) (token string, s auth.Session, err error)
	SecondStep(ctx context.Context, token, code string, from auth.Browser) (string, auth.Session, error)
	Prove(ctx context.Context, token string, p auth.Proof, from auth.Browser) (string, auth.Session, error)
	Session(ctx context.Context, token string) (auth.Session, error)
	// Look is Session for what happens without the person.
	Look(ctx context.Context, token string) (auth.Session, error)
	SignOut(ctx context.Context, token string) error

	Invitation(ctx context.Context, code string) (auth.Invited, error)
	Redeem(ctx context.Context, code, password string, from auth.Browser) (string, auth.Session, error)
	Enrol(ctx context.Context, user string) (auth.Enrolment, error)
	Enrolling(ctx context.Context, user string) (auth.Enrolment, error)
	ConfirmStep(
		ctx context.Context, token, code string, from auth.Browser,
	) (codes []string, fresh string, s auth.Session, err error)
}

// Sealer hides what must not stand in an address.
type Sealer interface {
	Seal(plain []byte) []byte
	Open(sealed []byte) ([]byte, error)
}

// Options make a Console.
type Options struct {
	Gateway  Gateway
	Persons  Persons
	Reader   Reader
	People   People
	Profile  Profile
	Passkeys Passkeys
	Users    Users
	Journal  Journal
	Inbox    Inbox
	Desk     Desk
	OptOuts  OptOuts
	Proofs   Proofs
	Usage    usage.Reader
	Quotas   Quotas
	Pauses   Pauses
	Credits  Credits
	Changes  Changes
	Metrics  *Metrics // nil: nothing is counted
	Keys     auth.Store
	Programs Programs // nil: there are none

	Webhooks      Webhooks
	WebhookLog    WebhookLog
	WebhookTester WebhookTester

	// Configuration is what is in effect.
	Configuration  Configuration
	Presets        Presets
	Templates      Templates
	TemplateReader TemplateReader
	Campaigns      Campaigns
	Lists          Lists
	Contacts       Contacts

	// PersonFile is the export of a person.
	PersonFile PersonFile
	Sealer     Sealer
	Zone       *time.Location // in which times are shown
	Secure     bool           // browsers reach it over HTTPS
	Sandbox    bool           // the operators are simulated
	Version    string
	// PublicURL is how browsers reach the gateway; empty: as the one that asks does.
	PublicURL string
	Now       func() time.Time
	Log       *slog.Logger

	Setup   SetupOf // nil: nobody is told what a new gateway needs
	Senders Senders // nil: nobody is told of last days
	Endings Endings

	Handsets Handsets // nil: there are no simulated telephones
	Guests   Guests   // nil: everybody has a password of their own

	Elsewhere *Elsewhere // nil: there is no provider of identities
	Look      Look
}

// Console answers everything under Home.
type Console struct {
	Options

	exports chan struct{} // one for each that is being written
	trials  chan struct{} // one for each operator that is being tried
	pages   map[string]*template.Template
	town    town
	routes  http.Handler
	counted recent.Answers[usage.Query, []usage.Row]
	// unanswered is asked for by account.
	unanswered recent.Answers[string, unanswered]
	hub        *hub // of the streams; nil: pages are not kept up to date
}

// New makes a console.
func New(o Options) *Console {
	if o.Look.Declaration.Conformity == "" {
		o.Look.Declaration.Conformity = "none"
	}
	o.Reader = inTime{o.Reader}
	o = counting(o)
	c := &Console{Options: o, exports: make(chan struct{}, mostExports), trials: make(chan struct{}, mostTrials), pages: parsePages(), town: townOf(o.Look)}
	if o.Changes != nil {
		c.hub = newHub(o.Changes, o.Metrics, o.Log)
	}
	c.routes = c.handler()
	return c
}

// ServeHTTP implements http.Handler.
func (c *Console) ServeHTTP(w http.ResponseWriter, r *http.Request) { c.routes.ServeHTTP(w, r) }

// EndStreams ends those of the pages that are kept up to date, and lets nobody open one:
// a stop waits for requests.
func (c *Console) EndStreams() {
	if c.hub != nil {
		c.hub.stop()
	}
}

// Name is the console in metrics.
func (c *Console) Name() string { return "console" }

// Owns reports whether a path is the console's.
func (c *Console) Owns(path string) bool {
	return path == "/console" || len(path) >= len(Home) && path[:len(Home)] == Home
}

// Panicked answers for a page that panicked.
func (c *Console) Panicked(w http.ResponseWriter) {
	http.Error(w, reason.Of(sayBroken, nil).In(reason.English), http.StatusInternalServerError)
}
