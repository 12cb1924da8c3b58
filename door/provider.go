package door

import (
	"context"
	"net/http"

	"relais/config/section"
	"relais/inbox"
	"relais/sms"
	"relais/webhook"
)

// Provider is the entry of one door in the application's table.
type Provider struct {
	Name  string         // for people and metrics: "kannel"
	Table *section.Table // of its sections in the configuration; nil: it has none of its own
	// Open makes the door from the sections of Env, which passed Check. Nothing has to be
	// undone when it fails, save what Env.Listen opened, which the application closes.
	Open func(ctx context.Context, env *Env) (Opened, error)
}

// Opened is a door that is ready to serve.
type Opened struct {
	Mount    Mount    // paths of the gateway's HTTP server; nil: none
	Listener Listener // connections of its own; nil: none
	Places   []Place  // where it is, for people
	// Formats are the shapes that its callers want events in, by names that no other
	// door uses.
	Formats map[string]webhook.Format
	// Carriers are the formats whose events leave by connections that callers opened.
	Carriers map[string]webhook.Carrier
	// ReplyEndpoints are where a reply goes beside the webhooks that subscribed; nil:
	// nowhere.
	ReplyEndpoints func(ctx context.Context, in *inbox.Inbound) ([]sms.ID, error)
}

// Mount answers callers at some paths of the gateway's HTTP server.
type Mount interface {
	http.Handler
	Name() string                   // in metrics
	Owns(path string) bool          // whether a path is the door's
	Panicked(w http.ResponseWriter) // its words for a failure of ours
}

// Listener answers callers on connections of its own.
type Listener interface {
	// Run serves until Stop is called, and returns nil then. Any other end of it ends
	// the gateway, with this error.
	Run(ctx context.Context) error
	// Stop takes no more work, and waits for what is under way until ctx ends.
	Stop(ctx context.Context) error
}

// Listening is a section that names addresses for listeners. Checks of a
// configuration look whether this machine has them.
type Listening interface {
	Addresses() []string // host:port; empty: none
}

// Place tells people where a door is.
type Place struct {
	For         string   // what its callers were written for: "Kannel"
	Path        string   // of the HTTP server; empty: Address is the place
	Address     string   // of a listener, with its scheme
	Credentials []string // NAME=VALUE, that everybody knows; none where they have to be made
}
