package app

import (
	"context"
	"time"

	"relais/auth"
	"relais/config"
	"relais/gateway"
	"relais/number"
	"relais/person"
	"relais/policy"
	"relais/sms"
	"relais/typography"
)

// accounts are those of the configuration, and the one without a section: "".
type accounts map[string]gateway.Account

func newAccounts(c config.Config, packs map[string]*policy.Pack) accounts {
	all := accounts{"": accountOf("", c.Account(""), packs)}
	for name, s := range c.Accounts {
		all[name] = accountOf(name, s, packs)
	}
	return all
}

// of returns an account. It is called for each message, so it must be fast.
func (a accounts) of(name string) gateway.Account {
	if known, ok := a[name]; ok {
		return known
	}
	account := a[""]
	account.Name = name
	return account
}

func accountOf(name string, c config.Account, packs map[string]*policy.Pack) gateway.Account {
	return gateway.Account{
		Name: name, Region: c.DefaultRegion, Sender: sms.Sender(c.DefaultSender), Class: c.DefaultClass,
		Connector: c.DefaultConnector, OptOutPerSender: c.OptOutScope == "sender",
		StopWords: c.StopWords, StopConfirmation: c.StopConfirmation, Policy: policyOf(c.Policy, packs),
		Senders:    senders(c),
		Typography: typography.Policy(c.Typography), Weight: c.Weight, Approval: approvalOf(&c),
		Numbers: number.Policy{
			Families: c.Families, Special: c.AllowSpecial, Machines: c.AllowMachines,
			Fixed: number.Lines(c.FixedLines),
		},
	}
}

// approvalOf says which campaigns need a second person; the amount was checked.
func approvalOf(c *config.Account) gateway.Approval {
	above, _ := sms.ParseMoney(c.ApproveAbovePrice)
	return gateway.Approval{Rows: c.ApproveAboveRows + 1, Above: above}
}

// policyOf are the rules that an account names; it was checked.
func policyOf(name string, packs map[string]*policy.Pack) *policy.Pack {
	switch name {
	case "":
		return policy.Default()
	case policy.None:
		return nil
	default:
		return packs[name]
	}
}

// retentions returns what reads those of the accounts that exist.
func retentions(store auth.Store, c config.Config) func(ctx context.Context) ([]person.Retention, error) {
	return func(ctx context.Context) ([]person.Retention, error) {
		known, err := store.Accounts(ctx)
		if err != nil {
			return nil, err
		}
		var all []person.Retention
		for _, account := range known {
			if r := retentionOf(account.Name, c.Account(account.Name)); r.Texts+r.Numbers+r.Files > 0 {
				all = append(all, r)
			}
		}
		return all, nil
	}
}

func retentionOf(name string, c config.Account) person.Retention {
	const day = 24 * time.Hour
	return person.Retention{
		Account: name, Texts: time.Duration(c.KeepTextsDays) * day,
		Numbers: time.Duration(c.KeepNumbersDays) * day, Files: time.Duration(c.KeepFileDays) * day,
	}
}
