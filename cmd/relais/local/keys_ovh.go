package local

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"relais/app"
	"relais/auth"
	"relais/cmd/relais/terminal"
	"relais/door/ovh"
)

// check judges the flags before the database is opened.
func (c *keysCreateCommand) check(t *terminal.Terminal) error {
	switch {
	case c.OVH && c.HTTP2SMS != "":
		return t.Misuse("keys_twice")
	case !c.OVH && (len(c.Rule) > 0 || c.HTTP2SMS == "" && c.Service != ""):
		return t.Misuse("keys_flags")
	case auth.CheckName("account", c.Account) != nil:
		return t.Misuse("account_name_wrong")
	case c.HTTP2SMS == "" && auth.CheckName("key name", c.Name) != nil:
		return t.Misuse("key_name_wrong")
	case c.HTTP2SMS != "" && ovh.CheckLogin(c.HTTP2SMS) != nil:
		return t.Misuse("login_wrong")
	case c.Service != "" && ovh.CheckService(c.Service) != nil:
		return t.Misuse("service_wrong")
	}
	for _, rule := range c.Rule {
		if _, err := ovh.ParseRule(rule); err != nil {
			return t.Misuse("rule_wrong", "rule", strconv.Quote(rule))
		}
	}
	return nil
}

func (c *keysCreateCommand) createOVH(t *terminal.Terminal, limits auth.KeyLimits) error {
	asked := ovh.Asked{
		Account: c.Account, Name: c.Name, Service: c.Service, Now: time.Now(), Limits: limits,
	}
	for _, text := range c.Rule {
		rule, err := ovh.ParseRule(text)
		if err != nil {
			return err
		}
		asked.Rules = append(asked.Rules, rule)
	}
	store, err := c.open(t, false)
	if err != nil {
		return err
	}
	issued, err := c.issue(t, store, asked)
	if err := closed(store, err); err != nil {
		return c.unknownAccount(t, err)
	}
	t.Say("ovh_key_created", "application", issued.ApplicationID, "account", issued.Account, "service",
		issued.Service)
	if c.JSON {
		return terminal.PrintJSON(t.Stdout, issued)
	}
	_, err = fmt.Fprintf(t.Stdout, "application_key=%s\napplication_secret=%s\nconsumer_key=%s\n",
		issued.ApplicationKey, issued.ApplicationSecret, issued.ConsumerKey)
	return err
}

func (c *keysCreateCommand) createLogin(t *terminal.Terminal, limits auth.KeyLimits) error {
	store, err := c.open(t, false)
	if err != nil {
		return err
	}
	login, err := c.issueLogin(t, store, limits)
	if err := closed(store, err); err != nil {
		return c.unknownAccount(t, err)
	}
	t.Say("login_created", "login", login.Login, "account", login.Account, "service", login.Service)
	if c.JSON {
		return terminal.PrintJSON(t.Stdout, login)
	}
	_, err = fmt.Fprintln(t.Stdout, login.Password)
	return err
}

func (c *keysCreateCommand) issue(
	t *terminal.Terminal, store app.Database, asked ovh.Asked,
) (*ovh.Issued, error) {
	seal, _, err := c.sealing(t, store)
	if err != nil {
		return nil, err
	}
	return ovh.Issue(t.Ctx, store, seal, asked)
}

func (c *keysCreateCommand) issueLogin(
	t *terminal.Terminal, store app.Database, limits auth.KeyLimits,
) (*ovh.Login, error) {
	_, derive, err := c.sealing(t, store)
	if err != nil {
		return nil, err
	}
	login, err := ovh.IssueLogin(t.Ctx, store, derive, c.Account, c.HTTP2SMS, c.Service, time.Now())
	if err != nil || !limits.Bound() {
		return login, err
	}
	_, err = limitKey(t.Ctx, store, c.Account+"/"+c.HTTP2SMS, func(auth.KeyLimits) auth.KeyLimits { return limits })
	return login, err
}

func (c *keysCreateCommand) sealing(
	t *terminal.Terminal, store app.Database,
) (seal func([]byte) []byte, derive func(string) string, err error) {
	settings, err := c.settings(t)
	if err != nil {
		return nil, nil, err
	}
	return app.OVHSeal(t.Ctx, settings, store)
}

