package smpp_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"relais/connector"
	operator "relais/connector/smpp"
	"relais/smpp"
	"relais/sms"
)

func TestQuery(t *testing.T) {
	l := connect(t, func(c *operator.Config) { c.Query = true })
	asked := make(chan *smpp.QuerySM, 10)
	l.smsc.willQuery(func(r *smpp.Received, q *smpp.QuerySM) {
		asked <- q
		switch q.MessageID {
		case "id1":
			_ = r.Respond(smpp.OK, &smpp.QuerySMResp{MessageID: "id1", State: smpp.Undeliverable, ErrorCode: 8})
		case "id2":
			_ = r.Respond(smpp.OK, &smpp.QuerySMResp{MessageID: "id2", State: smpp.EnRoute})
		default:
			_ = r.Respond(smpp.RQUERYFAIL, nil)
		}
	})
	var messages []sms.Message
	for _, id := range []string{"id1", "id2", "gone", "id3+2", ""} {
		m := message("Bonjour")
		m.ProviderID = id
		messages = append(messages, m)
	}
	got, err := l.Connector.(connector.StatusReader).ReadStatus(t.Context(), messages)
	want := []sms.Receipt{{
		ProviderID: "id1", Status: sms.Undelivered, Reason: sms.ReasonUnknown, Code: "8", Text: "UNDELIV",
	}}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
	if q := await(t, asked); q.Source != (smpp.Address{TON: 5, Addr: "Mairie"}) {
		t.Errorf("asked for %+v", q)
	}
}

// node-smpp issue 35: the command is not known, and the answer is generic_nack.
func TestQueryIsNotKnown(t *testing.T) {
	l := connect(t, func(c *operator.Config) { c.Query = true })
	l.smsc.willQuery(func(r *smpp.Received, _ *smpp.QuerySM) {
		_ = r.Respond(smpp.RINVCMDID, &smpp.GenericNack{})
	})
	m := message("Bonjour")
	m.ProviderID = "id1"
	_, err := l.Connector.(connector.StatusReader).ReadStatus(t.Context(), []sms.Message{m})
	if refused, ok := errors.AsType[*connector.Error](err); !ok || refused.Code != "ESME_RINVCMDID" {
		t.Errorf("%v", err)
	}
	if got := l.submit(t, message("Bonjour")); got.Err != nil {
		t.Errorf("the session did not live on: %v", got.Err)
	}
}
