package table

import (
	"context"
	"encoding/hex"
	"fmt"

	"relais/campaign/ledger"
	"relais/sms"
)

const (
	selectRequest = `SELECT id, request_sha FROM campaigns INDEXED BY campaigns_request
		WHERE account = $1 AND request_key = $2 AND request_key <> ''`
	keepRequest = "UPDATE campaigns SET request_key = $1, request_sha = $2 WHERE account = $3 AND id = $4"
)

// AddCampaignOnce implements ledger.Drafts. One transaction at a time looks and adds in an account.
func (t campaigns) AddCampaignOnce(
	ctx context.Context, c ledger.Campaign, request ledger.Request,
) (kept ledger.Campaign, known bool, err error) {
	err = t.transact(ctx, func(tx runs) error {
		if err := tx.conn.Lock("campaigns that begin in " + c.Account); err != nil {
			return err
		}
		var id sms.ID
		var had string
		known, err = tx.read(selectRequest, []any{c.Account, request.Key}, &id, &had)
		if err != nil {
			return fmt.Errorf("look for the request of a campaign: %w", err)
		}
		sum := hex.EncodeToString(request.SHA256[:])
		switch {
		case known && had != sum:
			return ledger.ErrKeyReused
		case !known:
			id = c.ID
			if err := tx.addDraft(ctx, &c); err != nil {
				return err
			}
			if err := tx.do(keepRequest, request.Key, sum, c.Account, id); err != nil {
				return fmt.Errorf("keep the request of a campaign: %w", err)
			}
		}
		kept, err = tx.campaign(selectCampaign, c.Account, id)
		return err
	})
	return kept, known, err
}
