package smpp_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"relais/connector"
	operator "relais/connector/smpp"
	"relais/smpp"
)

// What sessions say is shown to who looks on: how messages travel, and nobody's number, text or password.
func TestTrace(t *testing.T) {
	l := connect(t, func(c *operator.Config) { c.TLVs = []string{"campaign=0x1400"} })
	tracer := l.Connector.(connector.Tracer)
	if got := tracer.Trace(0); len(got) != 0 {
		t.Errorf("kept while nobody looked: %+v", got)
	}
	m := message(strings.Repeat("Secret ", 30))
	m.Metadata = map[string]string{"campaign": "Secret"}
	if got := l.submit(t, m); got.Err != nil {
		t.Fatal(got.Err)
	}
	l.smsc.willSubmit(func(_ *smpp.Conn, r *smpp.Received, _ *smpp.SubmitSM) { _ = r.Respond(smpp.RINVDSTADR, nil) })
	wantFault(t, l.submit(t, message("Secret")).Err, connector.Rejected, "ESME_RINVDSTADR")
	if status := deliver(t, l.conns[0], receiptOf("id1", "DELIVRD")); status != smpp.OK {
		t.Errorf("receipt: %s", status)
	}
	reply := smpp.SM{
		Source: smpp.Address{TON: 1, NPI: 1, Addr: "33639980101"}, Dest: smpp.Address{TON: 3, Addr: "36180"}, Text: []byte("Secret"),
	}
	if status := deliver(t, l.conns[0], reply); status != smpp.OK {
		t.Errorf("reply: %s", status)
	}
	const from = `source=5/0 destination=1/1 esm_class=0x`
	const long = from + `40 data_coding=0x00 registered_delivery=0x01 validity_period=000000020000000R part=`
	want := []connector.Said{
		{Number: 1, Sent: true, Command: "submit_sm", Sequence: 2, Detail: long + "1/2 text=153 octets parameters=0x1400"},
		{Number: 2, Command: "submit_sm_resp", Status: "ESME_ROK", Sequence: 2, Detail: `message_id="id1"`},
		{Number: 3, Sent: true, Command: "submit_sm", Sequence: 3, Detail: long + "2/2 text=57 octets parameters=0x1400"},
		{Number: 4, Command: "submit_sm_resp", Status: "ESME_ROK", Sequence: 3, Detail: `message_id="id2"`},
		{
			Number: 5, Sent: true, Command: "submit_sm", Sequence: 4,
			Detail: from + `00 data_coding=0x00 registered_delivery=0x01 validity_period=000000020000000R text=6 octets`,
		},
		{Number: 6, Command: "submit_sm_resp", Status: "ESME_RINVDSTADR", Sequence: 4},
	}
	got := tracer.Trace(0)
	if diff := cmp.Diff(want, got[:min(len(want), len(got))], cmpopts.IgnoreFields(connector.Said{}, "At", "Session", "Octets")); diff != "" {
		t.Errorf("said (-want +got):\n%s", diff)
	}
	shown := fmt.Sprintf("%+v", got)
	for _, secret := range []string{"Secret", "33639980101", "36180", "Mairie", password} {
		if strings.Contains(shown, secret) {
			t.Errorf("%q is shown: %s", secret, shown)
		}
	}
	if !strings.Contains(shown, `id="id1" stat="DELIVRD"`) || !strings.Contains(shown, "deliver_sm_resp") {
		t.Errorf("the receipt is not shown: %s", shown)
	}
	if rest := tracer.Trace(got[2].Number); len(rest) != len(got)-3 || rest[0].Number != 4 {
		t.Errorf("behind the third: %+v", rest)
	}
	if got[0].Session != 1 || got[0].Octets < 200 {
		t.Errorf("session %d, %d octets", got[0].Session, got[0].Octets)
	}
}

// Who looks too seldom misses the oldest, and memory is bounded.
func TestTraceIsBounded(t *testing.T) {
	l := connect(t, nil)
	tracer := l.Connector.(connector.Tracer)
	tracer.Trace(0)
	for range 700 {
		if got := l.submit(t, message("Bonjour")); got.Err != nil {
			t.Fatal(got.Err)
		}
	}
	got := tracer.Trace(0)
	if len(got) < 500 || len(got) > 1000 || got[0].Number < 2 || got[len(got)-1].Number != 1400 {
		t.Errorf("%d are kept, %d to %d", len(got), got[0].Number, got[len(got)-1].Number)
	}
}
