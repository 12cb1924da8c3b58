package app

import (
	"regexp"

	"relais/config"
	"relais/inbox"
	"relais/reason"
	"relais/route"
	"relais/sms"
)

func rules(c config.Config) []route.Rule {
	var all []route.Rule
	for _, r := range c.Routes {
		rule := route.Rule{
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

func replyRules(c config.Config) ([]inbox.ReplyRule, error) {
	var all []inbox.ReplyRule
	for _, r := range c.Replies {
		rule := inbox.ReplyRule{
			Name: r.Name, Accounts: r.Account, Connectors: r.Connector,
			Keywords: r.Keyword, Webhook: r.Webhook,
			Text: r.Text,
		}
		if r.Pattern != "" {
			var err error
			if rule.Pattern, err = regexp.Compile(r.Pattern); err != nil {
				return nil, reason.At("reply "+r.Name+": pattern", err)
			}
		}
		all = append(all, rule)
	}
	return all, nil
}
