package engine_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"relais/campaign/engine"
	"relais/campaign/ledger"
	"relais/person"
	"relais/sms"
)

// wantTexts checks that the rows of a campaign that get a message are those to these numbers.
func wantTexts(t *testing.T, texts []string, numbers ...string) {
	t.Helper()
	var got []string
	for _, text := range texts {
		to, _, _ := strings.Cut(text, " ")
		got = append(got, to)
	}
	if !slices.Equal(got, numbers) {
		t.Errorf("%q, want %q", texts, numbers)
	}
}

// purged takes steps of a retention until nothing is left to do.
func (w *world) purged(t *testing.T, p person.CampaignPurge) {
	t.Helper()
	for p.Account, p.Limit = "default", 1000; ; {
		done, err := w.store.PurgeCampaigns(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		if !done.Some {
			return
		}
		p.After = done.Next
	}
}

// lost are the numbers that awkwardFates certainly reach with nothing, as wantTexts has them.
var lost = []string{"+33639980002", "+33639980003", "+33639980006"}

// TestARetryWithAnotherFileIsNone: the whole table in place of that of a retry sends nothing to
// whoever has a message.
func TestARetryWithAnotherFileIsNone(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, o *operator) {
		c := w.ended(t, o, w.ready(t, "Bonjour ((nom 2027))", awkward), awkwardFates)
		made, err := w.Retry(t.Context(), "default", c.ID, engine.Retry{By: by})
		if err != nil || !made.Options.From.Retry || made.File.Retry {
			t.Fatalf("%+v, %v", made, err)
		}
		next := made.Content
		next.Options.Column, next.Options.Header = "", 0
		if made, err = w.Change(t.Context(), "default", made.ID, made.Version, next, by); err != nil || !made.Options.From.Retry {
			t.Fatalf("an edit: %+v, %v", made.Options, err)
		}
		made, err = w.PutFile(t.Context(), "default", made.ID, 0, "whole.csv", strings.NewReader(awkward), by)
		want := ledger.Origin{Campaign: c.ID, Root: c.ID}
		if err != nil || made.Options.From != want {
			t.Fatalf("%+v, %v", made.Options.From, err)
		}
		made, texts := w.checkedTexts(t, made)
		wantTexts(t, texts, lost...)
		if made.Counts.Skipped != 3 || made.Options.From != want {
			t.Errorf("%+v, %+v", made.Counts, made.Options.From)
		}
	})
}

// TestARetryHasNotTheEndOfTheFirst: it would be over before it starts.
func TestARetryHasNotTheEndOfTheFirst(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, o *operator) {
		c := w.draft(t, "Bonjour ((nom 2027))", awkward)
		next := c.Content
		next.Options.EndBy = time.Now().Add(365 * 24 * time.Hour).UTC().Format(time.RFC3339)
		c, err := w.Change(t.Context(), "default", c.ID, c.Version, next, by)
		if err != nil {
			t.Fatal(err)
		}
		c, _ = w.checkedTexts(t, c)
		c = w.ended(t, o, c, awkwardFates)
		made, err := w.Retry(t.Context(), "default", c.ID, engine.Retry{By: by})
		if err != nil || made.Options.EndBy != "" || c.Options.EndBy == "" {
			t.Errorf("%+v, %v", made.Options, err)
		}
	})
}

// TestARetryOfWhatWasForgotten: a row whose values are gone is not sent as its text is written,
// and one that has them still finds its columns when the file is gone.
func TestARetryOfWhatWasForgotten(t *testing.T) {
	for _, text := range []string{"Bonjour {{nom 2027}}", "Bonjour ((nom 2027))"} {
		inWorld(t, func(t *testing.T, w *world, o *operator) {
			c, before := w.checkedTexts(t, w.draft(t, text, awkward))
			c = w.ended(t, o, c, awkwardFates)
			erasure := person.Erasure{Numbers: []sms.Number{"+33639980001"}, Limit: 1000}
			erasure.Audit.Account = "default"
			if _, err := w.store.Erase(t.Context(), erasure); err != nil {
				t.Fatal(err)
			}
			now, err := w.Campaign(t.Context(), "default", c.ID)
			if err != nil || now.Look != nil {
				t.Fatalf("%s, %v", now.Look, err)
			}
			made, err := w.Retry(t.Context(), "default", c.ID, engine.Retry{By: by})
			if err != nil {
				t.Fatal(err)
			}
			want := []string{before[1], before[2], before[5]}
			if _, texts := w.checkedTexts(t, made); !slices.Equal(texts, want) {
				t.Errorf("%s: %q, want %q", text, texts, want)
			}
			w.purged(t, person.CampaignPurge{Ended: time.Now().Add(time.Second)})
			made, err = w.Retry(t.Context(), "default", c.ID, engine.Retry{By: by})
			if code(err) != "campaign_row_forgotten " {
				t.Errorf("%s: %+v, %v", text, made, err)
			}
			if _, err := w.PreviewRow(t.Context(), "default", c.ID, 3); code(err) != "campaign_row_forgotten " {
				t.Errorf("%s: a preview: %v", text, err)
			}
		})
	}
}

// TestHiddenNumbersAreServed: whoever has a message gets no other when a retention has hidden the
// numbers, and where they cannot be compared, the check says so.
func TestHiddenNumbersAreServed(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, o *operator) {
		hide := func(n sms.Number) sms.Number {
			if !n.Known() {
				return n
			}
			return sms.NoNumber + "of" + n[len(n)-1:]
		}
		c := w.ended(t, o, w.ready(t, "Bonjour ((nom 2027))", awkward), awkwardFates)
		w.purged(t, person.CampaignPurge{Begun: time.Now().Add(time.Second), Hide: hide})
		mended, err := w.Correct(t.Context(), "default", c.ID, by)
		if err == nil {
			mended, err = w.PutFile(t.Context(), "default", mended.ID, 0, "mended.csv", strings.NewReader(awkward), by)
		}
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Check(t.Context(), "default", mended.ID, by); err != nil {
			t.Fatal(err)
		}
		mended = w.await(t, mended.ID, ledger.Draft)
		if mended.Problem.Code != "campaign_row_forgotten" {
			t.Errorf("%+v", mended.Problem)
		}
		w.Hidden = func(_ string, n sms.Number) sms.Number { return hide(n) }
		_, texts := w.checkedTexts(t, mended)
		wantTexts(t, texts, lost...)
	})
}
