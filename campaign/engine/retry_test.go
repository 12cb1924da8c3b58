package engine_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"relais/campaign/engine"
	"relais/campaign/ledger"
	"relais/connector"
	"relais/inbox"
	"relais/sms"
)

// fate is what the operator tells of the message to a number.
type fate struct {
	status sms.Status
	why    sms.Reason
}

// ended runs a campaign to its end, with what the operator tells of each number: nothing of
// those that are not named.
func (w *world) ended(t *testing.T, o *operator, c ledger.Campaign, fates map[sms.Number]fate) ledger.Campaign {
	t.Helper()
	if _, err := w.Start(t.Context(), "default", c.ID, c.Check, time.Time{}, by); err != nil {
		t.Fatal(err)
	}
	w.await(t, c.ID, ledger.Finishing)
	var receipts []sms.Receipt
	for _, m := range o.sent() {
		if f, told := fates[m.To]; told {
			receipts = append(receipts, sms.Receipt{
				ProviderID: "id-" + m.ID.Ref(), Status: f.status, Reason: f.why, At: time.Now(),
			})
		}
	}
	_, err := w.gateway.Inbox.Accept(t.Context(), inbox.Teller{Connector: "ovh"}, connector.News{Receipts: receipts}, true)
	if err != nil {
		t.Fatal(err)
	}
	sleep(t, receiptsIn)
	return w.await(t, c.ID, ledger.Finished)
}

// checkedTexts has a campaign checked, and returns the texts of its rows that get a message, by number.
func (w *world) checkedTexts(t *testing.T, c ledger.Campaign) (ledger.Campaign, []string) {
	t.Helper()
	if _, err := w.Check(t.Context(), "default", c.ID, by); err != nil {
		t.Fatal(err)
	}
	c = w.await(t, c.ID, ledger.Ready)
	var texts []string
	for _, row := range w.rows(t, c.ID) {
		if row.State == ledger.Waiting {
			texts = append(texts, string(row.Number)+" "+row.Text+" "+row.Reference)
		}
	}
	slices.Sort(texts)
	return c, texts
}

const awkward = "Nom 2027;Portable;Dossier\n" + // values that a table has to quote
	"Zoé;+33639980001;A 1\n\"Léa; \"\"la\n grande\"\"\";+33639980002;=A 2\n'=Noël;+33639980003;A 3\nAnne;+33639980004;A 4\n" +
	"Marc;+33639980005;A 5\n=1+1;+33639980006;A 6\n"

var awkwardFates = map[sms.Number]fate{
	"+33639980001": {sms.Delivered, ""},
	"+33639980002": {sms.Undelivered, sms.ReasonAbsent},
	"+33639980003": {sms.Rejected, sms.ReasonContent},
	"+33639980004": {sms.Undelivered, sms.ReasonOptedOut},
	"+33639980006": {sms.Expired, sms.ReasonExpired}, // and of 5 nothing is told: it may have arrived
}

