package engine_test

import (
	"strings"
	"testing"
	"time"

	"relais/campaign"
	"relais/campaign/engine"
	"relais/campaign/ledger"
	"relais/contact"
	"relais/reason"
	"relais/sms"
)

// Advertising to a group goes to those who agreed to its purpose: the check counts the others, and
// who withdraws before it is their turn gets none either. A notice goes to all.
func TestAGroupIsAskedBeforeAdvertising(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, o *operator) {
		people := &contact.Directory{
			Store: w.store, Now: time.Now, Account: func(string) contact.Account { return contact.Account{Region: "FR"} },
		}
		w.Groups = people
		group, err := people.AddGroup(t.Context(), "default", "Amis", "", by)
		if err != nil {
			t.Fatal(err)
		}
		for i, purpose := range []string{"Agenda culturel", "agenda  CULTUREL", "Alertes", ""} {
			number := sms.Number("+3363998000" + string(rune('1'+i)))
			c, err := people.Add(t.Context(), "default", string(number), contact.Detail{
				Values: map[string]string{"Prénom": "=Zoé" + string(rune('1'+i))}, Groups: []sms.ID{group.ID},
			}, by)
			if err == nil && purpose != "" {
				_, err = people.Agree(t.Context(), "default", c.Number, contact.Consent{Purpose: purpose, Source: "formulaire"}, by)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		made := func(class sms.Class, purpose string) ledger.Campaign {
			c, err := w.Create(t.Context(), "default", ledger.Content{Name: "Concert", Text: "Bonjour ((prénom))", Class: class}, by)
			if err == nil {
				c, err = w.PutGroup(t.Context(), "default", c.ID, 0, group.ID, purpose, by)
			}
			if err != nil {
				t.Fatal(err)
			}
			return c
		}
		c := made(sms.Marketing, " ")
		if _, err := w.Check(t.Context(), "default", c.ID, by); code(err) != "campaign_purpose_missing /purpose" {
			t.Error(code(err))
		}
		c = made(sms.Marketing, "Agenda culturel")
		notice := made(sms.Transactional, "")
		for _, id := range []sms.ID{c.ID, notice.ID} {
			if _, err := w.Check(t.Context(), "default", id, by); err != nil {
				t.Fatal(err)
			}
		}
		c, notice = w.await(t, c.ID, ledger.Ready), w.await(t, notice.ID, ledger.Ready)
		report, err := campaign.ReadReport(c.Report, reason.English)
		if err != nil || report.Rows.Ready != 2 || len(report.Skipped) != 1 || report.Skipped[0].Rows != 2 ||
			report.Skipped[0].Code != string(engine.CodeNoConsent) || !strings.Contains(report.Skipped[0].Detail, "Agenda culturel") {
			t.Errorf("%+v, %v", report, err)
		}
		if notice.Counts.Waiting != 4 {
			t.Errorf("a notice waits for %d", notice.Counts.Waiting)
		}
		if _, err := people.Withdraw(t.Context(), "default", "+33639980002", "Agenda culturel", "", by); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Start(t.Context(), "default", c.ID, c.Check, time.Time{}, by); err != nil {
			t.Fatal(err)
		}
		c = w.await(t, c.ID, ledger.Finishing, ledger.Finished)
		sent := o.sent()
		if len(sent) != 1 || sent[0].To != "+33639980001" || sent[0].Text != "Bonjour =Zoé1" || c.Counts.Skipped != 3 {
			t.Errorf("%d were sent, %+v", len(sent), c.Counts)
		}
		if rows := w.rows(t, c.ID); rows[1].State != ledger.Skipped || rows[1].Reason.Code != engine.CodeNoConsent {
			t.Errorf("%+v", rows[1])
		}
	})
}
