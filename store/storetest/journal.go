package storetest

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"relais/auth"
	"relais/inbox"
	"relais/sms"
	"relais/template"
	"relais/webhook"
)

// actsOfChanges: a change that somebody makes is in the audit with who they are; a change
// of the gateway itself, one that failed and one that changed nothing are not.
func actsOfChanges(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	by := auth.By{Actor: "api:forms", Address: "192.0.2.7", Via: "abcde"}
	for _, tc := range journalCases(s) {
		t.Run(string(tc.code), func(t *testing.T) {
			if err := tc.before(t.Context()); err != nil {
				t.Fatal(err)
			}
			if acts := allActs(t, s); slices.ContainsFunc(acts, func(a auth.Act) bool { return a.Code == tc.code }) {
				t.Errorf("what nobody did is in the audit: %+v", acts)
			}
			for range 2 { // the second time it changes nothing, or fails
				if err := tc.do(auth.WithBy(t.Context(), by)); err != nil && !tc.fails(err) {
					t.Fatal(err)
				}
			}
			var found []auth.Act
			for _, a := range allActs(t, s) {
				if a.Code == tc.code {
					a.ID, a.At = sms.ID{}, time.Time{}
					found = append(found, a)
				}
			}
			want := []auth.Act{by.Act("default", tc.code, tc.subject, tc.note).Changing(tc.edits)}
			if tc.account != "" {
				want[0].Account = tc.account
			}
			if diff := cmp.Diff(want, found); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// journalCase is a change, and the act that tells of it.
type journalCase struct {
	code                   auth.ActCode
	account, subject, note string
	edits                  auth.Edits // what it changed
	before, do             func(context.Context) error
	fail                   error // of the second time; nil: none
}

func (c *journalCase) fails(err error) bool { return c.fail != nil && errors.Is(err, c.fail) }

func nothing(context.Context) error { return nil }

func journalCases(s Store) []journalCase {
	return slices.Concat(journalOfKeys(s), journalOfTemplates(s), journalOfWebhooks(s), journalOfOptOuts(s),
		journalOfMessages(s))
}

func journalOfKeys(s Store) []journalCase {
	key := auth.Key{ID: "k1", Account: "default", Name: "forms", CreatedAt: start}
	limits := auth.KeyLimits{Networks: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}}
	return []journalCase{
		{
			code: auth.AccountMade, account: "village", subject: "village", before: nothing, fail: auth.ErrExists,
			do: func(ctx context.Context) error {
				return s.AddAccount(ctx, auth.Account{Name: "village", CreatedAt: start})
			},
		},
		{
			code: auth.KeyMade, subject: "forms (k1)", fail: auth.ErrExists,
			before: func(ctx context.Context) error {
				other := key
				other.ID = "k0"
				return s.AddKey(ctx, other, auth.HashOf("other"))
			},
			do: func(ctx context.Context) error { return s.AddKey(ctx, key, auth.HashOf("text")) },
		},
		{
			code: auth.KeyLimited, subject: "forms (k1)",
			edits:  auth.Edits{{Field: "networks", After: []string{"192.0.2.0/24"}}},
			before: func(ctx context.Context) error { _, err := s.LimitKey(ctx, "k0", nil, limits); return err },
			do:     func(ctx context.Context) error { _, err := s.LimitKey(ctx, "k1", nil, limits); return err },
		},
		{
			code: auth.KeyRevoked, subject: "forms (k1)",
			before: func(ctx context.Context) error { _, err := s.RevokeKey(ctx, "k0", start); return err },
			do:     func(ctx context.Context) error { _, err := s.RevokeKey(ctx, "k1", start); return err },
		},
	}
}

func journalOfTemplates(s Store) []journalCase {
	made := template.Template{
		Account: "default", ID: sms.NewID(start), Version: 1, MadeAt: start, MadeBy: "api:forms",
		Content: template.Content{Name: "Rappel", Text: "Bonjour", Circle: template.Everyone},
	}
	next := made
	next.Version, next.Text, next.Folder = 2, "Bonsoir", "Rendez-vous"
	id := made.ID.String()
	return []journalCase{
		{
			code: auth.TemplateMade, subject: id, before: nothing, fail: template.ErrNameTaken,
			do: func(ctx context.Context) error {
				again := made
				if _, err := s.Template(ctx, "default", made.ID, 0); err == nil {
					again.ID = sms.NewID(start.Add(time.Second))
				}
				return s.AddTemplate(ctx, again, "=rappel")
			},
		},
		{
			code: auth.TemplateChanged, subject: id, note: "2", before: nothing, fail: template.ErrOutdated,
			edits: auth.Edits{{Field: "folder", After: []string{"Rendez-vous"}}, {Field: "text"}},
			do:    func(ctx context.Context) error { return s.ChangeTemplate(ctx, next, "=rappel") },
		},
		{
			code: auth.TemplateArchived, subject: id, before: nothing,
			do: func(ctx context.Context) error { return s.ArchiveTemplate(ctx, "default", made.ID, start, id) },
		},
		{
			code: auth.TemplateRestored, subject: id, before: nothing,
			do: func(ctx context.Context) error {
				return s.ArchiveTemplate(ctx, "default", made.ID, time.Time{}, "=rappel")
			},
		},
	}
}

func journalOfWebhooks(s Store) []journalCase {
	one := webhook.Endpoint{
		ID: sms.NewID(start), Account: "default", URL: "https://a.example/", Secret: []byte("s"), Key: "once",
		Origin: webhook.OfAPI, State: webhook.Active, CreatedAt: start,
	}
	id := one.ID.String()
	off := one
	off.State = webhook.Disabled
	return []journalCase{
		{
			code: auth.WebhookMade, subject: id, before: nothing,
			do: func(ctx context.Context) error {
				again := one
				again.ID = sms.NewID(start.Add(time.Second))
				if _, err := s.Endpoint(ctx, "default", one.ID); err != nil {
					again.ID = one.ID
				}
				_, err := s.AddEndpoint(ctx, again)
				return err
			},
		},
		{
			code: auth.WebhookDisabled, subject: id, before: nothing,
			do: onceOf(func(ctx context.Context) error { return s.ChangeEndpoint(ctx, one, off) }),
		},
		{
			code: auth.WebhookEnabled, subject: id, before: nothing,
			do: onceOf(func(ctx context.Context) error { return s.ChangeEndpoint(ctx, off, one) }),
		},
		{
			code: auth.WebhookChanged, subject: id, before: nothing,
			edits: auth.Edits{
				{Field: "address", Before: []string{"https://a.example"}, After: []string{"https://b.example"}},
				{Field: "events", After: []string{"message.delivered"}},
			},
			do: onceOf(func(ctx context.Context) error {
				moved := one
				moved.URL, moved.Events = "https://b.example/token", []webhook.Type{webhook.MessageDelivered}
				return s.ChangeEndpoint(ctx, one, moved)
			}),
		},
		{
			code: auth.WebhookRotated, subject: id, note: start.Add(time.Hour).UTC().Format(time.RFC3339), before: nothing,
			do: func(ctx context.Context) error {
				_, err := s.Rotate(ctx, webhook.Rotation{
					Account: "default", Endpoint: one.ID, Secret: []byte("t"), Now: start, Until: start.Add(time.Hour),
					Key: "k",
				})
				return err
			},
		},
		{
			code: auth.WebhookRemoved, subject: id, before: nothing, fail: webhook.ErrUnknown,
			do: func(ctx context.Context) error { return s.RemoveEndpoint(ctx, "default", one.ID) },
		},
	}
}

func onceOf(do func(context.Context) error) func(context.Context) error {
	did := false
	return func(ctx context.Context) error {
		if did {
			return nil
		}
		did = true
		return do(ctx)
	}
}

func journalOfOptOuts(s Store) []journalCase {
	change := func(number sms.Number, added bool, source inbox.Source) inbox.OptOutChange {
		return inbox.OptOutChange{
			ID: sms.FirstID(start.Add(time.Duration(len(number)) * time.Second)), Account: "default", Number: number,
			Added: added, Source: source, Actor: "api:forms", At: start,
		}
	}
	list := func(changes ...inbox.OptOutChange) func(context.Context) error {
		return func(ctx context.Context) error { _, err := s.ChangeOptOuts(ctx, changes); return err }
	}
	put := change("+33639980001", true, inbox.FromAPI)
	off := change("+336399800012", false, inbox.FromAPI)
	off.Number = put.Number
	file := []inbox.OptOutChange{
		change("+3363998000123", true, inbox.FromImport), change("+33639980001234", true, inbox.FromImport),
	}
	return []journalCase{
		{code: auth.OptOutAdded, subject: put.ID.String(), before: nothing, do: list(put)},
		{code: auth.OptOutRemoved, subject: off.ID.String(), before: nothing, do: list(off)},
		{code: auth.OptOutsImported, subject: file[0].ID.String(), note: "2", before: nothing, do: list(file...)},
	}
}

func journalOfMessages(s Store) []journalCase {
	a := draft{count: 2}.acceptance()
	cancel := func(at int) func(context.Context) error {
		return func(ctx context.Context) error {
			_, err := s.Settle(ctx, []sms.Transition{{
				Account: "default", ID: a.Drafts[at].ID, From: sms.Queued, To: sms.Canceled,
				Event: sms.Event{At: start, Status: sms.Canceled, Actor: "api:forms", Code: "canceled_by_caller"},
			}})
			return err
		}
	}
	return []journalCase{{
		code: auth.MessageCanceled, subject: a.Drafts[0].ID.String(),
		before: func(ctx context.Context) error {
			if _, err := s.Accept(ctx, a); err != nil {
				return err
			}
			return cancel(1)(ctx)
		},
		do: cancel(0),
	}}
}
