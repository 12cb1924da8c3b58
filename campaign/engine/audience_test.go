package engine_test

import (
	"strings"
	"testing"
	"time"

	"relais/campaign"
	"relais/campaign/ledger"
	"relais/contact"
	"relais/reason"
	"relais/sms"
)

// TestAdvertisingAsksForThePurpose: the check of advertising to a list warns where nobody wrote
// down what its people agreed to and where they come from; any other check does not.
func TestAdvertisingAsksForThePurpose(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, _ *operator) {
		book := &contact.Book{
			Store: w.store, Now: time.Now, Account: func(string) contact.Account { return contact.Account{Region: "FR"} },
		}
		w.Lists = book
		warned := func(name, purpose, source string, class sms.Class) string {
			l, err := book.Create(t.Context(), "default", contact.Content{Name: name, Purpose: purpose, Source: source}, by)
			if err == nil {
				l, err = book.Put(t.Context(), "default", l.ID, contact.Table{}, strings.NewReader(people), by)
			}
			if err == nil {
				_, err = book.Fill(t.Context(), "default", l.ID, l.Pending.Set, by)
			}
			if err != nil {
				t.Fatal(err)
			}
			c, err := w.Create(t.Context(), "default", ledger.Content{Name: name, Text: "Bonjour ((nom))", Class: class}, by)
			if err == nil {
				c, err = w.PutList(t.Context(), "default", c.ID, 0, l.ID, by)
			}
			if err == nil {
				_, err = w.Check(t.Context(), "default", c.ID, by)
			}
			if err != nil {
				t.Fatal(err)
			}
			c = w.await(t, c.ID, ledger.Ready)
			report, err := campaign.ReadReport(c.Report, reason.English)
			if err != nil || report.Rows.Ready == 0 {
				t.Fatalf("%+v %v", report, err)
			}
			codes := ""
			for _, said := range report.Warnings {
				if strings.HasPrefix(said.Code, "list_") {
					codes += said.Code + " "
				}
			}
			return codes
		}
		if got := warned("a", "", "", sms.Marketing); got != "list_without_purpose list_without_source " {
			t.Error(got)
		}
		if got := warned("b", "agenda", "guichet", sms.Marketing); got != "" {
			t.Error(got)
		}
		if got := warned("c", "", "", sms.Transactional); got != "" {
			t.Error(got)
		}
	})
}
