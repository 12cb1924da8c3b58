package smpp

import (
	"context"
	"fmt"
	"strings"

	"relais/connector"
	"relais/smpp"
	"relais/sms"
)

// asking is an instance whose operator answers query_sm.
type asking struct{ *instance }

// statusBatch is how many messages one look-up asks for: a request each (our choice).
const statusBatch = 20

// ReadStatus asks for each message by its id, and for the sender it left from: both must be the
// operator's (3.4, 4.8). It tells the state alone, and of parts of long messages nothing.
func (a asking) ReadStatus(ctx context.Context, messages []sms.Message) ([]sms.Receipt, error) {
	var receipts []sms.Receipt
	for n := range messages {
		m := &messages[n]
		if m.ProviderID == "" || strings.Contains(m.ProviderID, partsMark) {
			continue
		}
		s, err := a.pick()
		if err != nil {
			return receipts, err
		}
		answer, _, err := s.conn.Request(ctx, &smpp.QuerySM{MessageID: m.ProviderID, Source: a.source(m)}, nil)
		if err != nil {
			return receipts, fmt.Errorf("no answer to query_sm: %w", err)
		}
		if receipt, told := a.state(m, answer); told {
			receipts = append(receipts, receipt)
		}
		if answer.Status == smpp.RINVCMDID { // node-smpp issue 35: it knows no such command
			return receipts, &connector.Error{
				Fault: connector.Rejected, Code: answer.Status.String(),
				Detail: "the operator does not know query_sm: set query to false",
			}
		}
	}
	return receipts, nil
}

// state reads an answer to query_sm; told is false where it says no more than that the operator
// has the message, or does not know it.
func (a asking) state(m *sms.Message, answer smpp.PDU) (receipt sms.Receipt, told bool) {
	state, ok := answer.Body.(*smpp.QuerySMResp)
	if !ok || answer.Status != smpp.OK {
		return sms.Receipt{}, false
	}
	receipt = a.read(smpp.Receipt{ID: m.ProviderID, State: state.State, HasState: true})
	if state.ErrorCode != 0 {
		receipt.Code = fmt.Sprint(state.ErrorCode)
	}
	return receipt, receipt.Status.Final()
}
