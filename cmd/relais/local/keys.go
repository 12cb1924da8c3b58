package local

import (
	"errors"
	"fmt"
	"time"

	"relais/auth"
	"relais/cmd/relais/terminal"
)

type keysCommand struct {
	Create   keysCreateCommand   `cmd:"" help:"Make an API key; standard output gets the key and nothing else."`
	List     keysListCommand     `cmd:"" help:"List the keys, without their secrets."`
	Limit    keysLimitCommand    `cmd:"" help:"Change what a key may do; the word any takes a limit away."`
	Revoke   keysRevokeCommand   `cmd:"" help:"Revoke a key or the application of an OVH client, or delete a login of http2sms."`
	Validate keysValidateCommand `cmd:"" help:"Let a consumer key work that an OVH client asked for."`
}

// keyShown is a key in JSON.
type keyShown struct {
	ID        string     `json:"id"`
	Account   string     `json:"account"`
	Name      string     `json:"name"`
	Key       string     `json:"key,omitempty"` // only when it was just made
	CreatedAt *time.Time `json:"created_at"`
	RevokedAt *time.Time `json:"revoked_at,omitempty"`
	UsedAt    *time.Time `json:"used_at,omitempty"` // to the minute
	auth.KeyLimits
}

func shownKey(k auth.Key) keyShown {
	return keyShown{
		ID: k.ID, Account: k.Account, Name: k.Name, CreatedAt: moment(k.CreatedAt),
		RevokedAt: moment(k.RevokedAt), UsedAt: moment(k.UsedAt), KeyLimits: k.Limits,
	}
}

type keysCreateCommand struct {
	dataFlags
	limitFlags
	Account  string   `required:"" help:"Account that the key acts for."`
	Name     string   `help:"What uses it: shown in lists and timelines. Required, unless it is a login of http2sms."`
	OVH      bool     `name:"ovh" help:"Keys for a client of OVHcloud's API: prints application key, secret and consumer key."`
	Rule     []string `sep:"none" help:"With --ovh: a call that is granted, such as \"POST /sms/*\"; may be repeated. Default: every call." placeholder:"RULE"`
	Service  string   `help:"With --ovh or --http2sms: name of the SMS service that clients have configured. Default: sms-ACCOUNT-1." placeholder:"NAME"`
	HTTP2SMS string   `name:"http2sms" help:"A login for http2sms: prints its password." placeholder:"LOGIN"`
}

// Run implements the command.
func (c *keysCreateCommand) Run(t *terminal.Terminal) error {
	if err := c.check(t); err != nil {
		return err
	}
	limits, err := c.limits(t)
	if err != nil {
		return err
	}
	switch {
	case c.OVH:
		return c.createOVH(t, limits)
	case c.HTTP2SMS != "":
		return c.createLogin(t, limits)
	}
	store, err := c.open(t, false)
	if err != nil {
		return err
	}
	text, key, err := auth.MakeKey(t.Ctx, store, auth.Key{
		Account: c.Account, Name: c.Name, CreatedAt: time.Now(), Limits: limits,
	})
	err = closed(store, err)
	if errors.Is(err, auth.ErrUnknown) {
		return errors.New(t.Text("account_unknown", "account", c.Account))
	}
	if err != nil {
		return err
	}
	t.Say("key_created", "key", key.ID, "account", key.Account)
	if c.JSON {
		made := shownKey(key)
		made.Key = text
		return terminal.PrintJSON(t.Stdout, made)
	}
	_, err = fmt.Fprintln(t.Stdout, text)
	return err
}

type keysListCommand struct{ dataFlags }

// Run implements the command.
func (c *keysListCommand) Run(t *terminal.Terminal) error {
	store, err := c.open(t, false)
	if err != nil {
		return err
	}
	keys, err := allKeys(t.Ctx, store)
	if err := closed(store, err); err != nil {
		return err
	}
	list := make([]keyShown, len(keys))
	rows := [][]string{{
		t.Text("head_id"), t.Text("head_account"), t.Text("head_name"), t.Text("head_created"),
		t.Text("head_used"), t.Text("head_until"), t.Text("head_revoked"), t.Text("head_may"),
	}}
	for i, k := range keys {
		list[i] = shownKey(k)
		rows = append(rows, []string{
			k.ID, k.Account, k.Name, t.Shown(k.CreatedAt), t.Shown(k.UsedAt),
			t.Shown(k.Limits.Until), t.Shown(k.RevokedAt), shownLimits(t, &k.Limits),
		})
	}
	if c.JSON {
		return terminal.PrintItems(t.Stdout, list)
	}
	if len(keys) == 0 {
		t.Say("keys_none")
		return nil
	}
	return terminal.PrintTable(t.Stdout, rows...)
}

type keysRevokeCommand struct {
	dataFlags
	ID string `arg:"" help:"The key's id, as keys list shows it."`
}

// Run implements the command.
func (c *keysRevokeCommand) Run(t *terminal.Terminal) error {
	store, err := c.open(t, false)
	if err != nil {
		return err
	}
	key, err := revokeKey(t.Ctx, store, c.ID)
	err = closed(store, err)
	if errors.Is(err, auth.ErrUnknown) {
		return errors.New(t.Text("key_unknown", "key", c.ID))
	}
	if err != nil {
		return err
	}
	t.Say("key_revoked", "key", key.ID, "account", key.Account)
	if c.JSON {
		return terminal.PrintJSON(t.Stdout, shownKey(key))
	}
	return nil
}
