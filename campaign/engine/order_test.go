package engine_test

import (
	"testing"
	"testing/synctest"
	"time"

	"relais/campaign/ledger"
	"relais/gateway"
	"relais/reason"
	"relais/sms"
)

func order(to ...string) gateway.Submission {
	return gateway.Submission{
		Account: "default", Actor: "passerelle:town/forms", To: to, Text: `Fermé ((lundi)) \((`, Class: sms.Transactional,
		Connector: "ovh", Special: true, Metadata: map[string]string{"passerelle": "town"},
		Notes: []reason.Reason{reason.Of("sender_dropped/kind", nil)},
	}
}

// What a program sends to many runs once it is kept: a gateway that dies behind the answer
// sends it after the next start, each number once, as the program asked for it.
func TestAnOrderOutlivesTheProcess(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		o := &operator{}
		w := open(t, dir, o)
		o.setBusy(true)
		w.approval.Rows = 1 // which holds for what people start
		s := order("0639980001", "0639980002", "06 39 98 00 01", "0139980001", "0639980003")
		s.ValidFor = time.Hour
		id, planned, err := w.Order(t.Context(), "Publik town", s)
		if err != nil || id.IsZero() || len(planned.Messages) != 3 || len(planned.Rejected) != 2 {
			t.Fatalf("%v, %+v, %v", id, planned, err)
		}
		w.stop(t)
		o.setBusy(false)
		w = open(t, dir, o)
		defer w.stop(t)
		c := w.await(t, id, ledger.Finishing, ledger.Finished)
		if c.StartedBy != s.Actor || c.ApprovedBy != "" || c.Counts.Skipped != 2 || c.Options.EndBy == "" {
			t.Errorf("%+v", c)
		}
		rows := w.rows(t, id)
		if len(rows) != 5 || rows[2].Reason.Code.Wire() != string(gateway.CodeDuplicate) || rows[2].Number != "+33639980001" ||
			rows[3].State != ledger.Skipped || rows[4].Number != "+33639980003" {
			t.Errorf("%+v", rows)
		}
		sent := o.sent()
		if len(sent) != 3 {
			t.Fatalf("%d were sent", len(sent))
		}
		for i := range sent {
			m, err := w.store.Message(t.Context(), "default", sent[i].ID)
			if err != nil {
				t.Fatal(err)
			}
			if m.Text != s.Text || m.Metadata["passerelle"] != "town" || m.Metadata["campaign"] != id.String() || m.Class != sms.Transactional {
				t.Errorf("%+v", m)
			}
		}
	})
}

// What Submit would refuse is refused, and a one-time code is no campaign.
func TestAnOrderIsRefusedAsAMessageIs(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, _ *operator) {
		for want, change := range map[string]func(*gateway.Submission){
			"recipients_empty /to": func(s *gateway.Submission) { s.To = nil },
			"text_empty /text":     func(s *gateway.Submission) { s.Text = " " },
			"no_recipient /to":     func(s *gateway.Submission) { s.To = []string{"12", "0139980001"} },
		} {
			s := order("0639980001")
			change(&s)
			if id, _, err := w.Order(t.Context(), "Publik", s); code(err) != want || !id.IsZero() {
				t.Errorf("%v, %s, want %s", id, code(err), want)
			}
		}
		s := order("0639980001")
		s.Class = sms.OTP
		if id, planned, err := w.Order(t.Context(), "Publik", s); err != nil || !id.IsZero() || planned == nil {
			t.Errorf("a code: %v, %v", id, err)
		}
		all, _, err := w.Campaigns(t.Context(), ledger.Query{Account: "default", Limit: 10})
		if err != nil || len(all) != 0 {
			t.Errorf("%+v, %v", all, err)
		}
	})
}
