package app

import (
	"context"
	"time"

	"relais/api"
	"relais/auth"
	"relais/campaign/ledger"
	"relais/config"
	"relais/config/effect"
	"relais/console"
	"relais/contact"
	"relais/credit"
	"relais/door/ovh"
	"relais/door/passerelle"
	"relais/door/shadow"
	"relais/duty"
	"relais/gateway"
	"relais/inbox"
	"relais/quota"
	"relais/reason"
	"relais/store/postgres"
	"relais/store/sqlite"
	"relais/template"
	"relais/webhook"
)

// Database is what the program asks of a store.
type Database interface {
	gateway.Store
	quota.Store
	credit.Store
	webhook.EndpointStore
	webhook.DeliveryStore
	auth.Store
	auth.PeopleStore
	api.Reader
	ovh.Store
	passerelle.Store
	shadow.Store
	contact.DirectoryStore
	contact.Store
	template.Store
	ledger.Store
	inbox.ThreadStore
	console.Changes
	// Unmatched lists the receipts that wait for a message, newest first.
	Unmatched(ctx context.Context, limit int) ([]inbox.UnmatchedReceipt, error)
	effect.Store
	// Agree sets it where it was never set, or reports whether it is the same.
	Agree(ctx context.Context, name, value string) (same bool, err error)
	// Sealed is one of the secrets that are sealed, nil when there is none.
	Sealed(ctx context.Context) ([]byte, error)
	Close() error
}

// OpenDatabase opens the database of a configuration beside gateways that may
// run on it, for commands that look after it.
func OpenDatabase(ctx context.Context, c config.Config) (Database, error) {
	if c.Database != "" {
		return postgres.Open(ctx, c.Database.Reveal(), false)
	}
	return sqlite.Open(ctx, c.Data)
}

// openToSend opens the database for the gateway itself and brings its schema up
// to date. Nodes that share PostgreSQL get leases; SQLite has one process, which
// needs none.
func openToSend(ctx context.Context, c config.Config) (Database, duty.Leases, error) {
	if c.Database == "" {
		store, err := sqlite.OpenExclusive(ctx, c.Data)
		if err != nil {
			return nil, nil, reason.Wrap(err, whyData, reason.Args{"directory": reason.Name(c.Data)})
		}
		return store, nil, nil
	}
	store, err := postgres.Open(ctx, c.Database.Reveal(), true)
	if err != nil {
		return nil, nil, reason.Wrap(err, whyDatabase, nil)
	}
	return store, store, nil
}

// openDatabase opens the database, with the key that it was used with.
func (p *process) openDatabase(ctx context.Context, c *config.Config) error {
	if c.Database != "" {
		node, unlock, err := lockNode(c.Data)
		if err != nil {
			return reason.Wrap(err, whyData, reason.Args{"directory": reason.Name(c.Data)})
		}
		p.ends.add("lock of the data directory", func(context.Context) error { return unlock() })
		p.node = node
	}
	var err error
	if p.store, p.leases, err = openToSend(ctx, *c); err != nil {
		return err
	}
	p.ends.add("database", func(context.Context) error { return p.store.Close() })
	if err := p.store.Ping(ctx); err != nil {
		return reason.Wrap(err, whyReadOnly, nil)
	}
	if p.sealer, err = sealerOf(ctx, *c, p.store, true); err != nil {
		return err
	}
	p.people = auth.NewPeople(auth.PeopleOptions{
		Store: p.store, Sealer: p.sealer, Now: p.clock.Now, Log: p.log.With("part", "console"),
	})
	return nil
}

// lookEvery is how long a loop sleeps at most: what other nodes accept tells it
// nothing.
func lookEvery(leases duty.Leases) time.Duration {
	if leases == nil {
		return 0
	}
	return 50 * time.Millisecond
}
