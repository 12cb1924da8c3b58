package inbox

import (
	"context"
	"fmt"

	"relais/number"
	"relais/sms"
)

// renewPage is how many entries of a list RenewOptOuts reads at once.
const renewPage = 1000

// RenewOptOuts moves entries of an account's list from an old form of a number, such as one
// from before a renumbering, to the number to which texts go today. The old entry goes, so
// that one START ends both; an entry that waits for a person's decision stays beside the new
// one. Both changes leave a proof, whose note names the other form. It is called before a
// gateway starts, and changes nothing the second time.
func (b *Inbox) RenewOptOuts(ctx context.Context, account string) (renewed int, err error) {
	q := OptOutQuery{Account: account, Limit: renewPage}
	for more := true; more; {
		var found []OptOut
		found, more, err = b.store.OptOuts(ctx, q)
		if err != nil {
			return renewed, fmt.Errorf("read the opt-outs of %s: %w", account, err)
		}
		var changes []OptOutChange
		for _, o := range found {
			q.After = o.Number
			if now, old := renewedNumber(o.Number); old {
				changes = append(changes, renewal(o, now)...)
			}
		}
		if len(changes) == 0 {
			continue
		}
		made, err := b.ChangeOptOuts(ctx, changes)
		if err != nil {
			return renewed, fmt.Errorf("renew the opt-outs of %s: %w", account, err)
		}
		renewed += made
	}
	return renewed, nil
}

// renewedNumber is the number that a stored one is read as; old reports whether it is another.
func renewedNumber(stored sms.Number) (now sms.Number, old bool) {
	parsed, err := number.Every.Parse(string(stored), "")
	if err != nil || string(parsed.Number) == string(stored) {
		return "", false
	}
	return sms.Number(parsed.Number), true
}

func renewal(o OptOut, now sms.Number) []OptOutChange {
	add := OptOutChange{
		Account: o.Account, Number: now, Sender: o.Sender, Added: true, Provisional: o.Provisional,
		Source: o.Source, Actor: sms.ActorGateway,
		Note: "stood under " + string(o.Number),
	}
	if o.Provisional {
		return []OptOutChange{add}
	}
	remove := add
	remove.Number, remove.Added, remove.Note = o.Number, false, "stands under "+string(now)
	return []OptOutChange{add, remove}
}
