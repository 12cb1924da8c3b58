package local

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"relais/app"
	"relais/auth"
	"relais/cmd/relais/terminal"
)

// limitFlags say what a key may do.
type limitFlags struct {
	May       []string `help:"What the key may do: send, read, manage, operate, approve; may be repeated. Default: all but operate, which pauses connectors for everybody, and approve, which agrees to campaigns of others." placeholder:"RIGHT"`
	From      []string `help:"Address or network that the key may come from; may be repeated. Default: everywhere." placeholder:"NETWORK"`
	Connector []string `help:"Connector that the key's messages may take; may be repeated. Default: all." placeholder:"NAME"`
	Sender    []string `sep:"none" help:"Sender that the key may use; may be repeated. Default: those of the account." placeholder:"NAME"`
	Until     string   `help:"Last day on which the key works. Default: for ever." placeholder:"2027-12-31"`
}

// limits reads the flags.
func (f *limitFlags) limits(t *terminal.Terminal) (auth.KeyLimits, error) {
	terms := auth.KeyTerms{
		Rights: f.May, Networks: f.From, Connectors: f.Connector, Senders: f.Sender, Until: f.Until,
	}
	l, err := terms.Limits(time.Now())
	if wrong, ok := errors.AsType[*auth.TermError](err); ok {
		return l, t.Misuse("key_limit_wrong", "why", wrong.Reason().In(t.Language))
	}
	return l, err
}

// anything takes a limit away.
const anything = "any"

type keysLimitCommand struct {
	dataFlags
	limitFlags
	ID string `arg:"" help:"The key's id, as keys list shows it."`
}

// Run implements the command. Limits whose flag is not given stay.
func (c *keysLimitCommand) Run(t *terminal.Terminal) error {
	given := c.limitFlags
	taken := given.takeAny()
	asked, err := given.limits(t)
	if err != nil {
		return err
	}
	store, err := c.open(t, false)
	if err != nil {
		return err
	}
	key, err := limitKey(t.Ctx, store, c.ID, func(l auth.KeyLimits) auth.KeyLimits {
		return merged(l, asked, taken)
	})
	err = closed(store, err)
	if errors.Is(err, auth.ErrUnknown) {
		return errors.New(t.Text("key_unknown", "key", c.ID))
	}
	if err != nil {
		return err
	}
	t.Say("key_limited", "key", key.ID, "account", key.Account)
	if c.JSON {
		return terminal.PrintJSON(t.Stdout, shownKey(key))
	}
	return nil
}

// takeAny empties the flags that say "any", and returns limits that are to go.
func (f *limitFlags) takeAny() (gone []string) {
	until := []string{f.Until}
	for name, texts := range map[string]*[]string{
		"may": &f.May, "from": &f.From, "connector": &f.Connector, "sender": &f.Sender, "until": &until,
	} {
		if slices.Contains(*texts, anything) {
			gone = append(gone, name)
			*texts = nil
		}
	}
	f.Until = strings.Join(until, "")
	return gone
}

// merged are limits with those changed that were asked for, without those that are gone.
func merged(l, asked auth.KeyLimits, gone []string) auth.KeyLimits {
	given := func(name string, asked bool) bool { return asked || slices.Contains(gone, name) }
	if given("may", len(asked.Rights) > 0) {
		l.Rights = asked.Rights
	}
	if given("from", len(asked.Networks) > 0) {
		l.Networks = asked.Networks
	}
	if given("connector", len(asked.Connectors) > 0) {
		l.Connectors = asked.Connectors
	}
	if given("sender", len(asked.Senders) > 0) {
		l.Senders = asked.Senders
	}
	if given("until", !asked.Until.IsZero()) {
		l.Until = asked.Until
	}
	return l
}

// limitKey changes the limits of a key of the native API, an application or a login.
func limitKey(
	ctx context.Context, store app.Database, id string, change func(auth.KeyLimits) auth.KeyLimits,
) (auth.Key, error) {
	if account, login, found := strings.Cut(id, "/"); found {
		u, err := store.OVHUser(ctx, account, login)
		if err != nil {
			return auth.Key{}, err
		}
		u.Limits = change(u.Limits)
		return loginOf(u), store.KeepOVHUser(ctx, u)
	}
	all, err := allKeys(ctx, store)
	if err != nil {
		return auth.Key{}, err
	}
	at := slices.IndexFunc(all, func(k auth.Key) bool { return k.ID == id })
	if at < 0 {
		return auth.Key{}, auth.ErrUnknown
	}
	limits := change(all[at].Limits)
	key, err := store.LimitKey(ctx, id, &all[at].Limits, limits)
	if !errors.Is(err, auth.ErrUnknown) {
		return key, err
	}
	number, notNumber := strconv.ParseInt(id, 10, 64)
	if notNumber != nil {
		return key, err
	}
	a, err := store.LimitOVHApplication(ctx, number, limits)
	return keyOf(a), err
}

// shownLimits are limits in a list, empty where there are none.
func shownLimits(t *terminal.Terminal, l *auth.KeyLimits) string {
	var all []string
	for _, r := range l.Rights {
		all = append(all, r.Title().In(t.Language))
	}
	for _, n := range l.Networks {
		all = append(all, n.String())
	}
	all = append(all, l.Connectors...)
	for _, s := range l.Senders {
		all = append(all, string(s))
	}
	return strings.Join(all, ", ")
}