func (c *keysCreateCommand) unknownAccount(t *terminal.Terminal, err error) error {
	if errors.Is(err, auth.ErrUnknown) {
		return errors.New(t.Text("account_unknown", "account", c.Account))
	}
	return err
}

// keyOf shows an application among the keys.
func keyOf(a ovh.Application) auth.Key {
	return auth.Key{
		ID: strconv.FormatInt(a.ID, 10), Account: a.Account, Name: a.Name, CreatedAt: a.CreatedAt,
		RevokedAt: a.RevokedAt, UsedAt: a.UsedAt, Limits: a.Limits,
	}
}

// loginOf shows a login among the keys, by ACCOUNT/LOGIN.
func loginOf(u ovh.User) auth.Key {
	return auth.Key{
		ID: u.Account + "/" + u.Login, Account: u.Account, Name: "http2sms", CreatedAt: u.CreatedAt,
		UsedAt: u.UsedAt, Limits: u.Limits,
	}
}

// allKeys are those of the native API, then the applications of OVH clients and
// the logins of http2sms.
func allKeys(ctx context.Context, store app.Database) ([]auth.Key, error) {
	keys, err := store.Keys(ctx)
	if err != nil {
		return nil, err
	}
	applications, err := store.OVHApplications(ctx)
	for _, a := range applications {
		keys = append(keys, keyOf(a))
	}
	if err != nil {
		return nil, err
	}
	accounts, err := store.Accounts(ctx)
	if err != nil {
		return nil, err
	}
	for _, account := range accounts {
		users, err := store.OVHUsers(ctx, account.Name)
		if err != nil {
			return nil, err
		}
		for _, u := range users {
			keys = append(keys, loginOf(u))
		}
	}
	return keys, nil
}

// revokeKey revokes a key of the native API or an application, or deletes a
// login.
func revokeKey(ctx context.Context, store app.Database, id string) (auth.Key, error) {
	if account, login, found := strings.Cut(id, "/"); found {
		u, err := store.OVHUser(ctx, account, login)
		if err != nil {
			return auth.Key{}, err
		}
		return loginOf(u), store.DeleteOVHUser(ctx, account, login)
	}
	key, err := store.RevokeKey(ctx, id, time.Now())
	if !errors.Is(err, auth.ErrUnknown) {
		return key, err
	}
	number, notNumber := strconv.ParseInt(id, 10, 64)
	if notNumber != nil {
		return key, err
	}
	a, err := store.RevokeOVHApplication(ctx, number, time.Now())
	return keyOf(a), err
}

type keysValidateCommand struct {
	dataFlags
	Token  string        `arg:"" help:"credentialToken of the address that the client was given."`
	For    time.Duration `help:"How long the key works. Default: for ever." placeholder:"720h"`
	Refuse bool          `help:"Say no instead."`
}

// Run implements the command.
func (c *keysValidateCommand) Run(t *terminal.Terminal) error {
	if c.For < 0 {
		return t.Misuse("key_time_wrong")
	}
	store, err := c.open(t, false)
	if err != nil {
		return err
	}
	decided, err := c.decide(t.Ctx, store)
	err = closed(store, err)
	if errors.Is(err, auth.ErrUnknown) {
		return errors.New(t.Text("ovh_no_token"))
	}
	if err != nil {
		return err
	}
	if c.Refuse {
		t.Say("ovh_key_refused", "application", decided.Application)
	} else {
		t.Say("ovh_key_validated", "application", decided.Application)
	}
	for _, rule := range decided.Rules { // the program chose them
		fmt.Fprintln(t.Stderr, "  "+rule.Method+" "+rule.Path)
	}
	if c.JSON {
		return terminal.PrintJSON(t.Stdout, map[string]any{
			"application_id": decided.Application, "credential_id": decided.ID, "state": decided.State,
			"rules": decided.Rules,
		})
	}
	return nil
}

func (c *keysValidateCommand) decide(ctx context.Context, store app.Database) (ovh.Credential, error) {
	if c.Refuse {
		return ovh.Refuse(ctx, store, c.Token, time.Now())
	}
	var until time.Time
	if c.For > 0 {
		until = time.Now().Add(c.For)
	}
	return ovh.Validate(ctx, store, c.Token, time.Now(), until)
}
