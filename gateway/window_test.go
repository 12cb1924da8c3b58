package gateway_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"relais/connector"
	"relais/gateway"
	"relais/lane"
	"relais/policy"
	"relais/reason"
	"relais/sms"
)

func pack(t *testing.T, name string) *policy.Pack {
	t.Helper()
	p, ok := policy.Builtin(name)
	if !ok {
		t.Fatalf("there is no pack %s", name)
	}
	return p
}

// ruled is a line whose account and connectors have rules. A test sleeps before it
// starts one, for each hour of a bubble in which a line runs costs a second.
func ruled(
	t *testing.T, operators map[string]*operator, rules *policy.Pack, change func(*lane.Instance),
) *line {
	t.Helper()
	l := prepareOptions(t, t.TempDir(), operators, connector.Facts{}, func(s gateway.Store) gateway.Store {
		return s
	}, func(o *gateway.Options) {
		o.Account = func(name string) gateway.Account {
			return gateway.Account{
				Name: name, Region: "FR", Policy: rules,
			}
		}
		for i := range o.Instances {
			change(&o.Instances[i])
		}
	})
	if err := l.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	return l
}

func asTheyAre(*lane.Instance) {}

// The clock of a bubble begins on 1 January 2000 at 01:00 in Paris: a Saturday, and a
// holiday.
var monday = time.Date(2000, 1, 3, 7, 0, 0, 0, time.UTC) // 08:00 in Paris

func TestAdvertisingWaitsForItsHours(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &operator{}
		time.Sleep(time.Until(monday.Add(-2 * time.Minute)))
		l := ruled(t, map[string]*operator{"ovh": o}, pack(t, "fr-prudent"), asTheyAre)
		defer l.stop(t)
		late := l.submit(t, gateway.Submission{Class: sms.Marketing, Text: "Soldes STOP 36180"})[0]
		if !late.DueAt.Equal(monday) || !late.ExpiresAt.Equal(monday.Add(48*time.Hour)) {
			t.Errorf("due %s, given up %s", late.DueAt, late.ExpiresAt)
		}
		firm := l.submit(t, gateway.Submission{
			Class: sms.Marketing, ValidFor: time.Hour, Text: "Soldes STOP 36180",
		})[0]
		if !firm.DueAt.Equal(monday) || !firm.ExpiresAt.Equal(firm.AcceptedAt.Add(time.Hour)) {
			t.Errorf("with a validity of its own: due %s, given up %s", firm.DueAt, firm.ExpiresAt)
		}
		code := l.submit(t, gateway.Submission{Class: sms.OTP})[0]
		notice := l.submit(t, gateway.Submission{Class: sms.Transactional})[0]
		time.Sleep(time.Minute)
		synctest.Wait()
		if l.status(t, code) != sms.Submitted || l.status(t, notice) != sms.Submitted ||
			l.status(t, late) != sms.Queued {
			t.Errorf("code %s, notice %s, advertising %s",
				l.status(t, code), l.status(t, notice), l.status(t, late))
		}
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		calls := o.made()
		if len(calls) != 4 || calls[2].at.Before(monday) || l.status(t, late) != sms.Submitted {
			t.Errorf("%d calls, advertising %s", len(calls), l.status(t, late))
		}
		if diff := cmp.Diff(
			[]string{"accepted", "attempt", "operator_accepted"}, l.codes(t, late),
		); diff != "" {
			t.Errorf("timeline (-want +got):\n%s", diff)
		}
		_, decisions, err := l.store.Timeline(t.Context(), late.Account, late.ID)
		if err != nil {
			t.Fatal(err)
		}
		at := slices.IndexFunc(decisions, func(d reason.Reason) bool { return d.Is("window") })
		if at < 0 || !strings.Contains(decisions[at].In(reason.English), "fr-prudent (version 1)") ||
			!strings.Contains(decisions[at].In("fr"), "ce jour-là") {
			t.Errorf("decisions %+v", decisions)
		}
	})
}

func TestAdvertisingThatWouldBeTooOldIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := ruled(t, map[string]*operator{"ovh": {}}, pack(t, "fr-prudent"), asTheyAre)
		defer l.stop(t)
		_, err := l.Submit(t.Context(), gateway.Submission{
			Account: "default", To: []string{"0639980001"}, Text: "Soldes", Class: sms.Marketing,
			ValidFor: 12 * time.Hour,
		}, nil)
		refusal, ok := errors.AsType[*gateway.Error](err)
		if !ok || len(refusal.Rejected) != 1 {
			t.Fatalf("error %v", err)
		}
		got := refusal.Rejected[0]
		if !got.Is("window_after_validity") ||
			!strings.Contains(got.In(reason.English), "Its validity of 12h ends before") ||
			!strings.Contains(got.In("fr"), "finit avant") {
			t.Errorf("refusal %+v", got)
		}
	})
}

// interrupted is a pack whose hours end at eight in the evening of a Monday, for ten
// minutes.
func interrupted(t *testing.T) *policy.Pack {
	t.Helper()
	days := ""
	for _, day := range []string{
		"tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "holiday",
	} {
		days += day + " = \"closed\"\n"
	}
	p, err := policy.Parse([]byte("name = \"interrupted\"\nversion = 1\nsince = 2026-01-01\nsource = \"this test\"\n" +
		"[windows.marketing]\nmonday = \"08:00-20:00, 20:10-22:00\"\n" + days))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// A message that waited past its hours, for want of an operator, is put back.
func TestAdvertisingThatWaitedPastItsHoursIsPutBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		evening := monday.Add(12 * time.Hour) // 20:00 in Paris: the hours end
		o := &operator{answer: func(_ int, _ context.Context, batch []sms.Message) ([]connector.Outcome, error) {
			if time.Now().Before(evening.Add(5 * time.Minute)) {
				return nil, &connector.Error{Fault: connector.Temporary, Detail: "no connection"}
			}
			return taken(batch), nil
		}}
		time.Sleep(time.Until(evening.Add(-time.Minute)))
		l := ruled(t, map[string]*operator{"ovh": o}, interrupted(t), asTheyAre)
		defer l.stop(t)
		m := l.submit(t, gateway.Submission{Class: sms.Marketing})[0]
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		before := len(o.made())
		if before == 0 || l.status(t, m) != sms.Queued {
			t.Fatalf("after the hours: %d calls, message %s", before, l.status(t, m))
		}
		if last := o.made()[before-1].at; !last.Before(evening) {
			t.Errorf("a call at %s, after the hours", last)
		}
		codes := l.codes(t, m)
		if diff := cmp.Diff([]string{"attempt", "window"}, codes[len(codes)-2:]); diff != "" {
			t.Errorf("timeline (-want +got):\n%s", diff)
		}
		if got := l.lastInFrench(t, m); !strings.HasPrefix(
			got, "Attend jusqu'au lundi 3 janvier 2000 à 20 h 10 (heure de Paris). ",
		) {
			t.Errorf("in French: %q", got)
		}
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		if l.status(t, m) != sms.Submitted || len(o.made()) != before+1 {
			t.Errorf("when the hours go on: message %s, %d calls", l.status(t, m), len(o.made())-before)
		}
		sent, err := l.store.Message(t.Context(), m.Account, m.ID)
		if err != nil || sent.Attempt != before+1 {
			t.Errorf("attempt %d, want %d: what was put back counts for nothing (%v)",
				sent.Attempt, before+1, err)
		}
	})
}

// lastInFrench is the last sentence of a timeline, as the API gives it to whoever
// reads French.
func (l *line) lastInFrench(t *testing.T, m gateway.Draft) string {
	t.Helper()
	events, _, err := l.store.Timeline(t.Context(), m.Account, m.ID)
	if err != nil {
		t.Fatal(err)
	}
	return events[len(events)-1].Detail.In("fr")
}

// What was put back by a validity that ends before the hours go on is over.
func TestAdvertisingThatCannotWaitForItsHoursEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		evening := monday.Add(12 * time.Hour)
		o := &operator{answer: func(int, context.Context, []sms.Message) ([]connector.Outcome, error) {
			return nil, &connector.Error{Fault: connector.Temporary, Detail: "no connection"}
		}}
		time.Sleep(time.Until(evening.Add(-time.Minute)))
		l := ruled(t, map[string]*operator{"ovh": o}, interrupted(t), asTheyAre)
		defer l.stop(t)
		m := l.submit(t, gateway.Submission{Class: sms.Marketing, ValidFor: 8 * time.Minute})[0]
		time.Sleep(5 * time.Minute)
		synctest.Wait()
		if got := l.status(t, m); got != sms.Expired {
			t.Errorf("message %s, want expired", got)
		}
		if got := l.lastInFrench(t, m); !strings.HasPrefix(got, "Attend jusqu'au lundi 3 janvier") ||
			!strings.HasSuffix(got, " Sa validité finit avant.") {
			t.Errorf("in French: %q", got)
		}
	})
}

