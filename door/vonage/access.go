package vonage

import (
	"strconv"
	"time"

	"relais/auth"
	"relais/door"
	"relais/internal/origin"
	"relais/reason"
	"relais/sms"
)

// tolerance is how far the time of a signed request may be from ours (inferred: the guide has receivers compare the time, and
// names no bound).
const tolerance = 5 * time.Minute

// denied refuses who did not prove to be anybody. Why stands in the log, without what was sent.
func (c *call) denied(r *refusal, why string) error {
	c.Log.Warn("a request was refused", "door", Format, "reason", why)
	return r
}

// authenticate finds who calls: by key and secret among the parameters, by the same as user name and password, or by a
// signature (documented: NXD, VON).
func (c *call) authenticate() error {
	key, secret, sig := c.fields.get("api_key"), c.fields.get("api_secret"), c.fields.get("sig")
	if header, given := c.r.Header["Authorization"]; given {
		user, password, basic := c.r.BasicAuth()
		if !basic || len(header) > 1 || key != "" && key != user || secret != "" && secret != password {
			return c.denied(errCredentials, "no user name and password")
		}
		key, secret = user, password
	}
	switch {
	case key == "":
		return refusalOf(statusMissing, "api_key")
	case secret != "" && sig != "":
		return refusalOf(statusBoth, "")
	case secret == "" && sig == "":
		return refusalOf(statusMissing, "api_secret")
	}
	account := c.byKey[key]
	if account == nil {
		account = &Account{Secret: "as long as a secret", Signing: "as long as a secret", Method: methodMD5Hash}
	}
	prove := c.bySecret
	if sig != "" {
		prove = c.bySignature
	}
	if err := prove(account); err != nil {
		return err
	}
	c.account = account
	c.r = c.r.WithContext(auth.WithBy(c.ctx(), c.caller.By(origin.Client(c.r))))
	return nil
}

// bySecret admits the secret of the account, or an API key of it.
func (c *call) bySecret(account *Account) error {
	secret := c.fields.get("api_secret")
	if _, password, basic := c.r.BasicAuth(); basic {
		secret = password
	}
	if door.SameSecret(secret, account.Secret) {
		return c.bySection(account, "the secret may not come from that address")
	}
	caller, why, err := door.KeyCaller(c.ctx(), c.Keys, Format, secret, c.Now())
	switch {
	case err != nil:
		c.Log.Error("cannot check an API key", "door", Format, "error", err)
		return errInternal
	case why != "":
		return c.denied(errCredentials, why)
	case account.Account == "" || caller.Key.Account != account.Account:
		return c.denied(errCredentials, "the API key is of another account")
	}
	c.caller = caller
	if c.Used != nil {
		c.Used(caller.Key.ID)
	}
	return nil
}

// bySection admits who knows a secret of the section.
func (c *call) bySection(account *Account, elsewhere string) error {
	switch {
	case account.Account == "":
		return c.denied(errCredentials, "no such api_key")
	case !door.Allows(account.AllowFrom, origin.Client(c.r)):
		return c.denied(errCredentials, elsewhere)
	}
	c.caller = door.Caller{Actor: sms.DoorActor(Format, account.Name)}
	return nil
}

// bySignature admits a request that was signed a moment ago, by the method of the account.
func (c *call) bySignature(account *Account) error {
	seconds, err := strconv.ParseInt(c.fields.get("timestamp"), 10, 64)
	switch {
	case c.fields.get("timestamp") == "":
		return refusalOf(statusMissing, "timestamp")
	case account.Signing == "" || !verify(account.Method, account.Signing, c.fields.values):
		return c.denied(errSignature, "the signature is wrong, or the section has no secret for one")
	case err != nil || c.Now().Sub(time.Unix(seconds, 0)).Abs() > tolerance:
		return c.denied(errSignature, "the request was signed at another time")
	}
	return c.bySection(account, "signed requests may not come from that address")
}

// allowed refuses what the key of the caller must not do.
func (c *call) allowed(right auth.KeyRight) error {
	if why := c.caller.Refuses(right, origin.Client(c.r), c.Now()); !why.IsZero() {
		return refusalOf(statusNotEnabled, why.In(reason.English))
	}
	return nil
}
