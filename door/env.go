package door

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"relais/auth"
	"relais/config/section"
	"relais/door/shadow"
	"relais/gateway"
	"relais/reason"
	"relais/sms"
	"relais/webhook"
)

// whyNoAccount is said of a section whose account does not exist.
const whyNoAccount reason.Code = "words/door_no_account"

// Env is what the application lends to a door.
type Env struct {
	Gateway *gateway.Gateway
	Orders  Orders // makes campaigns of large sends
	// Store is the database. It keeps what doors keep, by the interfaces in their
	// packages; StoreOf gives it one.
	Store    any
	Accounts func(ctx context.Context) ([]auth.Account, error)
	Webhooks *webhook.Manager
	Shadows  *shadow.Keeper // compares with the gateway that a door replaces
	Sealer   *auth.Sealer

	Sections  map[string]map[string]any // of all doors, by the key of their table and their name
	Account   func(name string) Account // settings that doors show
	PublicURL string                    // under which callers reach the gateway; empty: not known
	Everybody *Everybody                // nil: nobody is let in by what everybody knows
	Before    map[string]Mount          // of the doors above this one in the table, by name

	// Used notes that a key was used, by the id that lists show.
	Used func(key string)

	SMPP SMPP // where SMPP clients come
	// Post sends a mail; nil: the configuration names no mail server.
	Post     func(ctx context.Context, l Letter) error
	Language reason.Language // of mail
	// Leads reports whether this node is the one that tells a connected client, by its account and the address
	// of its endpoint, which has to be connected here. nil: there is no other node.
	Leads func(account, address string) bool

	// Listen opens a port. The application closes it when the gateway does not start.
	Listen  func(ctx context.Context, address string) (net.Listener, error)
	Zone    *time.Location // of days
	Metrics prometheus.Registerer
	Log     *slog.Logger
	Now     func() time.Time
}

// SMPP is where the door for SMPP clients listens.
type SMPP struct {
	Listen           string // empty: nowhere in the clear
	TLS              string // empty: nowhere with TLS
	Certificate, Key string // its files
}

// Letter is a mail of a door.
type Letter struct {
	From, To  string
	InReplyTo string // Message-ID; empty: it answers no mail
	Subject   string
	Text      string
}

// Orders makes campaigns of what programs send to many at once.
type Orders interface {
	// Order makes one, which runs from the moment that it is on disk, and tells what the gateway
	// plans. The id is zero where it has to be submitted instead. It refuses what Submit refuses.
	Order(ctx context.Context, name string, s gateway.Submission) (sms.ID, *gateway.Result, error)
}

// Account is what doors show of an account.
type Account struct {
	Sender    string // its default
	Connector string // that its messages take when no rule holds; empty: there is none
}

// Everybody is who may use a gateway beside simulated operators that only its own
// machine reaches. Each door opens to it, and Place says how.
type Everybody struct {
	Account   string
	User      string
	Password  string
	Key       string            // of the API
	Simulated map[string]string // names of the simulated connectors, to the kind that they were known by
	OnCall    string            // who gets alerts
	// Port is an address of this machine for a door with connections of its own: with its usual port, or any where
	// another gateway may have that.
	Port func(usual string) (address string)
}

// StoreOf gives the database the interface of a door.
func StoreOf[S any](env *Env) (S, error) {
	store, ok := env.Store.(S)
	if !ok {
		return store, fmt.Errorf("the database does not keep what the door wants")
	}
	return store, nil
}

// CheckAccount refuses a section of the configuration whose account does not exist:
// nothing would send its messages.
func (e *Env) CheckAccount(ctx context.Context, table, name, account string) error {
	known, err := e.Accounts(ctx)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(known, func(k auth.Account) bool { return k.Name == account }) {
		return nil
	}
	return reason.At("["+table+"."+name+"]", reason.NewError(whyNoAccount, reason.Args{
		"quoted": reason.Name(strconv.Quote(account)), "account": reason.Name(account),
	}))
}

// CheckURL reports what is wrong with an address for events.
func (e *Env) CheckURL(url string) error {
	wrong := webhook.CheckURL(url, e.Webhooks.Policy)
	if wrong == nil { // a nil pointer would be an error
		return nil
	}
	return wrong
}

// Networks reads those of a section, which was checked.
func Networks(texts []string) []netip.Prefix {
	var all []netip.Prefix
	for _, text := range texts {
		if n, err := section.ParseNetwork(text); err == nil {
			all = append(all, n.Masked())
		}
	}
	return all
}
