package terms

import (
	"testing"
	"time"

	"relais/connector"
	"relais/policy"
	"relais/reason"
	"relais/sms"
)

func builtin(t *testing.T, name string) *policy.Pack {
	t.Helper()
	pack, known := policy.Builtin(name)
	if !known {
		t.Fatalf("no pack %s", name)
	}
	return pack
}

// TestText has a vector for each thing that may become of the STOP clause.
func TestText(t *testing.T) {
	operator := connector.Facts{StopClause: "\nSTOP 36184", DefaultSender: sms.Alphanumeric}
	prudent := builtin(t, "fr-prudent")
	own, err := prudent.Derive("town-hall", nil, "STOP au 36180")
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name              string
		class             sms.Class
		sender            sms.Sender
		text              string
		facts             connector.Facts
		account           *policy.Pack
		sent, suffix      string
		decision, warning reason.Code
		lacking           bool
	}{
		{"no advertising", sms.Transactional, "MAIRIE", "a", operator, prudent, "a", "", "", "", false},
		{"nobody wants a clause", sms.Marketing, "MAIRIE", "a", connector.Facts{}, nil, "a", "", "", "", false},
		{"a short code takes the answer", sms.Marketing, "36111", "a", operator, nil, "a", "", codeTakesReplies, "", false},
		{
			"so does the number that the operator sends everything from", sms.Marketing, "MAIRIE", "a",
			connector.Facts{FixedSender: true, DefaultSender: sms.LongNumber},
			prudent, "a", "", codeTakesReplies, "", false,
		},
		{"the operator's", sms.Marketing, "MAIRIE", "a", operator, nil, "a", operator.StopClause, codeOperators, "", false},
		{
			"the operator's, and one in the text that nobody asked for", sms.Marketing, "MAIRIE",
			"a\nSTOP 36111", operator, nil,
			"a\nSTOP 36111", operator.StopClause, codeOperators, "", false,
		},
		{
			"the operator's instead of that of the text", sms.Marketing, "MAIRIE",
			"a\nSTOP 36111", operator, prudent,
			"a", operator.StopClause, codeClauseCut, CodeClauseCut, false,
		},
		{
			"the operator's beside one that cannot be cut", sms.Marketing, "MAIRIE",
			"STOP 36111 or not", operator, prudent,
			"STOP 36111 or not", operator.StopClause, codeOperators, CodeClauseTwice, false,
		},
		{"that of the text", sms.Marketing, "MAIRIE", "a\nSTOP 36111", connector.Facts{}, prudent, "a\nSTOP 36111", "", codeHasClause, "", false},
		{"the account's", sms.Marketing, "MAIRIE", "a", connector.Facts{}, own, "a\nSTOP au 36180", "\nSTOP au 36180", codeAdded, "", false},
		{"nobody's", sms.Marketing, "MAIRIE", "a", connector.Facts{}, prudent, "a", "", codeNoClause, CodeClauseMissing, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			at := Connector{Name: "ovh", Facts: tc.facts}
			terms := at.Terms(Message{Class: tc.class, Sender: tc.sender, Text: tc.text},
				tc.account, time.Now())
			got := terms.Text()
			if got.Sent != tc.sent || got.Suffix != tc.suffix || got.Lacking != tc.lacking {
				t.Errorf("sent %q with %q, lacking %t", got.Sent, got.Suffix, got.Lacking)
			}
			if got.Decision.Code != tc.decision || got.Warning.Code != tc.warning {
				t.Errorf("decision %q, warning %q", got.Decision.Code, got.Warning.Code)
			}
			m := sms.Message{Class: tc.class, Text: tc.text}
			if changed := terms.Dress(&m); changed != (tc.sent != tc.text) || m.Text != tc.sent {
				t.Errorf("leaves as %q, changed: %t", m.Text, changed)
			}
		})
	}
}
