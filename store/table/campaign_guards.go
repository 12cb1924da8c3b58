package table

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"time"

	"relais/campaign/ledger"
	"relais/sms"
)

const (
	selectWatch = "SELECT watch FROM campaigns WHERE account = $1 AND id = $2 FOR UPDATE"
	// selectOptedOut goes from the changes of the list, of which there are few in a while, to the
	// rows of their numbers. An operator that reads STOP itself names the message.
	selectOptedOut = `SELECT r.line FROM opt_out_changes c
		CROSS JOIN campaign_rows r INDEXED BY campaign_rows_number
		WHERE c.account = $1 AND c.id >= $2 AND c.change = 'added' AND NOT c.provisional
			AND r.account = $1 AND r.number = c.number AND r.number <> '' AND r.number <> '~' AND r.campaign = $3
			AND r.state = 'ended' AND r.at >= $4
			AND (c.source IN ('reply', 'decision') AND (c.message IS NULL OR c.message = r.message)
				OR c.source = 'operator' AND c.message = r.message)`
	holdWait = `UPDATE campaigns SET waiting_for = $1
		WHERE account = $2 AND id = $3 AND fence = $4 AND status = 'running'`
)

// watchFrom reads what guards count.
func watchFrom(text string) (w ledger.Watch, err error) {
	if text == "" {
		return w, nil
	}
	if err := json.Unmarshal([]byte(text), &w); err != nil {
		return w, fmt.Errorf("what guards count: %w", err)
	}
	return w, nil
}

// textOf is what guards count, as it is stored.
func textOf(w ledger.Watch) (string, error) {
	if reflect.ValueOf(w).IsZero() {
		return "", nil
	}
	text, err := json.Marshal(w)
	if err != nil {
		return "", fmt.Errorf("what guards count: %w", err)
	}
	return string(text), nil
}

// watched counts rows that end, for guards. It locks the campaign.
func (r runs) watched(c *ledger.Claim, rows []ledger.Row) (string, error) {
	var text string
	if _, err := r.read(selectWatch, []any{c.Account, c.Campaign}, &text); err != nil {
		return "", fmt.Errorf("read what guards count: %w", err)
	}
	w, err := watchFrom(text)
	if err != nil {
		return "", err
	}
	w.Add(rows)
	return textOf(w)
}

// CampaignOptOuts implements ledger.Feed.
func (t campaigns) CampaignOptOuts(
	ctx context.Context, account string, id sms.ID, from time.Time,
) (n int, err error) {
	scan := func(scan Scan) (line int, err error) { return line, scan(&line) }
	lines, err := list(t.on(ctx), scan, selectOptedOut, account, sms.FirstID(from), id, from)
	if err != nil {
		return 0, fmt.Errorf("count who opted out by answering a campaign: %w", err)
	}
	slices.Sort(lines) // somebody may have changed their mind twice
	return len(slices.Compact(lines)), nil
}

// CampaignWaits implements ledger.Feed.
func (t campaigns) CampaignWaits(ctx context.Context, c ledger.Claim, what ledger.Wait) error {
	return t.on(ctx).held(holdWait, what, c.Account, c.Campaign, c.Fence)
}
