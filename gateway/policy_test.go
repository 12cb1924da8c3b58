package gateway_test

import (
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"relais/connector"
	"relais/duty"
	"relais/gateway"
	"relais/number"
	"relais/quota"
	"relais/reason"
	"relais/sms"
)

// governed is a gateway whose account has rules, and that sends nothing yet.
func governed(t *testing.T, account gateway.Account, change func(*gateway.Options)) *line {
	t.Helper()
	l := prepareOptions(t, t.TempDir(), map[string]*operator{"ovh": {}}, connector.Facts{}, func(s gateway.Store) gateway.Store {
		return s
	},
		func(o *gateway.Options) {
			o.Account = func(name string) gateway.Account {
				named := account
				named.Name, named.Region = name, "FR"
				return named
			}
			change(o)
		})
	t.Cleanup(func() { l.stop(t) })
	return l
}

func unchanged(*gateway.Options) {}

// What is refused is refused in the preview, and what decides is in both.
func TestNumberPolicy(t *testing.T) {
	l := governed(t, gateway.Account{Numbers: number.Policy{Families: []string{number.FRMetro}}}, unchanged)
	s := gateway.Submission{
		Account: "default", Actor: "api:form", Text: "Bonjour",
		To: []string{"0639980001", "0692123456", "0891123456", "0123456789"},
	}
	want := []string{string(number.CodeFamily), string(number.CodePremium), string(number.CodeFixedLine)}
	preview, err := l.Preview(t.Context(), s, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	result, err := l.Submit(t.Context(), s, nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, r := range map[string]*gateway.Result{"preview": preview, "submit": result} {
		var got []string
		for _, refused := range r.Rejected {
			got = append(got, refused.Code.Wire())
		}
		if !slices.Equal(got, want) || len(r.Messages) != 1 {
			t.Errorf("%s: refused %v, accepted %d; want %v and one", name, got, len(r.Messages), want)
		}
		decided := slices.ContainsFunc(r.Common, func(d reason.Reason) bool {
			return d.Code == "number_policy"
		})
		if !decided {
			t.Errorf("%s does not tell the policy: %v", name, r.Common)
		}
	}
}

func refusalsOf(err error, r *gateway.Result) (codes []string) {
	if e, ok := errors.AsType[*gateway.Error](err); ok {
		codes = append(codes, e.Code.Wire())
		for _, refused := range e.Rejected {
			codes = append(codes, refused.Code.Wire())
		}
		return codes
	}
	for _, refused := range r.Rejected {
		codes = append(codes, refused.Code.Wire())
	}
	return codes
}

// Each step is a submission to one gateway; what came before counts.
func TestQuotas(t *testing.T) {
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	l := governed(t, gateway.Account{}, func(o *gateway.Options) {
		o.Clock = duty.NewClock(func() time.Time { return now })
		o.Quotas = book(o,
			quota.Quota{
				Name: "form", Keys: []string{"form"}, Per: quota.PerKey, Every: quota.Minute, Messages: 2,
			},
			quota.Quota{
				Name: "marketing", Classes: []sms.Class{sms.Marketing}, Per: quota.PerAccount,
				Every: quota.Day, Segments: 2,
			},
			quota.Quota{
				Name: "new", Outside: []string{number.FRMetro}, Per: quota.PerNewCountry,
				Every: quota.Day, Messages: 1,
			},
			quota.Quota{Name: "person", Per: quota.PerRecipient, Every: quota.Hour, Messages: 3},
			quota.Quota{Name: "same", Per: quota.PerText, Every: quota.Hour, Messages: 1},
		)
	})
	key := &gateway.IdempotencyKey{Key: "k"}
	for _, step := range []struct {
		name  string
		after time.Duration
		s     gateway.Submission
		want  []string
	}{
		{name: "first of the form", s: gateway.Submission{Actor: "api:form", Text: "1", To: []string{"0639980001"}, Key: key}},
		{name: "the same text", s: gateway.Submission{Actor: "api:form", Text: "1", To: []string{"0639980001", "0639980002"}}, want: []string{"repeated_text"}},
		{name: "third of the form", s: gateway.Submission{Actor: "api:form", Text: "2", To: []string{"0639980003"}}, want: []string{"quota_exceeded"}},
		{name: "the first again", s: gateway.Submission{Actor: "api:form", Text: "1", To: []string{"0639980001"}, Key: key}},
		{name: "another key", s: gateway.Submission{Actor: "api:codes", Text: "2", To: []string{"0639980001"}}},
		{name: "a minute later", after: time.Minute, s: gateway.Submission{Actor: "api:form", Text: "3", To: []string{"0639980001"}}},
		{name: "the person got three", s: gateway.Submission{Actor: "api:codes", Text: "4", To: []string{"0639980001"}}, want: []string{"no_recipient", "recipient_limit"}},
		{name: "an hour later", after: 61 * time.Minute, s: gateway.Submission{Actor: "api:codes", Text: "4", To: []string{"0639980001"}}},
		{name: "marketing of three segments", s: gateway.Submission{Actor: "api:codes", Class: sms.Marketing, Text: "5", To: []string{"0639980001", "0639980002", "0639980003"}}, want: []string{"quota_too_small"}},
		{name: "marketing of two", s: gateway.Submission{Actor: "api:codes", Class: sms.Marketing, Text: "5", To: []string{"0639980001", "0639980002"}}},
		{name: "marketing again", s: gateway.Submission{Actor: "api:news", Class: sms.Marketing, Text: "6", To: []string{"0639980003"}}, want: []string{"quota_exceeded"}},
		{name: "two in a new country", s: gateway.Submission{Actor: "api:codes", Text: "7", To: []string{"+447700900001", "+447700900002"}}, want: []string{"quota_exceeded"}},
		{name: "a day later it is new no more", after: 25 * time.Hour, s: gateway.Submission{Actor: "api:codes", Text: "8", To: []string{"+447700900001", "+447700900002"}}},
	} {
		now = now.Add(step.after)
		step.s.Account = "default"
		_, previewed := l.Preview(t.Context(), step.s, time.Time{})
		r, err := l.Submit(t.Context(), step.s, func(*gateway.Result) ([]byte, error) {
			return []byte("first"), nil
		})
		if got := refusalsOf(err, r); !slices.Equal(got, step.want) {
			t.Errorf("%s: refused %v, want %v", step.name, got, step.want)
		}
		if (previewed != nil) != (err != nil) && step.s.Key == nil {
			t.Errorf("%s: the preview says %v, the gateway %v", step.name, previewed, err)
		}
	}
}

// The text is counted for those whom quotas leave.
func TestPreviewCountsTheTextOfThoseWhoAreLeft(t *testing.T) {
	l := governed(t, gateway.Account{}, func(o *gateway.Options) {
		o.Quotas = book(o, quota.Quota{
			Name: "abroad", Outside: []string{number.FRMetro},
			Per: quota.PerCountry, Every: quota.Day, Messages: 1,
		})
	})
	r, err := l.Preview(t.Context(), gateway.Submission{
		Account: "default", Actor: "api:form",
		Text: "Bonjour", To: []string{"+447700900001", "+447700900002", "0639980001"},
	}, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Messages) != 2 || r.Text.Written.Segments != 2 {
		t.Errorf("%d messages and a text of %d segments, want 2 and 2",
			len(r.Messages), r.Text.Written.Segments)
	}
}

// What one recipient takes may be more than the whole quota: to come again later
// would not help, and nothing of the quota is used up.
func TestMoreThanAQuotaEverAllowsToOneRecipient(t *testing.T) {
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	var log strings.Builder
	l := governed(t, gateway.Account{}, func(o *gateway.Options) {
		o.Clock = duty.NewClock(func() time.Time { return now })
		o.Log = slog.New(slog.NewTextHandler(&log, nil))
		o.Quotas = book(o,
			quota.Quota{
				Name: "abroad", Outside: []string{number.FRMetro}, Per: quota.PerCountry,
				Every: quota.Day, Segments: 1,
			},
			quota.Quota{Name: "all", Per: quota.PerKey, Every: quota.Day, Segments: 3},
		)
	})
	long := strings.Repeat("a", 200) // two segments
	for _, step := range []struct {
		name, text string
		to         []string
		want       []string
		wait       bool
	}{
		{name: "abroad", text: long, to: []string{"+447700900001"}, want: []string{"no_recipient", "quota_too_small"}},
		{name: "abroad and at home", text: long, to: []string{"+447700900001", "0639980001"}, want: []string{"quota_too_small"}},
		{name: "more than all", text: strings.Repeat("a", 500), to: []string{"0639980001"}, want: []string{"quota_too_small"}},
		{name: "what fits", text: "a", to: []string{"+447700900001"}},
		{name: "what fitted", text: "b", to: []string{"+447700900001"}, want: []string{"quota_exceeded", "quota_exceeded"}, wait: true},
	} {
		s := gateway.Submission{Account: "default", Actor: "api:form", Text: step.text, To: step.to}
		_, previewed := l.Preview(t.Context(), s, time.Time{})
		r, err := l.Submit(t.Context(), s, nil)
		if got := refusalsOf(err, r); !slices.Equal(got, step.want) {
			t.Errorf("%s: refused %v, want %v", step.name, got, step.want)
		}
		if (previewed != nil) != (err != nil) {
			t.Errorf("%s: the preview says %v, the gateway %v", step.name, previewed, err)
		}
		refusal, _ := errors.AsType[*gateway.Error](err)
		if wait := refusal != nil && refusal.RetryAfter > 0; wait != step.wait {
			t.Errorf("%s: to wait helps %t, want %t", step.name, wait, step.wait)
		}
		if told := strings.Contains(log.String(), "a quota is used up"); told != step.wait {
			t.Errorf("%s: the log tells of a quota that is used up %t, want %t", step.name, told, step.wait)
		}
	}
}

// book has some quotas, counted by the store of the gateway.
func book(o *gateway.Options, quotas ...quota.Quota) *quota.Book {
	return quota.New(quota.Options{Quotas: quotas, Store: o.Store.(quota.Store), Log: o.Log})
}
