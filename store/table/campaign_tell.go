package table

import (
	"encoding/json"
	"fmt"
	"slices"

	"relais/campaign/ledger"
	"relais/webhook"
)

// happened is what callers are told of a move, "" where they are told nothing. A status that
// has a type of event by its name is told by it.
func happened(from, to ledger.Status) webhook.Type {
	switch {
	case from == to:
		return ""
	case from == ledger.Checking && (to == ledger.Ready || to == ledger.Draft):
		return webhook.CampaignChecked
	case from == ledger.Paused && (to == ledger.Running || to == ledger.Scheduled):
		return webhook.CampaignResumed
	case to == ledger.Running && from != ledger.Finishing: // else messages that a pause took back
		return webhook.CampaignStarted
	}
	if of := webhook.Type("campaign." + string(to)); slices.Contains(webhook.Types, of) {
		return of
	}
	return ""
}

// tellMoved tells callers of a move of a campaign, which is as it is now.
func (r runs) tellMoved(from ledger.Status, c *ledger.Campaign, by ledger.Mark) error {
	of := happened(from, c.Status)
	if of == "" {
		return nil
	}
	n, e := &c.Counts, &c.Counts.Ended
	why := c.Why
	if !c.Problem.IsZero() {
		why = c.Problem.Code
	}
	data, err := json.Marshal(webhook.CampaignData{
		ID: c.ID, Name: c.Name, Status: string(c.Status), Reason: why.Wire(), Actor: by.By, At: by.At, Check: c.Check,
		Rows: webhook.CampaignRows{
			Waiting: n.Waiting, Taken: n.Taken, Skipped: n.Skipped, Canceled: n.Canceled + e.Canceled,
			Delivered: e.Delivered, Undelivered: e.Undelivered, Expired: e.Expired, Rejected: e.Rejected,
		},
	})
	if err != nil {
		return err
	}
	_, err = r.conn.Tell(Event{Account: c.Account, Type: of, Subject: c.ID, At: by.At, Data: data})
	if err != nil {
		return fmt.Errorf("tell of a campaign: %w", err)
	}
	return nil
}
