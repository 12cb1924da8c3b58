package quota

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"relais/reason"
	"relais/sms"
)

// said is a reason in the languages that are whole.
type said struct{ english, french string }

func words(r reason.Reason) said { return said{r.In("en"), r.In("fr")} }

func TestLimitsInBothLanguages(t *testing.T) {
	for _, tc := range []struct {
		name  string
		quota Quota
		want  said
	}{
		{
			"messages",
			Quota{Per: PerKey, Every: Hour, Messages: 100},
			said{"100 messages an hour to each key", "100 messages par heure pour chaque clé"},
		},
		{
			"money",
			Quota{Per: PerAccount, Every: Month, Money: 50 * sms.Unit},
			said{"50.00 EUR a month to the account", "50,00 EUR par mois pour le compte"},
		},
		{
			"all three",
			Quota{Per: PerCountry, Every: Day, Messages: 1, Segments: 3, Money: 47_000},
			said{
				"1 message, 3 segments and 0.047 EUR a day to each country, for each key",
				"1 message, 3 segments et 0,047 EUR par jour vers chaque pays, pour chaque clé",
			},
		},
		{
			"a new country",
			Quota{Per: PerNewCountry, Every: Day, Money: sms.Unit},
			said{
				"1.00 EUR in the first day to a country that is new to a key",
				"1,00 EUR le premier jour vers un pays nouveau pour une clé",
			},
		},
		{
			"a number",
			Quota{Per: PerText, Every: Minute, Messages: 2},
			said{
				"2 messages a minute with one text to one number",
				"2 messages par minute avec un même texte vers un même numéro",
			},
		},
		{
			"a million",
			Quota{Per: PerRecipient, Every: Month, Messages: 1_000_000},
			said{"1000000 messages a month to one number", "1000000 messages par mois vers un même numéro"},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tc.quota.currency = "EUR"
			if diff := cmp.Diff(tc.want, words(tc.quota.limit()), cmp.AllowUnexported(said{})); diff != "" {
				t.Errorf("limit (-want +got):\n%s", diff)
			}
		})
	}
}

// budget is what two recipients take from a quota of one unit a month.
func budget(money sms.Money) (*Charge, time.Time) {
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	q := &Quota{Name: "budget", Per: PerAccount, Every: Month, Money: sms.Unit, currency: "EUR"}
	until := Month.end(now, time.UTC)
	return &Charge{
		Quota: "budget/month", Until: until, Latest: until.Add(Month.longest()), Messages: 2, Segments: 4,
		Money: money, MostMoney: q.Money, quota: q,
	}, now
}

func TestMoneyIsRefusedWithWhatIsLeft(t *testing.T) {
	c, now := budget(188_000)
	use := Use{Until: c.Until, Messages: 20, Money: 850_000}
	if _, fits := c.Add(use, now); fits {
		t.Fatal("0.188 fits in 0.15")
	}
	refused := c.excess(use, now)
	want := "The quota budget allows 1.00 EUR a month to the account; the request has 2 messages of 4 segments " +
		"for 0.188 EUR, with 0.15 EUR left until 2026-04-01T00:00:00Z. Nothing was stored."
	if refused.Reason.Code.Wire() != "quota_exceeded" || refused.Reason.In("en") != want ||
		refused.RetryAfter != c.Until.Sub(now) {
		t.Errorf("refused with %+v, want %q", refused, want)
	}
	spent := c.excess(Use{Until: c.Until, Money: sms.Unit}, now)
	if want := "pour 0,188 EUR, et il reste 0,00 EUR jusqu'au"; !strings.Contains(
		spent.Reason.In("fr"), want,
	) {
		t.Errorf("refused with %q, want %q", spent.Reason.In("fr"), want)
	}
	dear, _ := budget(1_200_000)
	if never := dear.excess(Use{}, now); never.Reason.Code.Wire() != "quota_too_small" ||
		never.RetryAfter != 0 {
		t.Errorf("what no period allows is refused with %+v", never)
	}
}

func TestNothingIsLeft(t *testing.T) {
	q := &Quota{Messages: 5, Segments: 5}
	want := said{"0 messages and 1 segment", "0 message et 1 segment"}
	left := q.bounded(room{0, 1, 0})
	if got := (said{inWords(left, "en"), inWords(left, "fr")}); got != want {
		t.Errorf("left %+v, want %+v", got, want)
	}
}

// inWords writes an argument.
func inWords(a reason.Arg, l reason.Language) string {
	return reason.Of("words/verbatim", reason.Args{"text": a}).In(l)
}

func TestMoneyLeftInAPreview(t *testing.T) {
	c, now := budget(188_000)
	want := said{
		"The quota budget allows 1.00 EUR a month to the account; 0.15 EUR left until 2026-04-01T00:00:00Z, " +
			"this request not counted.",
		"Le quota budget permet 1,00 EUR par mois pour le compte\u00a0; il reste 0,15 EUR jusqu'au 2026-04-01T00:00:00Z, " +
			"sans compter cette demande.",
	}
	got := c.tellLeft(Use{Until: c.Until, Money: 850_000}, now)
	if diff := cmp.Diff(want, words(got), cmp.AllowUnexported(said{})); diff != "" || got.Code != Left {
		t.Errorf("%s (-want +got):\n%s", got.Code, diff)
	}
}

// Recipients are kept while there is money for each: a dear one is left out, and a
// cheap one behind it goes.
func TestMoneyRefusesRecipients(t *testing.T) {
	c, now := budget(0)
	e := &enforcement{Bill: &Bill{}, now: now}
	for i, price := range []sms.Money{60_000, 200_000, 0, 90_000} {
		e.submission.Recipients = append(e.submission.Recipients,
			Recipient{Index: i, Price: price, Segments: 1})
	}
	if later, never := e.refuseBeyond(c, Use{Until: c.Until, Money: 850_000}); later != 1 || never != 0 {
		t.Errorf("%d and for ever %d refused, want 1 and 0", later, never)
	}
	if len(e.verdict.Refused) != 1 || e.verdict.Refused[0].Index != 1 || len(e.submission.Recipients) != 3 {
		t.Fatalf("refused %+v, left %+v; want the second", e.verdict.Refused, e.submission.Recipients)
	}
	want := said{
		"The quota budget allows 1.00 EUR a month to the account; more from 2026-04-01T00:00:00Z.",
		"Le quota budget permet 1,00 EUR par mois pour le compte\u00a0; à nouveau à partir du 2026-04-01T00:00:00Z.",
	}
	got := e.verdict.Refused[0].Reason
	if diff := cmp.Diff(want, words(got), cmp.AllowUnexported(said{})); diff != "" ||
		got.Code.Wire() != "quota_exceeded" {
		t.Errorf("%s (-want +got):\n%s", got.Code, diff)
	}
}
