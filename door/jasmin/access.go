package jasmin

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"

	"relais/auth"
	"relais/door"
	"relais/internal/origin"
	"relais/reason"
	"relais/sms"
)

// identify finds who calls: by arguments in the HTTP API, by Basic in the REST API (documented: JAS).
func (c *call) identify() error {
	if c.form == asREST {
		user, password, found := c.r.BasicAuth()
		if !found || len(c.r.Header["Authorization"]) != 1 {
			return c.refused("no user name and password", errLogin)
		}
		return c.authenticate(user, password, errLogin)
	}
	a, err := c.readArgs()
	if err != nil {
		return err
	}
	for _, name := range []string{"username", "password"} {
		if a.values[name] == "" {
			return missing(name)
		}
	}
	user, password := a.values["username"], a.values["password"]
	delete(a.values, "username")
	delete(a.values, "password")
	c.args = a
	return c.authenticate(user, password, &refusal{
		status: http.StatusForbidden, message: "Authentication failure for username:" + shown(user),
	})
}

// refused notes why nobody was let in, without what was sent.
func (c *call) refused(why string, said *refusal) error {
	c.Log.Warn("a request was refused", "door", Format, "reason", why)
	return said
}

// authenticate compares a password. A user who does not exist takes as long as a wrong password, and may be the name of an API
// key, whose password is the key.
func (c *call) authenticate(name, password string, said *refusal) error {
	user, known := c.Users[name]
	given, want := sha256.Sum256([]byte(password)), sha256.Sum256([]byte(user.Password))
	right := subtle.ConstantTimeCompare(given[:], want[:]) == 1
	switch {
	case !known:
		return c.byKey(name, password, said)
	case !right || user.Password == "":
		return c.refused("wrong password", said)
	case !door.Allows(user.AllowFrom, origin.Client(c.r)):
		return c.refused("the user may not come from that address", said)
	}
	c.enter(name, user, door.Caller{Actor: sms.DoorActor(Format, name)})
	return nil
}

// byKey admits an API key of the gateway under its own name.
func (c *call) byKey(name, secret string, said *refusal) error {
	caller, why, err := door.KeyCaller(c.ctx(), c.Keys, Format, secret, c.Now())
	switch {
	case err != nil:
		c.Log.Error("cannot check an API key", "door", Format, "error", err)
		return errUnavailable
	case why != "":
		return c.refused("no such user, and "+why, said)
	case caller.Key.Name != name:
		return c.refused("the API key has another name", said)
	}
	if c.Used != nil {
		c.Used(caller.Key.ID)
	}
	c.enter(name, User{Account: caller.Key.Account}, caller)
	return nil
}

func (c *call) enter(name string, user User, caller door.Caller) {
	c.name, c.user, c.caller = name, user, caller
	c.r = c.r.WithContext(auth.WithBy(c.ctx(), caller.By(origin.Client(c.r))))
}

// may refuses what the key of the caller must not do.
func (c *call) may(right auth.KeyRight) error {
	if why := c.caller.Refuses(right, origin.Client(c.r), c.Now()); !why.IsZero() {
		return unauthorized(c.name, why.In(reason.English))
	}
	return nil
}
