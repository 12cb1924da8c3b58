package table

import (
	"slices"
	"testing"

	"relais/campaign/ledger"
	"relais/reason"
	"relais/webhook"
)

// TestMovesAreTold: callers are told of each move of the table of statuses, but for those that
// are named here.
func TestMovesAreTold(t *testing.T) {
	type move struct{ from, to ledger.Status }
	silent := []move{
		{ledger.Draft, ledger.Checking},
		{ledger.Ready, ledger.Checking},
		{ledger.Awaiting, ledger.Checking},
		{ledger.Checking, ledger.Checking},
		{ledger.Ready, ledger.Draft},     // an edit
		{ledger.Awaiting, ledger.Draft},  // an edit
		{ledger.Scheduled, ledger.Draft}, // an edit
		{ledger.Ready, ledger.Scheduled}, // told when it starts
		{ledger.Running, ledger.Finishing},
		{ledger.Finishing, ledger.Running}, // what a pause took back
	}
	told := map[webhook.Type]bool{}
	see := func(from, to ledger.Status, why reason.Code, quiet bool) {
		all := happened(from, to, why)
		if quiet != (len(all) == 0) {
			t.Errorf("%s to %s: %q", from, to, all)
		}
		for _, of := range all {
			if told[of] = true; !slices.Contains(webhook.Types, of) {
				t.Errorf("%s to %s: %q", from, to, of)
			}
		}
	}
	for _, from := range ledger.Statuses {
		for _, to := range from.Next() {
			see(from, to, "", to == ledger.Canceling || slices.Contains(silent, move{from, to}))
		}
	}
	see(ledger.Awaiting, ledger.Draft, ledger.RefusedByPerson, false)
	for _, of := range webhook.Types[slices.Index(webhook.Types, webhook.CampaignChecked):] {
		if !told[of] {
			t.Errorf("no move is told as %s", of)
		}
	}
}
