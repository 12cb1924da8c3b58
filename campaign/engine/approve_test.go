package engine_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"relais/campaign"
	"relais/campaign/engine"
	"relais/campaign/ledger"
	"relais/duty"
	"relais/gateway"
	"relais/reason"
	"relais/sms"
)

const (
	colleague = sms.Actor("user:bruno")
	other     = sms.Actor("user:chloe")
)

// awaiting is a campaign that somebody started, and that somebody else has to agree to.
func (w *world) awaiting(t *testing.T, text string) ledger.Campaign {
	t.Helper()
	w.approval.Rows = 2
	c := w.ready(t, text, people)
	c, err := w.Start(t.Context(), "default", c.ID, c.Check, time.Time{}, by)
	if err != nil || c.Status != ledger.Awaiting || c.Why != engine.CodeNeeded || c.StartedBy != by || c.Check == "" {
		t.Fatalf("%s, %s, %s, %v", c.Status, c.Why, c.StartedBy, err)
	}
	return c
}

func TestASecondPersonAgrees(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, o *operator) {
		c := w.awaiting(t, "Bonjour ((nom))")
		if said := c.Saw.In(reason.English); !strings.HasPrefix(said, "The campaign has 2 messages: above 1,") {
			t.Error(said)
		}
		report, err := campaign.ReadReport(c.Report, reason.English)
		if err != nil || len(report.Warnings) == 0 || report.Warnings[len(report.Warnings)-1].Code != "approval_needed" {
			t.Errorf("the check says nothing: %+v, %v", report.Warnings, err)
		}
		if again, err := w.Start(t.Context(), "default", c.ID, c.Check, time.Time{}, other); err != nil || again.StartedBy != by {
			t.Errorf("a second start: %+v, %v", again, err)
		}
		if _, err := w.Approve(t.Context(), "default", c.ID, c.Check, by); code(err) != "own_approval " {
			t.Errorf("by whoever wrote it: %v", err)
		}
		if _, err := w.Approve(t.Context(), "default", c.ID, "c_0", colleague); code(err) != "check_outdated " {
			t.Errorf("another check: %v", err)
		}
		if _, err := w.Approve(t.Context(), "other", c.ID, c.Check, colleague); !errors.Is(err, ledger.ErrUnknown) {
			t.Errorf("from another account: %v", err)
		}
		if len(o.sent()) != 0 {
			t.Fatal("something left before anybody agreed")
		}
		for range 2 { // the second finds it done
			if c, err = w.Approve(t.Context(), "default", c.ID, c.Check, colleague); err != nil || c.ApprovedBy != colleague {
				t.Fatalf("%+v, %v", c, err)
			}
		}
		c = w.await(t, c.ID, ledger.Finishing)
		if len(o.sent()) != 2 || c.StartedBy != by || c.ApprovedAt.IsZero() || !c.Saw.IsZero() {
			t.Errorf("%d left, %+v", len(o.sent()), c)
		}
		events, err := w.Timeline(t.Context(), "default", c.ID)
		if err != nil || len(events) < 5 || events[3].Status != ledger.Awaiting || events[3].Actor != by ||
			events[4].Status != ledger.Running || events[4].Actor != colleague {
			t.Errorf("%+v, %v", events, err)
		}
	})
}

// TestWhoWroteAlongDoesNotAgree: whoever changed the text or gave the table is no second person.
func TestWhoWroteAlongDoesNotAgree(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, _ *operator) {
		w.approval.Rows = 1
		c := w.draft(t, "Bonjour", people)
		next := c.Content
		next.Text = "Bonsoir ((nom))"
		if _, err := w.Change(t.Context(), "default", c.ID, c.Version, next, colleague); err != nil {
			t.Fatal(err)
		}
		c, err := w.PutFile(t.Context(), "default", c.ID, 0, "b.csv", strings.NewReader(people), other)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Check(t.Context(), "default", c.ID, "user:dora"); err != nil {
			t.Fatal(err)
		}
		c = w.await(t, c.ID, ledger.Ready)
		if c, err = w.Start(t.Context(), "default", c.ID, c.Check, time.Time{}, "user:emile"); err != nil {
			t.Fatal(err)
		}
		for _, own := range []sms.Actor{by, colleague, other, "user:emile"} {
			if _, err := w.Approve(t.Context(), "default", c.ID, c.Check, own); code(err) != "own_approval " {
				t.Errorf("%s agrees: %v", own, err)
			}
		}
		if c, err = w.Approve(t.Context(), "default", c.ID, c.Check, "user:dora"); err != nil || c.Status != ledger.Running {
			t.Errorf("%s, %v", c.Status, err)
		}
	})
}

