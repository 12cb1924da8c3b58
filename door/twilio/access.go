package twilio

import (
	"net/http"
	"strings"

	"relais/auth"
	"relais/door"
	"relais/internal/origin"
	"relais/reason"
	"relais/sms"
)

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
	c.r = c.r.WithContext(auth.WithBy(c.ctx(), c.caller.By(origin.Client(c.r))))
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
	right := door.SameSecret(token, account.Token)
	switch {
	case !known:
		return c.unknown("no such account sid")
	case !right:
		return c.unknown("wrong auth token")
	case !door.Allows(account.AllowFrom, origin.Client(c.r)):
		return c.unknown("the auth token may not come from that address")
	}
	c.account = account
	c.caller = door.Caller{Actor: sms.DoorActor(Format, account.Name)}
	return nil
}

// byKey admits an API key of the account. Its sid is what the client has: the secret alone tells which key
// it is.
func (c *call) byKey(sid, secret string) error {
	if !isSid(kindKey, sid) {
		return c.unknown("no sid of a key")
	}
	caller, why, err := door.KeyCaller(c.ctx(), c.Keys, Format, secret, c.Now())
	switch {
	case err != nil:
		c.Log.Error("cannot check an API key", "door", Format, "error", err)
		return errUnavailable
	case why != "":
		return c.unknown(why)
	}
	if c.account = c.byAccount[caller.Key.Account]; c.account == nil {
		return c.unknown("the account of the API key has no section")
	}
	c.caller = caller
	if c.Used != nil {
		c.Used(caller.Key.ID)
	}
	return nil
}

// may refuses what the key of the caller must not do.
func (c *call) may(right auth.KeyRight) error {
	if why := c.caller.Refuses(right, origin.Client(c.r), c.Now()); !why.IsZero() {
		return refusalOf(http.StatusForbidden, codePermission, why.In(reason.English))
	}
	return nil
}
