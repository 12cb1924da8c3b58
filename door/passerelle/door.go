package passerelle

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"relais/door"
	"relais/gateway"
	"relais/lane"
	"relais/search"
	"relais/sms"
)

// Store is what the door keeps.
type Store interface {
	// SpendNonce notes that a nonce was used, until a time, and reports whether it
	// was unused. A scope is one door's own.
	SpendNonce(ctx context.Context, scope, nonce string, now, until time.Time) (fresh bool, err error)
	// CountByMetadata counts messages of an account.
	CountByMetadata(ctx context.Context, c search.Count) ([]search.Counted, error)
}

// Gateway is what the door asks of the gateway.
type Gateway interface {
	Submit(
		ctx context.Context, s gateway.Submission, answer func(*gateway.Result) ([]byte, error),
	) (*gateway.Result, error)
	Region(account string) string
	Connectors(ctx context.Context) ([]lane.Description, error)
}

// Instance is one door: what an instance of an SMS connector was in Passerelle.
type Instance struct {
	Name      string // in /passerelle/NAME/send
	Kind      string // in /KIND/SLUG/send; empty: there is no such address
	Slug      string
	Account   string
	Connector string // empty: routes choose
	Families  []string
	Special   bool // numbers of special and premium rates too
	Region    string
	MaxLength int // characters
	Class     sms.Class
	ValidFor  time.Duration
	// CampaignFrom is from how many recipients a send becomes a campaign; 0: never.
	CampaignFrom int
	Callers      []Caller
	Proxies      Networks
	Shadow       string // address of the instance that still answers; empty: this one does
}

// Options make a Door.
type Options struct {
	Gateway   Gateway
	Orders    door.Orders // of large sends; nil: none becomes a campaign
	Store     Store
	Instances []Instance
	Zone      *time.Location // of days in statistics
	Log       *slog.Logger
	Now       func() time.Time
}

// Door answers the callers of Passerelle.
type Door struct {
	Options
	byName map[string]*Instance
	byOld  map[string]*Instance // by kind, a slash and slug
	kinds  map[string]bool
}

// New makes the door of some instances.
func New(o Options) *Door {
	d := &Door{
		Options: o, byName: map[string]*Instance{}, byOld: map[string]*Instance{},
		kinds: map[string]bool{},
	}
	for i := range o.Instances {
		instance := &o.Instances[i]
		d.byName[instance.Name] = instance
		if instance.Kind != "" {
			d.byOld[instance.Kind+"/"+instance.Slug] = instance
			d.kinds[instance.Kind] = true
		}
	}
	return d
}

// Name is the door's in metrics.
func (d *Door) Name() string { return prefix }

// Owns reports whether a path is of this door: /passerelle/… always, and the old
// addresses of the kinds that are configured. A configured base that ends with a
// slash gives two: the native API would redirect, which loses a message.
func (d *Door) Owns(path string) bool {
	if len(d.byName) == 0 {
		return false
	}
	first, rest, _ := strings.Cut(strings.TrimLeft(path, "/"), "/")
	if first == prefix {
		return true
	}
	_, what, _ := strings.Cut(rest, "/")
	return d.kinds[first] && operations[strings.TrimSuffix(what, "/")] != ""
}

const (
	prefix     = "passerelle"
	statistics = "api/statistics"
)

// operations are what an instance does, and by which method.
var operations = map[string]string{"send": http.MethodPost, "up": http.MethodGet}

// ServeHTTP implements http.Handler. With and without the final slash it is one
// address: a redirect would lose the body and the signature.
func (d *Door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := strings.TrimSuffix(strings.TrimLeft(r.URL.Path, "/"), "/")
	first, rest, _ := strings.Cut(path, "/")
	if first == prefix && (rest == statistics || strings.HasPrefix(rest, statistics+"/")) {
		d.statistics(w, r, strings.TrimPrefix(strings.TrimPrefix(rest, statistics), "/"))
		return
	}
	instance, what := d.place(first, rest)
	method := operations[what]
	switch {
	case instance == nil || method == "":
		notFound().write(w)
	case r.Method != method && (method != http.MethodGet || r.Method != http.MethodHead):
		wrongMethod(w, method)
	case what == "up":
		d.up(w, r, instance)
	default:
		d.send(w, r, instance)
	}
}

// place finds the instance of an address, and what is asked of it.
func (d *Door) place(first, rest string) (*Instance, string) {
	slug, what, _ := strings.Cut(rest, "/")
	if first == prefix {
		return d.byName[slug], what
	}
	return d.byOld[first+"/"+slug], what
}
