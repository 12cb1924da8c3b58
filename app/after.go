package app

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"time"

	"relais/auth"
	"relais/config"
	"relais/gateway"
	"relais/mail"
	"relais/sms"
	"relais/webhook"
)

// What follows a submit: callbacks, webhooks, rules and mail.

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
	simulated := usesSandbox(c) && slices.ContainsFunc(Simulated(""), func(s config.Connector) bool { return s.Name == instance })
	return conn.CallbackSecret.Reveal(), configured || simulated
}

// ErrNoPublicURL is returned for callbacks without an address to call.
var ErrNoPublicURL = errors.New("public_url is not set: operators cannot reach this gateway, and are polled instead")

// CallbackURL is the address that the operator of an instance calls, without a
// slash at the end. It holds a secret.
func CallbackURL(c config.Config, instance string) (string, error) {
	if c.PublicURL == "" {
		return "", ErrNoPublicURL
	}
	secret, known := configuredSecret(c, instance)
	if !known {
		return "", fmt.Errorf("there is no connector %q", instance)
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

// webhookPolicy says where webhooks may go.
func webhookPolicy(c config.Config) webhook.Policy {
	return webhook.Policy{
		Loopback: usesSandbox(c) || slices.Contains(c.Webhooks.Allow, "loopback"),
		Private:  slices.Contains(c.Webhooks.Allow, "private"),
	}
}

func rules(c config.Config) []gateway.Rule {
	var all []gateway.Rule
	for _, r := range c.Routes {
		rule := gateway.Rule{
			Name: r.Name, Families: r.Family, Countries: r.Country, Classes: r.Class, Accounts: r.Account,
			Connectors: r.Connectors, Weights: r.Weights, SecondChance: r.SecondChance,
		}
		for _, s := range r.Sender {
			rule.Senders = append(rule.Senders, sms.Sender(s))
		}
		all = append(all, rule)
	}
	return all
}

func replyRules(c config.Config) ([]gateway.ReplyRule, error) {
	var all []gateway.ReplyRule
	for _, r := range c.Replies {
		rule := gateway.ReplyRule{
			Name: r.Name, Accounts: r.Account, Connectors: r.Connector, Keywords: r.Keyword, Webhook: r.Webhook, Text: r.Text,
		}
		if r.Pattern != "" {
			var err error
			if rule.Pattern, err = regexp.Compile(r.Pattern); err != nil {
				return nil, fmt.Errorf("reply %s: pattern: %w", r.Name, err)
			}
		}
		all = append(all, rule)
	}
	return all, nil
}

func credit(c config.Config) (gateway.CreditOptions, error) {
	o := gateway.CreditOptions{Every: c.Credit.CheckEvery, RemindEvery: c.Credit.RemindEvery}
	if c.Mail.Server == "" {
		return o, nil
	}
	sender, err := mail.New(mail.Options{
		Server: c.Mail.Server, TLS: c.Mail.TLS, Username: c.Mail.Username, Password: c.Mail.Password.Reveal(),
		From: c.Mail.From, To: c.Mail.To,
	})
	if err != nil {
		return o, fmt.Errorf("mail: %w", err)
	}
	o.Mail = func(ctx context.Context, a gateway.CreditAlert) error {
		low := mail.CreditLow{
			Connector: a.Connector, Amount: a.Amount, Unit: a.Unit, Threshold: a.Threshold, BurnPerDay: a.BurnPerDay, At: a.At,
		}
		if a.EmptyAt != nil {
			low.EmptyAt = *a.EmptyAt
		}
		subject, body := low.Words(c.Mail.Language, time.Local)
		return sender.Send(ctx, subject, body)
	}
	return o, nil
}