// The evening before Easter, when the lane is down: the hours go on on Tuesday, after
// the 48 hours of a message that asked for none of its own.
func TestAdvertisingOutlastsALongWeekend(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// 20:00 in Paris on the Saturday before Easter
		evening := time.Date(2000, 4, 22, 18, 0, 0, 0, time.UTC)
		tuesday := time.Date(2000, 4, 25, 6, 0, 0, 0, time.UTC)
		o := &operator{answer: func(_ int, _ context.Context, batch []sms.Message) ([]connector.Outcome, error) {
			if time.Now().Before(evening.Add(time.Minute)) {
				return nil, &connector.Error{Fault: connector.Temporary, Detail: "no connection"}
			}
			return taken(batch), nil
		}}
		time.Sleep(time.Until(evening.Add(-time.Minute)))
		l := ruled(t, map[string]*operator{"ovh": o}, pack(t, "fr-prudent"), asTheyAre)
		defer l.stop(t)
		m := l.submit(t, gateway.Submission{Class: sms.Marketing, Text: "Soldes STOP 36180"})[0]
		firm := l.submit(t, gateway.Submission{
			Class: sms.Marketing, Text: "Soldes STOP 36180", ValidFor: 48 * time.Hour,
		})[0]
		if want := tuesday.Add(48 * time.Hour); !m.ExpiresAt.Equal(want) ||
			!firm.ExpiresAt.Equal(firm.AcceptedAt.Add(48*time.Hour)) {
			t.Errorf("given up at %s, want %s; with a validity of its own at %s",
				m.ExpiresAt, want, firm.ExpiresAt)
		}
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		if l.status(t, m) != sms.Queued || l.status(t, firm) != sms.Expired {
			t.Errorf("after the hours the message is %s, that with a validity of its own %s",
				l.status(t, m), l.status(t, firm))
		}
		waits, err := l.store.Message(t.Context(), m.Account, m.ID)
		if err != nil || !waits.DueAt.Equal(tuesday) {
			t.Errorf("due %s, want %s (%v)", waits.DueAt, tuesday, err)
		}
		window := m.Decisions[slices.IndexFunc(m.Decisions, func(d reason.Reason) bool {
			return d.Is("window")
		})]
		if !strings.HasSuffix(window.In(reason.English), "kept until 2000-04-27T06:00:00Z.") ||
			!strings.HasSuffix(window.In("fr"), "gardé jusqu'au 2000-04-27T06:00:00Z.") {
			t.Errorf("decision %+v", window)
		}
	})
}

// The trace does not say "at once" of what waits.
func TestTheTimeIsThatOfTheHours(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := ruled(t, map[string]*operator{"ovh": {}}, pack(t, "fr-prudent"), asTheyAre)
		defer l.stop(t)
		for _, tc := range []struct {
			class        sms.Class
			validity     time.Duration
			sendAt       time.Time
			want, french string
		}{
			{sms.OTP, 0, time.Time{}, "At once; given up after 15m.", "Tout de suite\u00a0; abandonné au bout de 15m."},
			{sms.Marketing, 0, time.Time{}, "At once, if it is within the hours; given up 48h after that at the earliest.", "Tout de suite, si c'est dans les heures\u00a0; abandonné au plus tôt 48h après."},
			{sms.Marketing, 72 * time.Hour, time.Time{}, "At once, if it is within the hours; given up after 72h.", "Tout de suite, si c'est dans les heures\u00a0; abandonné au bout de 72h."},
			{sms.Marketing, 0, monday, "Not before 2000-01-03T07:00:00Z, if it is within the hours; given up 48h after that at the earliest.", "Pas avant 2000-01-03T07:00:00Z, si c'est dans les heures\u00a0; abandonné au plus tôt 48h après."},
			{sms.Marketing, time.Hour, monday, "Not before 2000-01-03T07:00:00Z, if it is within the hours; given up 1h after that.", "Pas avant 2000-01-03T07:00:00Z, si c'est dans les heures\u00a0; abandonné 1h plus tard."},
		} {
			s := gateway.Submission{
				Account: "default", To: []string{"0639980001"},
				Text: "a", Class: tc.class, ValidFor: tc.validity, SendAt: tc.sendAt,
			}
			result, err := l.Preview(t.Context(), s, time.Time{})
			if err != nil {
				t.Fatal(err)
			}
			got := result.Common[slices.IndexFunc(result.Common, func(d reason.Reason) bool {
				return d.Is("time")
			})]
			if got.In(reason.English) != tc.want || got.In("fr") != tc.french {
				t.Errorf("%q, %q; want %q, %q", got.In(reason.English), got.In("fr"), tc.want, tc.french)
			}
		}
	})
}

