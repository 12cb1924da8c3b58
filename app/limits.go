package app

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"relais/config"
	"relais/quota"
	"relais/sender"
	"relais/sms"
)

// quotas are those of the configuration, in its order.
func (a *generation) quotas(registry prometheus.Registerer) *quota.Book {
	var all []quota.Quota
	for _, q := range a.config.Quotas {
		all = append(all, quota.Quota{
			Name: q.Name, Accounts: q.Account, Keys: q.Key, Classes: q.Class,
			Families: q.Family, Outside: q.Outside,
			Per: quota.Per(q.Per), Every: quota.Period(q.Every),
			Messages: q.Messages, Segments: q.Segments, Money: money(q.Money),
		})
	}
	return quota.New(quota.Options{
		Quotas: all, Store: a.store, Currency: a.config.Currency, Zone: time.Local,
		Metrics: quota.NewMetrics(registry), Log: a.log,
	})
}

// money is an amount of the configuration; it was checked. None is 0.
func money(text string) sms.Money {
	amount, err := sms.ParseMoney(text)
	if err != nil {
		return 0
	}
	return amount
}

// senders is the policy of an account's senders. Days are those of the machine.
func senders(c config.Account) sender.Rules {
	p := sender.Rules{
		Plain: !c.SenderPunctuation, Generic: c.GenericSenders, Forbidden: c.ForbiddenSenders,
		Replace: c.ReplaceSenders,
	}
	for _, name := range slices.Sorted(maps.Keys(c.Senders)) {
		listed := sender.Listed{Name: sms.Sender(name), From: day(c.Senders[name].ValidFrom)}
		if last := day(c.Senders[name].ValidUntil); !last.IsZero() {
			listed.Until = last.AddDate(0, 0, 1)
		}
		p.Listed = append(p.Listed, listed)
	}
	listed := slices.ContainsFunc(p.Listed,
		func(l sender.Listed) bool { return strings.EqualFold(string(l.Name), c.DefaultSender) })
	if len(p.Listed) > 0 && c.DefaultSender != "" && !listed {
		p.Listed = append(p.Listed, sender.Listed{Name: sms.Sender(c.DefaultSender)})
	}
	return p
}

// day is the beginning of a day that the configuration names; it was checked.
func day(text string) time.Time {
	at, err := time.ParseInLocation(time.DateOnly, text, time.Local)
	if err != nil {
		return time.Time{}
	}
	return at
}
