package app

import (
	"slices"
	"strconv"

	"relais/auth"
	"relais/config"
	"relais/reason"
)

// callbackSecret is the secret in the address that an instance's operator
// calls.
func callbackSecret(c config.Config, s *auth.Sealer, instance string) (string, bool) {
	configured, known := configuredSecret(c, instance)
	if !known || configured != "" {
		return configured, known
	}
	return derivedSecret(s, instance), true
}

func derivedSecret(s *auth.Sealer, instance string) string { return s.Derive("callback:" + instance) }

// configuredSecret is the callback_secret of an instance; empty is for one that is
// derived from the seal key.
func configuredSecret(c config.Config, instance string) (secret string, known bool) {
	conn, configured := c.Connector(instance)
	simulated := usesSandbox(c) &&
		slices.ContainsFunc(Simulated(""), func(s config.Connector) bool { return s.Name == instance })
	return conn.CallbackSecret.Reveal(), configured || simulated
}

// ErrNoPublicURL is returned for callbacks without an address to call.
var ErrNoPublicURL = reason.NewError(whyNoPublicURL, nil)

// CallbackURL is the address that the operator of an instance calls, without a
// slash at the end. It holds a secret.
func CallbackURL(c config.Config, instance string) (string, error) {
	if c.PublicURL == "" {
		return "", ErrNoPublicURL
	}
	secret, known := configuredSecret(c, instance)
	if !known {
		return "", reason.NewError(whyNoConnector, reason.Args{
			"connector": reason.Name(strconv.Quote(instance)),
		})
	}
	if secret == "" { // only this one takes the key, which the first start of the gateway makes
		s, err := sealer(c)
		if err != nil {
			return "", err
		}
		secret = derivedSecret(s, instance)
	}
	return c.PublicURL + "/callbacks/" + instance + "/" + secret, nil
}
