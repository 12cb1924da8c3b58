package sender

import (
	"testing"
	"time"

	"relais/connector"
	"relais/policy"
	"relais/reason"
	"relais/sms"
)

var now = time.Date(2026, 12, 1, 10, 0, 0, 0, time.UTC)

// TestChoose has a sender for each answer that an account gives.
func TestChoose(t *testing.T) {
	listed := Rules{Listed: []Listed{
		{Name: "MAIRIE"}, {Name: "Early", From: now.Add(time.Hour)}, {Name: "Late", Until: now},
	}}
	for _, tc := range []struct {
		name  string
		rules Rules
		asked sms.Sender
		want  reason.Code
	}{
		{"none", Rules{}, "", codeDefault},
		{"a name", Rules{}, "Town-Hall", codeAsked},
		{"a short code", Rules{}, "36111", codeAskedShort},
		{"a number", Rules{}, "+33639980001", codeAskedLong},
		{"two digits", Rules{}, "12", CodeTooShort},
		{"a plus and few digits", Rules{}, "+3363", CodeNotANumber},
		{"too long", Rules{}, "TwelveLetter", CodeTooLong},
		{"an accent", Rules{}, "Thé", CodeInvalidCharacter},
		{"a space in front", Rules{}, " Hall", codeEnds},
		{"punctuation where none is wanted", Rules{Plain: true}, "Town-Hall", codePunctuated},
		{"nobody's name", Rules{Generic: []string{"info"}}, "INFO", CodeGeneric},
		{"somebody's word", Rules{Forbidden: []string{"ameli"}}, "my-AMELI", codeForbiddenWord},
		{"listed", listed, "mairie", codeAsked},
		{"not listed", listed, "Library", CodeNotListed},
		{"listed for later", listed, "Early", CodeNotValid},
		{"listed until now", listed, "Late", codeOver},
		{"not listed, and nothing is now", Rules{Listed: listed.Listed[1:]}, "Library", codeNoneIsNow},
		{"replaced", Rules{Generic: []string{"info"}, Replace: true}, "info", CodeReplaced},
	} {
		t.Run(tc.name, func(t *testing.T) {
			account := Account{Rules: tc.rules, Default: "RELAIS"}
			choice, refusal := account.Choose(tc.asked, now)
			if refusal.Code+choice.Why.Code != tc.want {
				t.Errorf("refused by %q, decided by %q", refusal.Code, choice.Why.Code)
			}
			if choice.Replaced != (tc.want == CodeReplaced) || choice.Replaced &&
				choice.Sender.Name != "RELAIS" {
				t.Errorf("choice %+v", choice)
			}
		})
	}
}

// TestRefusesAt has a sender for each answer that a connector gives.
func TestRefusesAt(t *testing.T) {
	charter, known := policy.Builtin("fr-prudent")
	if !known {
		t.Fatal("no pack fr-prudent")
	}
	declared := NewDeclared(&connector.Facts{CheckSenders: true})
	declared.keep([]connector.DeclaredSender{
		{Name: "RELAIS", State: connector.SenderUsable}, {Name: "Bank", State: connector.SenderRefused, Comment: "Not yours"},
	}, time.Now())
	for _, tc := range []struct {
		name   string
		at     Connector
		policy *policy.Pack
		sender sms.Sender
		want   reason.Code
	}{
		{"nothing is known", Connector{Declared: NewDeclared(&connector.Facts{})}, nil, "Pool", ""},
		{"none asked for", Connector{Kinds: []sms.SenderKind{sms.ShortCode}, Declared: declared}, nil, "", ""},
		{"another kind", Connector{Kinds: []sms.SenderKind{sms.ShortCode}}, nil, "Pool", CodeKindUnsupported},
		{"declared", Connector{Declared: declared}, nil, "Relais", ""},
		{"not declared", Connector{Declared: declared}, nil, "Pool", CodeNotDeclared},
		{"the default is refused", Connector{Declared: declared}, nil, "Bank", codeDefaultNotDeclared},
		{"a mobile phone, by the account's rules", Connector{}, charter, "0639980001", CodeNotAllowed},
		{"a mobile phone, by the operator's rules", Connector{Overlay: charter}, nil, "0639980001", CodeNotAllowed},
	} {
		t.Run(tc.name, func(t *testing.T) {
			account := Account{Default: "Bank", Policy: tc.policy}
			if got := account.RefusesAt(&tc.at, Read(tc.sender), now); got.Code != tc.want {
				t.Errorf("refused by %q, want %q", got.Code, tc.want)
			}
		})
	}
}

func TestReplaceable(t *testing.T) {
	account := Account{Rules: Rules{Replace: true}, Default: "RELAIS"}
	for _, tc := range []struct {
		name    string
		sender  sms.Sender
		refusal reason.Code
		want    bool
	}{
		{"not declared", "Pool", CodeNotDeclared, true},
		{"the default itself", "relais", codeDefaultNotDeclared, false},
		{"another refusal", "Pool", CodeNotAllowed, false},
	} {
		if got := account.Replaceable(tc.sender, tc.refusal); got != tc.want {
			t.Errorf("%s: %t", tc.name, got)
		}
	}
}