// Of one batch some may go and some may not: those of Réunion are asleep.
func TestABatchIsSplitAtTheHours(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		evening := monday.Add(12 * time.Hour) // 20:00 in Paris; three hours before it is 20:00 in Réunion
		o := &operator{answer: func(_ int, _ context.Context, batch []sms.Message) ([]connector.Outcome, error) {
			if time.Now().Before(evening.Add(-3*time.Hour - time.Minute)) {
				return nil, &connector.Error{
					Fault: connector.Throttled, Detail: "later", RetryAfter: 2 * time.Minute,
				}
			}
			return taken(batch), nil
		}}
		begin := evening.Add(-3*time.Hour - 2*time.Minute) // 19:58 in Réunion
		time.Sleep(time.Until(begin))
		l := ruled(t, map[string]*operator{"ovh": o}, pack(t, "fr-prudent"), func(i *lane.Instance) {
			i.Facts.MaxBatch = 10
		})
		defer l.stop(t)
		sent := l.submit(t, gateway.Submission{
			Class: sms.Marketing, To: []string{"0639980001", "+262692123456"}, Text: "Soldes STOP 36180",
		})
		time.Sleep(5 * time.Minute)
		synctest.Wait()
		if l.status(t, sent[0]) != sms.Submitted || l.status(t, sent[1]) != sms.Queued {
			t.Errorf("Paris %s, Réunion %s", l.status(t, sent[0]), l.status(t, sent[1]))
		}
		again, err := l.store.Message(t.Context(), sent[1].Account, sent[1].ID)
		if want := time.Date(2000, 1, 4, 4, 0, 0, 0, time.UTC); err != nil || !again.DueAt.Equal(want) ||
			again.Reason != "window" {
			t.Errorf("Réunion is due %s for %s, want %s (%v)", again.DueAt, again.Reason, want, err)
		}
	})
}

func TestTheOperatorsHoursHoldBesideTheAccounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// Sunday noon in Paris, which the charter tolerates
		noon := time.Date(2000, 1, 2, 11, 0, 0, 0, time.UTC)
		time.Sleep(time.Until(noon))
		l := ruled(t, map[string]*operator{"ovh": {}}, pack(t, "fr-2026-03"), func(i *lane.Instance) {
			i.Overlay = pack(t, "ovh")
		})
		defer l.stop(t)
		m := l.submit(t, gateway.Submission{Class: sms.Marketing, Text: "Soldes STOP 36180"})[0]
		if !m.DueAt.Equal(monday) {
			t.Errorf("due %s, want %s", m.DueAt, monday)
		}
	})
}

