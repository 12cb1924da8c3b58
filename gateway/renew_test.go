package gateway_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"relais/connector"
	"relais/gateway"
	"relais/inbox"
	"relais/sms"
)

// A STOP that was stored under a form of a number that is repaired today protects the person.
func TestOptOutsUnderAnOldForm(t *testing.T) {
	l := prepare(t, t.TempDir(), map[string]*operator{"ovh": {}}, connector.Facts{})
	t.Cleanup(func() { l.stop(t) })
	for _, tc := range []struct {
		name   string
		stored sms.Number
		to     string
		sender sms.Sender
		want   sms.Number
	}{
		{"Benin before 2024", "+22997123456", "+229 97 12 34 56", "", "+2290197123456"},
		{"Brazil", "+551187654321", "+5511987654321", "", "+5511987654321"},
		{"Mexico", "+5215512345678", "+525512345678", "", "+525512345678"},
		{"a 0 too many", "+3520621123456", "+352 621 123 456", "", "+352621123456"},
		{"Saint-Pierre, the code twice", "+508508551234", "+508 55 12 34", "", "+508551234"},
		{"another French code", "+590612345678", "06 12 34 56 78", "", "+33612345678"},
		{"of one sender", "+22997123457", "+2290197123457", "RELAIS", "+2290197123457"},
		{"today's form", "+33612345679", "06 12 34 56 79", "", "+33612345679"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			put := inbox.OptOutChange{
				Account: "default", Number: tc.stored, Sender: tc.sender, Added: true,
				Source: inbox.FromImport, Actor: "api:test", ID: sms.NewID(time.Now()), At: time.Now(),
			}
			if _, err := l.store.ChangeOptOuts(t.Context(), []inbox.OptOutChange{put}); err != nil {
				t.Fatal(err)
			}
			for _, again := range []bool{false, true} {
				renewed, err := l.Inbox.RenewOptOuts(t.Context(), "default")
				if err != nil {
					t.Fatal(err)
				}
				if want := tc.stored != tc.want && !again; want != (renewed == 2) {
					t.Errorf("again %t: %d changes", again, renewed)
				}
			}
			s := gateway.Submission{
				Account: "default", To: []string{"06 12 00 00 01", tc.to},
				Text: "Soldes", Class: sms.Marketing, Sender: "RELAIS", Connector: "ovh",
			}
			result, err := l.Preview(t.Context(), s, time.Now())
			if err != nil {
				t.Fatal(err)
			}
			var codes []string
			for _, r := range result.Rejected {
				codes = append(codes, r.Code.Wire())
			}
			if diff := cmp.Diff([]string{"opted_out"}, codes); diff != "" {
				t.Errorf("refusals (-want +got):\n%s", diff)
			}
			entries, proofs, err := l.store.OptOutProofs(t.Context(), "default", tc.want)
			if err != nil || len(entries) != 1 || len(proofs) != 1 || entries[0].Sender != tc.sender {
				t.Errorf("%v, %v, %v", entries, proofs, err)
			}
		})
	}
}

// What waits for a person's decision stays where the reply is, and protects in both forms.
func TestProvisionalOptOutUnderAnOldForm(t *testing.T) {
	l := prepare(t, t.TempDir(), map[string]*operator{"ovh": {}}, connector.Facts{})
	t.Cleanup(func() { l.stop(t) })
	put := inbox.OptOutChange{
		Account: "default", Number: "+22997123456", Added: true, Provisional: true, Source: inbox.FromReply,
		ID: sms.NewID(time.Now()), At: time.Now(),
	}
	if _, err := l.store.ChangeOptOuts(t.Context(), []inbox.OptOutChange{put}); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Inbox.RenewOptOuts(t.Context(), "default"); err != nil {
		t.Fatal(err)
	}
	found, _, err := l.store.OptOuts(t.Context(), inbox.OptOutQuery{Account: "default", Limit: 10})
	if err != nil {
		t.Fatal(err)
	}
	got := map[sms.Number]bool{}
	for _, o := range found {
		got[o.Number] = o.Provisional
	}
	if diff := cmp.Diff(map[sms.Number]bool{"+22997123456": true, "+2290197123456": true}, got); diff != "" {
		t.Errorf("entries (-want +got):\n%s", diff)
	}
}