func TestASecondPersonDoesNotAgree(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, o *operator) {
		c := w.awaiting(t, "Bonjour ((nom))")
		for sentence, want := range map[string]string{
			" ": "refusal_without_sentence /sentence", strings.Repeat("é", 501): "campaign_too_long /sentence",
			"a\x07": "campaign_forbidden_character /sentence",
		} {
			if _, err := w.Refuse(t.Context(), "default", c.ID, c.Check, sentence, colleague); code(err) != want {
				t.Errorf("%q: %v, want %s", sentence, err, want)
			}
		}
		if _, err := w.Refuse(t.Context(), "default", c.ID, c.Check, "Non.", by); code(err) != "own_approval " {
			t.Errorf("by whoever wrote it: %v", err)
		}
		var err error
		before := c.Check
		for range 2 { // the second finds it done
			c, err = w.Refuse(t.Context(), "default", c.ID, before, "La date est fausse.", colleague)
			if err != nil || c.Status != ledger.Draft || c.Check != "" || c.StartedBy != "" {
				t.Fatalf("%+v, %v", c, err)
			}
		}
		if said := c.Saw.In("fr"); !strings.Contains(said, "La date est fausse.") {
			t.Error(said)
		}
		if _, err := w.Approve(t.Context(), "default", c.ID, before, colleague); code(err) != "campaign_status " {
			t.Errorf("it was refused: %v", err)
		}
		if _, err := w.Check(t.Context(), "default", c.ID, by); err != nil {
			t.Fatal(err)
		}
		c = w.await(t, c.ID, ledger.Ready)
		if c.Why != "" || !c.Saw.IsZero() || c.Check == before {
			t.Errorf("%+v", c)
		}
		if _, err := w.Start(t.Context(), "default", c.ID, before, time.Time{}, by); code(err) != "check_outdated " {
			t.Errorf("what was refused is started: %v", err)
		}
		if len(o.sent()) != 0 {
			t.Error("something left")
		}
	})
}

func TestAnApprovedCampaignWaitsForItsTime(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, o *operator) {
		w.approval.Rows = 1
		start := func(text string) ledger.Campaign {
			c := w.draft(t, text, people)
			next := c.Content
			next.StartAt = time.Now().Add(time.Hour)
			c, err := w.Change(t.Context(), "default", c.ID, c.Version, next, by)
			if err == nil {
				_, err = w.Check(t.Context(), "default", c.ID, by)
			}
			if err != nil {
				t.Fatal(err)
			}
			c = w.await(t, c.ID, ledger.Ready)
			if c, err = w.Start(t.Context(), "default", c.ID, c.Check, time.Time{}, by); err != nil || c.Status != ledger.Awaiting {
				t.Fatal(c.Status, err)
			}
			return c
		}
		soon, late := start("Bonjour"), start("Bonsoir")
		soon, err := w.Approve(t.Context(), "default", soon.ID, soon.Check, colleague)
		if err != nil || soon.Status != ledger.Scheduled || soon.StartedBy != by || soon.ApprovedBy != colleague {
			t.Fatalf("%+v, %v", soon, err)
		}
		if err := duty.Sleep(t.Context(), 2*time.Hour); err != nil {
			t.Fatal(err)
		}
		if soon = w.await(t, soon.ID, ledger.Finished); soon.StartedBy != by || len(o.sent()) == 0 {
			t.Errorf("%+v", soon)
		}
		if _, err := w.Approve(t.Context(), "default", late.ID, late.Check, colleague); code(err) != "campaign_start_past /start_at" {
			t.Errorf("its time is over: %v", err)
		}
	})
}

