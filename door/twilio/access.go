package twilio

import (
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"net/http"
	"strings"

	"relais/auth"
	"relais/door"
	"relais/gateway"
	"relais/internal/origin"
	"relais/reason"
	"relais/sms"
)

// caller is who calls: with the token of the account, or with an API key.
type caller struct {
	actor  sms.Actor
	key    auth.Key // zero: the token, which may everything that concerns its account
	within gateway.Within
}

// by stands in the audit.
func (c *call) by() auth.By {
	return auth.By{Actor: c.caller.actor, Address: origin.Client(c.r), Via: c.caller.key.ID}
}

// authenticate finds who calls, and the account of the path (documented: the user name is the sid of the
// account, or of a key).
func (c *call) authenticate() error {
	user, password, found := c.r.BasicAuth()
	if !found || len(c.r.Header["Authorization"]) != 1 {
		return c.unknown("no user name and password")
	}
	var err error
	if strings.HasPrefix(user, kindKey) {
		err = c.byKey(user, password)
	} else {
		err = c.byToken(user, password)
	}
	if err != nil {
		return err
	}
	c.r = c.r.WithContext(auth.WithBy(c.ctx(), c.by()))
	if c.place.account != c.account.Sid { // that of somebody else, or of nobody
		return errNotFound
	}
	return nil
}

// unknown refuses who did not prove to be anybody. Why stands in the log, without what was sent.
func (c *call) unknown(why string) error {
	c.Log.Warn("a request was refused", "door", Format, "reason", why)
	return errUnknown
}

// byToken compares the token; a sid that does not exist takes as long as a wrong token.
func (c *call) byToken(sid, token string) error {
	account := c.bySid[sid]
	known := account != nil
	if !known {
		account = &Account{Token: "as long as a token that is one.."}
	}
	given, want := sha256.Sum256([]byte(token)), sha256.Sum256([]byte(account.Token))
	right := subtle.ConstantTimeCompare(given[:], want[:]) == 1
	switch {
	case !known:
		return c.unknown("no such account sid")
	case !right || account.Token == "":
		return c.unknown("wrong auth token")
	case !door.Allows(account.AllowFrom, origin.Client(c.r)):
		return c.unknown("the auth token may not come from that address")
	}
	c.account = account
	c.caller = caller{actor: sms.DoorActor(Format, account.Name)}
	return nil
}

// byKey admits an API key of the account. Its sid is what the client has: the secret alone tells which key
// it is.
func (c *call) byKey(sid, secret string) error {
	if !isSid(kindKey, sid) {
		return c.unknown("no sid of a key")
	}
	key, err := c.Keys.Recognise(c.ctx(), secret)
	switch {
	case errors.Is(err, auth.ErrUnknown), errors.Is(err, auth.ErrRevoked):
		return c.unknown("no such API key")
	case err != nil:
		c.Log.Error("cannot check an API key", "door", Format, "error", err)
		return errUnavailable
	}
	if c.account = c.byAccount[key.Account]; c.account == nil {
		return c.unknown("the account of the API key has no section")
	}
	if key.Limits.Over(c.Now()) {
		return c.unknown("the API key is over")
	}
	c.caller = caller{
		actor: sms.DoorActor(Format, key.Name), key: key,
		within: gateway.Within{Connectors: key.Limits.Connectors, Senders: key.Limits.Senders},
	}
	if c.Used != nil {
		c.Used(key.ID)
	}
	return nil
}

// may refuses what the key of the caller must not do.
func (c *call) may(right auth.KeyRight) error {
	if c.caller.key.ID == "" {
		return nil
	}
	if why := c.caller.key.Limits.Refuses(right, origin.Client(c.r), c.Now()); !why.IsZero() {
		return refusalOf(http.StatusForbidden, codePermission, why.In(reason.English))
	}
	return nil
}