func TestStopClauseFollowsTheConnector(t *testing.T) {
	for _, tc := range []struct {
		name, account, text string
		sender              sms.Sender
		class               sms.Class
		change              func(*lane.Instance)
		want                string // as the connector gets it
		segments            int
		warning             string
	}{
		{name: "no rule, no clause", text: "Soldes", class: sms.Marketing, change: asTheyAre, want: "Soldes", segments: 1},
		{name: "the clause of the operator's rules", account: "fr-prudent", text: "Soldes", class: sms.Marketing, change: dmc, want: "Soldes\nSTOP au <#shortcode#>", segments: 1},
		{name: "it counts", account: "fr-prudent", text: strings.Repeat("a", 147), class: sms.Marketing, change: dmc, want: strings.Repeat("a", 147) + "\nSTOP au <#shortcode#>", segments: 2},
		{name: "as it arrives, not as it is written", account: "fr-prudent", text: strings.Repeat("a", 146), class: sms.Marketing, change: dmc, want: strings.Repeat("a", 146) + "\nSTOP au <#shortcode#>", segments: 1},
		{name: "never twice", account: "fr-prudent", text: "Soldes STOP au 36180", class: sms.Marketing, change: dmc, want: "Soldes STOP au 36180", segments: 1},
		{name: "not with a short number", account: "fr-prudent", text: "Soldes", sender: "36180", class: sms.Marketing, change: dmc, want: "Soldes", segments: 1},
		{name: "not behind a code", account: "fr-prudent", text: "1234", class: sms.OTP, change: dmc, want: "1234", segments: 1},
		{name: "the operator adds its own", account: "fr-prudent", text: "Soldes", class: sms.Marketing, change: ovh, want: "Soldes", segments: 1},
		{name: "the text's own makes room for it", account: "fr-prudent", text: "Soldes\nSTOP 36180", class: sms.Marketing, change: ovh, want: "Soldes", segments: 1, warning: "stop_clause_cut"},
		{name: "it cannot be cut from the middle", account: "fr-prudent", text: "STOP 36180 ou venez", class: sms.Marketing, change: ovh, want: "STOP 36180 ou venez", segments: 1, warning: "stop_clause_twice"},
		{name: "nobody has one", account: "fr-prudent", text: "Soldes", class: sms.Marketing, change: asTheyAre, want: "Soldes", segments: 1, warning: "stop_clause_missing"},
		{name: "not with a random number for replies", account: "fr-prudent", text: strings.Repeat("a", 155), class: sms.Marketing, change: replies, want: strings.Repeat("a", 155), segments: 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := &operator{}
				var rules *policy.Pack
				if tc.account != "" {
					rules = pack(t, tc.account)
				}
				time.Sleep(time.Until(monday))
				l := ruled(t, map[string]*operator{"ovh": o}, rules, tc.change)
				defer l.stop(t)
				s := gateway.Submission{
					Account: "default", To: []string{"0639980001"}, Text: tc.text,
					Class: tc.class, Sender: tc.sender,
				}
				result, err := l.Submit(t.Context(), s, nil)
				if err != nil {
					t.Fatal(err)
				}
				time.Sleep(time.Second)
				synctest.Wait()
				got := o.made()[0].batch[0]
				if got.Text != tc.want || got.Segments != tc.segments ||
					result.Messages[0].Segments != tc.segments {
					t.Errorf("sent %q in %d segments, counted %d; want %q in %d",
						got.Text, got.Segments, result.Messages[0].Segments, tc.want, tc.segments)
				}
				toldWhy := slices.ContainsFunc(result.Common, func(d reason.Reason) bool {
					return d.Is("stop_clause")
				})
				if want := tc.class == sms.Marketing && tc.account != ""; toldWhy != want {
					t.Errorf("the trace is %+v; of the clause it should tell: %v", result.Common, want)
				}
				warning := ""
				if len(result.Warnings) > 0 {
					warning = result.Warnings[0].Code.Wire()
				}
				if warning != tc.warning {
					t.Errorf("warning %q, want %q", warning, tc.warning)
				}
				events, _, err := l.store.Timeline(t.Context(), "default", result.Messages[0].ID)
				if noted := err == nil && strings.Contains(
					events[len(events)-1].Detail.In(reason.English), "Sent with the STOP clause",
				); noted != (tc.want != tc.text) {
					t.Errorf("timeline %+v (%v)", events, err)
				}
				if without := err == nil && strings.HasSuffix(events[len(events)-1].Detail.In(reason.English), "Sent without a STOP clause: this connector adds none."); without != (tc.warning == "stop_clause_missing") {
					t.Errorf("timeline %+v (%v)", events, err)
				}
				stored, err := l.store.Message(t.Context(), "default", result.Messages[0].ID)
				if err != nil || stored.Text != tc.text {
					t.Errorf("stored %q (%v): the text stays as the caller wrote it", stored.Text, err)
				}
			})
		})
	}
}

