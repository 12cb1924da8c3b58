package console

import (
	"context"

	"relais/auth"
)

// Ways of signing in, as the metrics name them.
const (
	byPassword = "password"
	byCode     = "code" // of the second step
	byPasskey  = "passkey"
	byProvider = "provider" // of identities
	byLink     = "link"     // that chooses a password or a passkey
)

// signInResult is how an attempt to sign in ended, in a word of the metrics. Nothing in it names
// a person.
func signInResult(s auth.Session, err error) string {
	if err == nil {
		if s.Step != auth.StepNone {
			return "step" // the second step is asked for
		}
		return "in"
	}
	switch {
	case auth.HasCode(err, auth.CodeWrong, auth.CodeStepWrong, auth.CodeStepUsed, auth.CodePasskeyWrong,
		auth.CodePasskeyCopied, auth.CodePasskeyUnknown, auth.CodeLink):
		return "wrong"
	case auth.HasCode(err, auth.CodeWait, auth.CodeBusy):
		return "held"
	case auth.Said(err).IsZero():
		return "failed"
	}
	return "refused"
}

// countedPeople counts who signs in.
type countedPeople struct {
	People
	metrics *Metrics
}

// SignIn implements People.
func (c countedPeople) SignIn(ctx context.Context, a auth.Attempt) (string, auth.Session, error) {
	token, s, err := c.People.SignIn(ctx, a)
	c.metrics.signedIn(byPassword, s, err)
	return token, s, err
}

// SecondStep implements People.
func (c countedPeople) SecondStep(
	ctx context.Context, token, code string, from auth.Browser,
) (string, auth.Session, error) {
	fresh, s, err := c.People.SecondStep(ctx, token, code, from)
	c.metrics.signedIn(byCode, s, err)
	return fresh, s, err
}

// Invitation implements People. A link that is over is a wrong one.
func (c countedPeople) Invitation(ctx context.Context, code string) (auth.Invited, error) {
	invited, err := c.People.Invitation(ctx, code)
	if auth.HasCode(err, auth.CodeLink) {
		c.metrics.signedIn(byLink, auth.Session{}, err)
	}
	return invited, err
}

// Redeem implements People.
func (c countedPeople) Redeem(
	ctx context.Context, code, password string, from auth.Browser,
) (string, auth.Session, error) {
	token, s, err := c.People.Redeem(ctx, code, password, from)
	c.metrics.signedIn(byLink, s, err)
	return token, s, err
}

// passkeys are Passkeys under a name that none of their methods has.
type passkeys interface{ Passkeys }

// countedPasskeys counts who signs in by a passkey.
type countedPasskeys struct {
	passkeys
	metrics *Metrics
}

// SignInByPasskey implements Passkeys.
func (c countedPasskeys) SignInByPasskey(ctx context.Context, a auth.Answer) (string, auth.Session, error) {
	token, s, err := c.passkeys.SignInByPasskey(ctx, a)
	c.metrics.signedIn(byPasskey, s, err)
	return token, s, err
}

// SecondStepByPasskey implements Passkeys.
func (c countedPasskeys) SecondStepByPasskey(
	ctx context.Context, token string, a auth.Answer,
) (string, auth.Session, error) {
	fresh, s, err := c.passkeys.SecondStepByPasskey(ctx, token, a)
	c.metrics.signedIn(byPasskey, s, err)
	return fresh, s, err
}

// RedeemByPasskey implements Passkeys.
func (c countedPasskeys) RedeemByPasskey(
	ctx context.Context, code, name string, a auth.Answer,
) (string, auth.Session, error) {
	token, s, err := c.passkeys.RedeemByPasskey(ctx, code, name, a)
	c.metrics.signedIn(byLink, s, err)
	return token, s, err
}

// countedArrivals counts who comes by the provider of identities.
type countedArrivals struct {
	Arrivals
	metrics *Metrics
}

// SignInBy implements Arrivals.
func (c countedArrivals) SignInBy(ctx context.Context, a auth.Arrival) (string, auth.Session, error) {
	token, s, err := c.Arrivals.SignInBy(ctx, a)
	c.metrics.signedIn(byProvider, s, err)
	return token, s, err
}

// Refuse implements Arrivals.
func (c countedArrivals) Refuse(ctx context.Context, a auth.Arrival, code auth.ActCode) error {
	c.metrics.signIns.WithLabelValues(byProvider, "refused").Inc()
	return c.Arrivals.Refuse(ctx, a, code)
}

// counting makes options in which sign-ins are counted.
func counting(o Options) Options {
	if o.Metrics == nil {
		return o
	}
	o.People = countedPeople{o.People, o.Metrics}
	o.Passkeys = countedPasskeys{o.Passkeys, o.Metrics}
	if o.Elsewhere != nil {
		there := *o.Elsewhere
		there.People = countedArrivals{there.People, o.Metrics}
		o.Elsewhere = &there
	}
	return o
}
