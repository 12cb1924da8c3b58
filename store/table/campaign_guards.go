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
	// selectAnswers are opt-outs of a while, of which there are few. An operator that reads STOP
	// itself names the message.
	selectAnswers = `SELECT number, message FROM opt_out_changes
		WHERE account = $1 AND id >= $2 AND change = 'added' AND NOT provisional
			AND (source IN ('reply', 'decision') OR source = 'operator' AND message IS NOT NULL)`
	// selectRowsAnswered are the rows of one number. It is asked for each, so that no plan of a
	// database that was empty once goes through all rows.
	selectRowsAnswered = `SELECT line FROM campaign_rows INDEXED BY campaign_rows_number
		WHERE account = $1 AND number = $2 AND number <> '' AND number <> '~' AND campaign = $3
			AND state = 'ended' AND at >= $4 AND message = coalesce($5, message)`
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
	type answer struct {
		number  sms.Number
		message sms.ID // that was answered; zero: nobody knows
	}
	r := t.on(ctx)
	answers, err := list(r, func(scan Scan) (a answer, err error) {
		return a, scan(&a.number, &a.message)
	}, selectAnswers, account, sms.FirstID(from))
	var lines []int // somebody may have changed their mind twice
	for i := 0; err == nil && i < len(answers); i++ {
		var found []int
		found, err = list(r, func(scan Scan) (line int, err error) { return line, scan(&line) },
			selectRowsAnswered, account, answers[i].number, id, from, orNull(answers[i].message))
		lines = append(lines, found...)
	}
	if err != nil {
		return 0, fmt.Errorf("count who opted out by answering a campaign: %w", err)
	}
	slices.Sort(lines)
	return len(slices.Compact(lines)), nil
}

// CampaignWaits implements ledger.Feed.
func (t campaigns) CampaignWaits(ctx context.Context, c ledger.Claim, what ledger.Wait) error {
	return t.on(ctx).held(holdWait, what, c.Account, c.Campaign, c.Fence)
}
