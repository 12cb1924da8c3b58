package ovh

import (
	"errors"
	"net/netip"
	"net/url"
	"strconv"
	"time"

	"relais/auth"
	"relais/internal/origin"
	"relais/reason"
)

// noSecret is compared with when there is no application: a wrong key takes as
// long as a wrong signature.
const noSecret = "00000000000000000000000000000000"

func decimal(n int64) string { return strconv.FormatInt(n, 10) }

// keyCalls decide who may call, and let applications ask for it.
type keyCalls struct{ *call }

// authenticate checks in the order that is inferred of OVH: application, clock,
// signature, consumer key, its rules; the route comes after. What is wrong is
// logged with the application's id, and without a secret.
func (c keyCalls) authenticate(path string) error {
	if c.route != nil && c.route.access == anybody {
		return nil
	}
	err := c.identify()
	if err == nil && (c.route == nil || c.route.access != applicationOnly) {
		err = c.authorize(path)
	}
	if refused, ok := errors.AsType[*refusal](err); ok {
		about := []any{
			"query", c.id, "application", c.app.ID, "account", c.app.Account, "reason", refused.message,
		}
		if refused == errSignature { // the client may have signed another
			about = append(about, "tried", c.envelope().origins())
		}
		c.Log.Warn("a call of an OVH client was refused", about...)
	}
	return err
}

// identify finds the application.
func (c keyCalls) identify() error {
	key := c.r.Header.Get("X-Ovh-Application")
	if key == "" {
		return errLogin
	}
	app, err := c.Store.OVHApplication(c.ctx(), key)
	if err == nil && app.RevokedAt.IsZero() {
		c.app, c.settings = app, c.Settings(app.Account)
		return nil
	}
	if err != nil && !errors.Is(err, auth.ErrUnknown) {
		return c.unavailable(err)
	}
	c.envelope().signed(noSecret)
	return errApplication
}

func (c keyCalls) unavailable(err error) error {
	c.Log.Error("cannot check the keys of an OVH client", "query", c.id, "error", err)
	return errUnavailable
}

func (c keyCalls) authorize(path string) error {
	_, named := c.r.Header["X-Ovh-Consumer"]
	stamp := c.r.Header.Get("X-Ovh-Timestamp")
	if !named || stamp == "" || c.r.Header.Get("X-Ovh-Signature") == "" {
		return errLogin
	}
	secret, err := c.Open(c.app.Secret)
	if err != nil {
		c.Log.Error("cannot read the secret of an application", "query", c.id,
			"application", c.app.ID, "error",
			err)
		return errUnavailable
	}
	if !c.timely(stamp) {
		return errClock
	}
	target, ok := c.envelope().signed(string(secret))
	switch {
	// an empty key is hashed as well (observed: komiser issue 1490)
	case !ok || c.r.Header.Get("X-Ovh-Consumer") == "":
		return errSignature
	}
	if err := c.grant(path); err != nil {
		return err
	}
	if err := c.within(); err != nil {
		return err
	}
	c.use(c.app.KeyID())
	c.Log.Debug("a call of an OVH client", "query", c.id, "application", c.app.ID, "signed", originOf(target))
	return nil
}

// originOf leaves the path out, which may hold a number.
func originOf(target string) string {
	signed, err := url.Parse(target)
	if err != nil {
		return ""
	}
	return signed.Scheme + "://" + signed.Host
}

func (c keyCalls) timely(stamp string) bool {
	// without a sign: a plus sign is what separates the parts that are signed
	seconds, err := strconv.ParseUint(stamp, 10, 63)
	if err != nil {
		return false
	}
	return c.Now().Sub(time.Unix(int64(seconds), 0)).Abs() <= c.settings.Tolerance
}

// grant finds the consumer key, and the rule that covers the call. Rules are
// matched on the path alone (inferred).
func (c keyCalls) grant(path string) error {
	consumer, err := c.Store.OVHCredential(c.ctx(), auth.HashOf(c.r.Header.Get("X-Ovh-Consumer")))
	switch {
	case errors.Is(err, auth.ErrUnknown):
		return errNoConsumer
	case err != nil:
		return c.unavailable(err)
	case consumer.Application != c.app.ID:
		return errNoConsumer
	case consumer.State != Validated, consumer.over(c.Now()),
		!allowed(consumer.AllowedIPs, c.envelope().address()):
		return errConsumer
	}
	c.granted = consumer
	if c.route != nil && c.route.access == anyRule {
		return nil
	}
	for _, rule := range consumer.Rules {
		if rule.Covers(c.r.Method, path) {
			return nil
		}
	}
	return errGrant
}

// within refuses what the limits of the application forbid, in the words of the API and
// ours behind them.
func (c keyCalls) within() error {
	var needs auth.KeyRight
	if c.route != nil {
		needs = c.route.needs
	}
	err := c.app.Limits.Check(needs, c.from(), c.Now())
	if err == nil {
		return nil
	}
	refused := *errConsumer
	if auth.HasCode(err, auth.CodeKeyRight) {
		refused = *errGrant
	}
	refused.message += ". " + auth.Said(err).In(reason.English)
	return &refused
}

// from is where the client is: by the proxies of the section, or by those that the whole
// gateway has.
func (c keyCalls) from() string {
	if len(c.settings.Proxies) > 0 {
		return c.envelope().address().String()
	}
	return origin.Client(c.r)
}

func (c *Credential) over(now time.Time) bool {
	return !c.ExpiresAt.IsZero() && !now.Before(c.ExpiresAt)
}

// allowed reports whether an address may call; an empty list allows every one.
func allowed(list []string, address netip.Addr) bool {
	if len(list) == 0 {
		return true
	}
	for _, text := range list {
		if network, err := networkOf(text); err == nil && network.Contains(address.Unmap()) {
			return true
		}
	}
	return false
}

// networkOf reads an address or a network.
func networkOf(text string) (netip.Prefix, error) {
	if address, err := netip.ParseAddr(text); err == nil {
		return netip.PrefixFrom(address, address.BitLen()), nil
	}
	return netip.ParsePrefix(text)
}
