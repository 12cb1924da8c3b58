package http2sms

import (
	"context"
	"errors"
	"log/slog"
	"sync"

	"relais/auth"
	"relais/door"
	"relais/door/ovh"
	"relais/door/shadow"
	"relais/reason"
	"relais/sms"
)

// Provider is the door's entry in the application's table. It stands below that of
// OVH's API, with which it shares logins, numbers, credit and the sections.
func Provider() door.Provider { return door.Provider{Name: "http2sms", Open: open} }

// whyNoDoor is said where the door that it shares logins with is not open.
const whyNoDoor reason.Code = "words/http2sms_alone"

func open(_ context.Context, env *door.Env) (opened door.Opened, err error) {
	api, ok := env.Before["ovh"].(*ovh.Door)
	if !ok {
		return opened, reason.NewError(whyNoDoor, nil)
	}
	store, err := door.StoreOf[ovh.Services](env)
	if err != nil {
		return opened, err
	}
	place := door.Place{For: "http2sms", Path: Path}
	if e := env.Everybody; e != nil {
		place.Credentials = []string{
			"account=" + api.GivenService, "login=" + e.User, "password=" + e.Password,
		}
	}
	o := Options{
		Gateway: env.Gateway, Login: logins(api), Numbers: api.Numbers, Endpoint: api.Endpoint,
		Credits: api.Credits,
		Log:     env.Log.With("part", "http2sms door"), Now: env.Now,
	}
	old := &oldServices{sections: env.Sections["ovh"], store: store, log: env.Log}
	opened.Places = []door.Place{place}
	if !old.tried() {
		opened.Mount = New(o)
		return opened, nil
	}
	o.Shadow = old.of
	opened.Mount = shadow.Wrap(env.Shadows, New(o), New(planning(o, env, old)))
	return opened, nil
}

// logins are those of OVH's API, with the errors of this door.
func logins(
	api *ovh.Door,
) func(ctx context.Context, service, login, password, remote string) (Caller, error) {
	return func(ctx context.Context, service, login, password, remote string) (Caller, error) {
		user, err := api.Login(ctx, service, login, password, remote)
		switch {
		case errors.Is(err, ovh.ErrLogin):
			return Caller{}, ErrLogin
		case errors.Is(err, ovh.ErrAddress):
			return Caller{}, ErrAddress
		}
		return Caller{user.Account, ovh.WithinOf(user.Limits)}, err
	}
}

// planning is a door that sends nothing.
func planning(o Options, env *door.Env, old *oldServices) Options {
	o.Gateway, o.Log = shadow.Planner{Gateway: env.Gateway}, o.Log.With("shadow", true)
	o.Endpoint = func(context.Context, string) (id sms.ID, err error) { return id, nil }
	o.Numbers = func(_ context.Context, _ string, ids []sms.ID) ([]int64, error) {
		return make([]int64, len(ids)), nil
	}
	// Logins here have passwords of their own, which the clients do not know yet.
	o.Login = func(ctx context.Context, service, _, _, _ string) (Caller, error) {
		account, _ := old.of(ctx, service)
		return Caller{Account: account}, nil
	}
	return o
}

// oldServices are those that http2sms at OVH still answers for.
type oldServices struct {
	sections map[string]any
	store    ovh.Services
	log      *slog.Logger
	found    sync.Map // the account of each service
}

func (o *oldServices) base(account string) string {
	return ovh.SectionOf(o.sections, account).ShadowHTTP2SMS
}

func (o *oldServices) tried() bool {
	for account := range o.sections {
		if o.base(account) != "" {
			return true
		}
	}
	return false
}

// of finds the account of a service and the http2sms that still answers. It remembers
// what it found: a database that is down must not end the old service.
func (o *oldServices) of(ctx context.Context, service string) (account, base string) {
	found, err := o.store.OVHServiceNamed(ctx, service)
	switch {
	case errors.Is(err, auth.ErrUnknown):
		return "", ""
	case err != nil:
		o.log.Error("cannot find the account of a service", "error", err)
		known, _ := o.found.Load(service)
		account, _ = known.(string)
	default:
		account = found.Account
		o.found.Store(service, account) // as many as there are accounts
	}
	return account, o.base(account)
}
