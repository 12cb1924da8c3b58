package table

import (
	"encoding/json"
	"fmt"
	"slices"

	"relais/campaign/ledger"
	"relais/reason"
	"relais/webhook"
)

// happened is what callers are told of a move, nothing where they are not. A status that
// has a type of event by its name is told by it.
func happened(from, to ledger.Status, why reason.Code) []webhook.Type {
	goesOn := to == ledger.Running || to == ledger.Scheduled
	switch {
	case from == to:
		return nil
	case from == ledger.Checking && (to == ledger.Ready || to == ledger.Draft):
		return []webhook.Type{webhook.CampaignChecked}
	case from == ledger.Paused && goesOn:
		return []webhook.Type{webhook.CampaignResumed}
	case from == ledger.Awaiting && to == ledger.Running:
		return []webhook.Type{webhook.CampaignApproved, webhook.CampaignStarted}
	case from == ledger.Awaiting && to == ledger.Scheduled:
		return []webhook.Type{webhook.CampaignApproved}
	case from == ledger.Awaiting && why == ledger.RefusedByPerson:
		return []webhook.Type{webhook.CampaignRefused}
	case to == ledger.Running && from != ledger.Finishing: // else messages that a pause took back
		return []webhook.Type{webhook.CampaignStarted}
	}
	if of := webhook.Type("campaign." + string(to)); slices.Contains(webhook.Types, of) {
		return []webhook.Type{of}
	}
	return nil
}

// tellMoved tells callers of a move of a campaign, which is as it is now.
func (r runs) tellMoved(from ledger.Status, c *ledger.Campaign, by ledger.Mark) error {
	told := happened(from, c.Status, c.Why)
	if len(told) == 0 {
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
	for _, of := range told {
		_, err = r.conn.Tell(Event{Account: c.Account, Type: of, Subject: c.ID, At: by.At, Data: data})
		if err != nil {
			return fmt.Errorf("tell of a campaign: %w", err)
		}
	}
	return nil
}