func dmc(i *lane.Instance) {
	i.Overlay, _ = policy.Builtin("sfr")
	i.Facts.DefaultSender = sms.Alphanumeric
}

func ovh(i *lane.Instance) { i.Facts.StopClause = "\nSTOP:36111" }

func replies(i *lane.Instance) {
	ovh(i)
	i.Facts.FixedSender, i.Facts.DefaultSender = true, sms.ShortCode
}

func TestSenderThatTheRulesForbid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(monday))
		l := ruled(t, map[string]*operator{"ovh": {}}, pack(t, "fr-2026-03"), asTheyAre)
		defer l.stop(t)
		_, err := l.Submit(t.Context(),
			gateway.Submission{
				Account: "default", To: []string{"0639980001"}, Text: "a", Sender: "+33639980002",
			}, nil)
		if refusal, ok := errors.AsType[*gateway.Error](err); !ok || !refusal.Is("sender_not_allowed") ||
			strings.Contains(refusal.In(reason.English), "99800") ||
			!strings.Contains(
				refusal.In("fr"), "n'admet pas cet expéditeur\u00a0: c'est un numéro de mobile, depuis lequel",
			) {
			t.Errorf("error %v", err)
		}
	})
}

// An account that names no policy is under the default one where the number is of the
// French plan, overseas with it, and under none elsewhere.
func TestAdvertisingHasRulesByDefault(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &operator{}
		time.Sleep(time.Until(monday.Add(-2 * time.Minute)))
		l := ruled(t, map[string]*operator{"ovh": o}, policy.Default(), asTheyAre)
		defer l.stop(t)
		for _, tc := range []struct {
			name, to     string
			due          time.Time // zero: at once
			ruled, warns bool      // has the decision; warns that no STOP clause is there
		}{
			{"metropolitan France", "+33639980001", monday, true, true},
			{"La Réunion, where it is later", "+262639980012", time.Time{}, true, true},
			{"Tahiti, on a Sunday evening that is tolerated", "+68987123456", time.Time{}, true, true},
			{"the United Kingdom", "+447700900001", time.Time{}, false, false},
		} {
			result, err := l.Preview(t.Context(), gateway.Submission{
				Account: "default", To: []string{tc.to}, Text: "Soldes", Sender: "INFO", Class: sms.Marketing,
			}, time.Time{})
			if err != nil {
				t.Fatalf("%s: %v", tc.name, err)
			}
			d := result.Messages[0]
			want := tc.due
			if want.IsZero() {
				want = d.AcceptedAt
			}
			if !d.DueAt.Equal(want) {
				t.Errorf("%s: due %s, want %s", tc.name, d.DueAt, want)
			}
			found := ""
			for _, decided := range slices.Concat(result.Common, d.Decisions) {
				if decided.Is("window") {
					found = decided.In(reason.English) + decided.In("fr")
				}
			}
			byDefault := strings.Contains(found, "fr-2026-03 (version 1)") &&
				strings.Contains(found, "by default") && strings.Contains(found, "par défaut")
			if byDefault != tc.ruled {
				t.Errorf("%s: decision %q", tc.name, found)
			}
			if warns := slices.ContainsFunc(
				result.Warnings, func(w gateway.Warning) bool { return w.Is("stop_clause_missing") },
			); warns != tc.warns {
				t.Errorf("%s: warns of the STOP clause: %v", tc.name, warns)
			}
		}
		code := l.submit(t, gateway.Submission{Class: sms.OTP, Sender: "INFO"})[0]
		mixed := l.submit(t, gateway.Submission{
			Class: sms.Marketing, To: []string{"+33639980001", "+447700900001"}, Text: "Soldes",
		})
		time.Sleep(time.Minute)
		synctest.Wait()
		if l.status(t, code) != sms.Submitted || l.status(t, mixed[0]) != sms.Queued ||
			l.status(t, mixed[1]) != sms.Submitted {
			t.Errorf("code %s, France %s, United Kingdom %s",
				l.status(t, code), l.status(t, mixed[0]), l.status(t, mixed[1]))
		}
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		if l.status(t, mixed[0]) != sms.Submitted {
			t.Errorf("France, when it is open: %s", l.status(t, mixed[0]))
		}
	})
}
