package contact_test

import (
	"testing"
	"time"

	"relais/contact"
)

// TestOldConsentsReviveNothing: a consent of before a withdrawal of its purpose arrives withdrawn; one of after it is
// in force; and one without a date is new only where none of its purpose and source is known.
func TestOldConsentsReviveNothing(t *testing.T) {
	day := func(month time.Month) time.Time { return time.Date(2026, month, 1, 12, 0, 0, 0, time.UTC) }
	withdrawn := contact.Consent{
		Purpose: "Agenda", Source: "formulaire", GivenAt: day(time.January), Ended: contact.Withdrawal{At: day(time.June), By: "user:anne"},
	}
	for name, tc := range map[string]struct {
		arrives contact.Consent
		undated bool
		agreed  bool
		inForce bool
	}{
		"an old one from elsewhere":       {contact.Consent{Purpose: "agenda", Source: "papier", GivenAt: day(time.March)}, false, true, false},
		"a newer one":                     {contact.Consent{Purpose: "Agenda", Source: "papier", GivenAt: day(time.July)}, false, true, true},
		"the one that is known":           {contact.Consent{Purpose: "Agenda", Source: "formulaire", GivenAt: day(time.January)}, false, false, false},
		"the same without a date":         {contact.Consent{Purpose: "Agenda", Source: "formulaire", GivenAt: day(time.November)}, true, false, false},
		"another purpose, without a date": {contact.Consent{Purpose: "Travaux", Source: "formulaire", GivenAt: day(time.November)}, true, true, true},
	} {
		c := contact.Contact{}
		c.Consents = []contact.Consent{withdrawn}
		a := contact.Arrival{Consent: &tc.arrives, Undated: tc.undated}
		_, agreed := a.Onto(&c)
		last := c.Consents[len(c.Consents)-1]
		if agreed != tc.agreed || last.Ended.At.IsZero() != tc.inForce {
			t.Errorf("%s: new %v, %+v", name, agreed, last)
		}
	}
}
