package table

import (
	"fmt"
	"slices"

	"relais/campaign/ledger"
	"relais/sms"
)

// selectMakers has revoked keys too: what somebody wrote with one is theirs.
const selectMakers = "SELECT DISTINCT name, made_by FROM keys WHERE account = $1 AND made_by <> ''"

// makers are those who made the keys of an account, by the actor of the key. Where a name was
// used again they are several: actors of campaigns are names.
func (r runs) makers(account string) (map[sms.Actor][]sms.Actor, error) {
	all := map[sms.Actor][]sms.Actor{}
	err := r.query(selectMakers, []any{account}, func(scan Scan) error {
		var name string
		var by sms.Actor
		if err := scan(&name, &by); err != nil {
			return err
		}
		key := sms.KeyActor(name)
		all[key] = append(all[key], by)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read who made keys: %w", err)
	}
	return all, nil
}

// findMakers gives campaigns of an account the makers of the keys behind them. Where there are no
// keys behind them nothing is read.
func (r runs) findMakers(account string, campaigns ...*ledger.Campaign) error {
	byKey := func(a sms.Actor) bool { return a.Kind() == sms.KeyActor("").Kind() }
	if !slices.ContainsFunc(campaigns, func(c *ledger.Campaign) bool { return slices.ContainsFunc(c.Writers(), byKey) }) {
		return nil
	}
	makers, err := r.makers(account)
	if err != nil {
		return err
	}
	for _, c := range campaigns {
		addMakers(c, makers)
	}
	return nil
}

func addMakers(c *ledger.Campaign, makers map[sms.Actor][]sms.Actor) {
	for _, by := range c.Writers() {
		c.Makers = append(c.Makers, makers[by]...)
	}
}

// mayAgree returns ledger.ErrOwn for somebody who wrote or started a campaign, where a key and
// whoever made it are one person.
func (r runs) mayAgree(c *ledger.Campaign, by sms.Actor) error {
	makers, err := r.makers(c.Account)
	if err != nil {
		return err
	}
	addMakers(c, makers)
	if c.Own(by) || slices.ContainsFunc(makers[by], c.Own) {
		return ledger.ErrOwn
	}
	return nil
}
