package table

import (
	"context"
	"fmt"
	"time"

	"relais/auth"
	"relais/campaign/ledger"
	"relais/sms"
)

// countTests counts the tests of somebody. Timelines are short, and a test is rare.
const countTests = `SELECT count(*) FROM campaign_events
	WHERE account = $1 AND actor = $2 AND why = $3 AND at > $4`

// NoteTest implements ledger.Tests. One transaction at a time counts and adds in an account.
func (t campaigns) NoteTest(
	ctx context.Context, account string, id sms.ID, by ledger.Mark, since time.Time, most int,
) error {
	return t.transact(ctx, func(tx runs) error {
		if err := tx.conn.Lock("tests of campaigns of " + account); err != nil {
			return err
		}
		c, err := tx.campaign(lockCampaign, account, id)
		if err != nil {
			return err
		}
		var sent int
		if _, err := tx.read(countTests, []any{account, by.By, ledger.Tested, since}, &sent); err != nil {
			return fmt.Errorf("count tests of campaigns: %w", err)
		}
		if sent >= most {
			return ledger.ErrTests
		}
		c.Why = ledger.Tested
		if err := tx.note(&c, by); err != nil {
			return err
		}
		return tx.did(ctx, account, auth.CampaignTested, id.String(), "")
	})
}