func TestWhatNeedsASecondPerson(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, _ *operator) {
		report := func(ready, unpriced int, price string) *ledger.Campaign {
			r := campaign.Report{Rows: campaign.RowCounts{Ready: ready}, Forecast: &campaign.Forecast{WithoutPrice: unpriced}}
			if price != "" {
				r.Forecast.Price = &campaign.Price{Amount: price, Currency: "EUR"}
			}
			kept, err := r.Keep()
			if err != nil {
				t.Fatal(err)
			}
			return &ledger.Campaign{Account: "default", Report: kept}
		}
		for _, tc := range []struct {
			name     string
			approval gateway.Approval
			campaign *ledger.Campaign
			want     reason.Code
		}{
			{"nothing is asked for", gateway.Approval{}, report(1_000_000, 1_000_000, ""), ""},
			{"few rows", gateway.Approval{Rows: 3}, report(2, 0, "1"), ""},
			{"enough rows", gateway.Approval{Rows: 3}, report(3, 0, "1"), "approval_needed/rows"},
			{"as much money", gateway.Approval{Above: sms.Unit}, report(3, 0, "1"), ""},
			{"more money", gateway.Approval{Above: sms.Unit}, report(3, 0, "1.000001"), "approval_needed/price"},
			{"no price is known", gateway.Approval{Above: sms.Unit}, report(3, 3, ""), "approval_needed/unpriced"},
			{"not every price is known", gateway.Approval{Above: sms.Unit}, report(3, 1, "0.1"), "approval_needed/unpriced"},
			{"nothing to send", gateway.Approval{Above: sms.Unit}, report(0, 0, ""), ""},
			{"not checked", gateway.Approval{Rows: 1}, &ledger.Campaign{Account: "default"}, ""},
		} {
			*w.approval = tc.approval
			if why, err := w.NeedsApproval(tc.campaign); err != nil || why.Code != tc.want {
				t.Errorf("%s: %s, %v; want %q", tc.name, why.Code, err, tc.want)
			}
		}
	})
}

// TestRacesOfApprovals: whoever agrees does so at the same moment as somebody edits, agrees too,
// cancels, refuses or has it checked again. Never does something leave of which another text was agreed to.
func TestRacesOfApprovals(t *testing.T) {
	type rival func(ctx context.Context, w *world, c ledger.Campaign) error
	edit := func(ctx context.Context, w *world, c ledger.Campaign) error {
		next := c.Content
		next.Text = "Un autre texte"
		_, err := w.Change(ctx, "default", c.ID, c.Version, next, by)
		return err
	}
	agree := func(ctx context.Context, w *world, c ledger.Campaign) error {
		_, err := w.Approve(ctx, "default", c.ID, c.Check, other)
		return err
	}
	cancel := func(ctx context.Context, w *world, c ledger.Campaign) error {
		_, err := w.Cancel(ctx, "default", c.ID, by)
		return err
	}
	refuse := func(ctx context.Context, w *world, c ledger.Campaign) error {
		_, err := w.Refuse(ctx, "default", c.ID, c.Check, "Non.", other)
		return err
	}
	check := func(ctx context.Context, w *world, c ledger.Campaign) error {
		_, err := w.Check(ctx, "default", c.ID, colleague)
		return err
	}
	for name, rival := range map[string]rival{
		"edit": edit, "agree": agree, "cancel": cancel, "refuse": refuse, "check": check,
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(t *testing.T, w *world, o *operator) {
				for round := range 6 { // the same is not sent twice
					c, before := w.awaiting(t, fmt.Sprintf("Bonjour ((nom)), %d", round)), len(o.sent())
					var both sync.WaitGroup
					var agreed, rivaled error
					both.Go(func() { _, agreed = w.Approve(t.Context(), "default", c.ID, c.Check, colleague) })
					both.Go(func() { rivaled = rival(t.Context(), w, c) })
					both.Wait()
					now := w.await(t, c.ID, ledger.Finishing, ledger.Canceled, ledger.Draft, ledger.Ready)
					left := o.sent()[before:]
					switch {
					case name == "agree" && (agreed != nil || rivaled != nil || now.Status != ledger.Finishing || len(left) != 2),
						name == "cancel" && (rivaled != nil || now.Status == ledger.Canceled != (len(left) < 2)),
						name != "cancel" && name != "agree" && (agreed == nil) == (rivaled == nil),
						now.Status == ledger.Draft && len(left) != 0, agreed == nil && now.Status == ledger.Draft:
						t.Fatalf("%s with %d messages: %v, %v", now.Status, len(left), agreed, rivaled)
					}
					for i := range left {
						if left[i].Text == "Un autre texte" {
							t.Fatal("a text left that nobody agreed to")
						}
					}
				}
			})
		})
	}
}