// TestWhatDidNotArriveIsSentAgain: what certainly did not, with the same texts, once.
func TestWhatDidNotArriveIsSentAgain(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, o *operator) {
		c := w.draft(t, "Bonjour ((nom 2027)) #sms number#", awkward)
		next := c.Content
		next.Options.Reference = "Dossier"
		c, err := w.Change(t.Context(), "default", c.ID, c.Version, next, by)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Retry(t.Context(), "default", c.ID, engine.Retry{By: by}); code(err) != "campaign_status " {
			t.Errorf("of a draft: %v", err)
		}
		c, before := w.checkedTexts(t, c)
		if len(before) != 6 {
			t.Fatalf("%q", before)
		}
		c = w.ended(t, o, c, awkwardFates)
		retry := func(r engine.Retry) []string {
			t.Helper()
			r.By = by
			made, err := w.Retry(t.Context(), "default", c.ID, r)
			if err != nil {
				t.Fatal(err)
			}
			if from := made.Options.From; from.Campaign != c.ID || from.Root != c.ID || !from.Retry || made.Name != "Vœux (2)" {
				t.Errorf("%+v", made.Content)
			}
			made, texts := w.checkedTexts(t, made)
			if made.Counts.Waiting != len(texts) || made.Counts.Skipped > 0 {
				t.Errorf("%+v", made.Counts)
			}
			return texts
		}
		want := []string{before[1], before[2], before[5]}
		if got := retry(engine.Retry{}); !slices.Equal(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
		if got := retry(engine.Retry{Outcomes: []sms.Status{sms.Rejected}}); !slices.Equal(got, before[2:3]) {
			t.Errorf("%q", got)
		}
		if got := retry(engine.Retry{Codes: []string{"no_receipt", "opted_out"}}); !slices.Equal(got, before[4:5]) {
			t.Errorf("%q", got)
		}
		for _, r := range []engine.Retry{{Outcomes: []sms.Status{sms.Uncertain}}, {Outcomes: []sms.Status{sms.Delivered}}} {
			if _, err := w.Retry(t.Context(), "default", c.ID, r); code(err) != "campaign_outcome_unknown /outcomes" {
				t.Errorf("%v", err)
			}
		}
		if _, err := w.Retry(t.Context(), "default", c.ID, engine.Retry{Outcomes: []sms.Status{sms.Canceled}}); code(err) != "campaign_nothing_to_retry " {
			t.Errorf("%v", err)
		}
	})
}

// TestNobodyIsServedTwiceByCampaignsThatGoOn: whoever has a message, or may have one, gets none
// of a mended table, nor of another retry, and two that were checked at once are not both sent.
func TestNobodyIsServedTwiceByCampaignsThatGoOn(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, o *operator) {
		c := w.ended(t, o, w.ready(t, "Bonjour ((nom 2027))", awkward), awkwardFates)
		first, err := w.Retry(t.Context(), "default", c.ID, engine.Retry{By: by})
		if err != nil {
			t.Fatal(err)
		}
		first, _ = w.checkedTexts(t, first)
		mended, err := w.Correct(t.Context(), "default", c.ID, by)
		if err == nil {
			mended, err = w.PutFile(t.Context(), "default", mended.ID, 0, "mended.csv",
				strings.NewReader(awkward+"Rose;+33639980007;A 7\n"), by)
		}
		if err != nil {
			t.Fatal(err)
		}
		mended, texts := w.checkedTexts(t, mended)
		if len(texts) != 4 || mended.Counts.Skipped != 3 || !strings.HasPrefix(texts[3], "+33639980007 ") {
			t.Errorf("%q, %+v", texts, mended.Counts)
		}
		for _, row := range w.rows(t, mended.ID) {
			if row.State == ledger.Skipped && row.Reason.Code != engine.CodeServed {
				t.Errorf("%+v", row)
			}
		}
		first = w.ended(t, o, first, map[sms.Number]fate{
			"+33639980002": {sms.Delivered, ""}, "+33639980003": {sms.Undelivered, sms.ReasonAbsent},
			"+33639980006": {sms.Delivered, ""},
		})
		if _, err := w.Start(t.Context(), "default", mended.ID, mended.Check, time.Time{}, by); code(err) != "check_outdated " {
			t.Errorf("both are sent: %v", err)
		}
		_, texts = w.checkedTexts(t, mended)
		if len(texts) != 2 || !strings.HasPrefix(texts[0], "+33639980003 ") || !strings.HasPrefix(texts[1], "+33639980007 ") {
			t.Errorf("%q", texts)
		}
		again, err := w.Retry(t.Context(), "default", c.ID, engine.Retry{By: by})
		if err != nil {
			t.Fatal(err)
		}
		if again, texts = w.checkedTexts(t, again); len(texts) != 1 || !strings.HasPrefix(texts[0], "+33639980003 ") {
			t.Errorf("%q, %s", texts, again.Name)
		}
		third, err := w.Retry(t.Context(), "default", first.ID, engine.Retry{By: by})
		if err != nil || third.Options.From.Root != c.ID || third.Name != "Vœux (3)" {
			t.Errorf("%+v, %v", third.Content, err)
		}
	})
}
