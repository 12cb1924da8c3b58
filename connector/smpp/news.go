package smpp

import (
	"context"
	"time"

	"relais/connector"
	"relais/smpp"
	"relais/sms"
)

// mostWork is what may wait to be stored: more than the SMSC's window and ours can bring.
const mostWork = 2048

// storeAgain is how long the SMSC waits for a refusal when nothing can be stored: it will send
// the same again at once.
const storeAgain = time.Second

// handle hands a request of the SMSC on. Its answer is given when it is stored.
func (s *session) handle(ctx context.Context, r *smpp.Received) {
	select {
	case s.work <- func(ctx context.Context) { s.take(ctx, r) }:
	case <-ctx.Done():
	}
}

// take stores what a request tells and answers it.
func (s *session) take(ctx context.Context, r *smpp.Received) {
	var m smpp.SM
	switch body := r.Body.(type) {
	case *smpp.DeliverSM:
		m = body.SM
	case *smpp.DataSM:
		m = body.SM()
	default:
		return // alert_notification, outbind: nothing is asked
	}
	if !m.IsReceipt() {
		s.inbound(ctx, r, &m)
		return
	}
	news, ends := s.instance.receipt(ctx, &m)
	if len(news.Receipts) == 0 {
		s.answer(ctx, nil, r)
		return
	}
	err := s.sink.Take(ctx, news)
	if err == nil {
		s.instance.ended(ends)
	}
	s.answer(ctx, err, r)
}

// answer acknowledges what was stored. A refusal is never one for good: the SMSC would drop what
// it sent, or block its queue (observed).
func (s *session) answer(ctx context.Context, err error, r *smpp.Received) (left bool) {
	status := smpp.OK
	switch {
	case err == nil:
	case ctx.Err() != nil:
		return false // the session is over, and all of it comes again
	default:
		s.instance.env.Log.Error("what the operator told could not be stored; it will tell it again", "error", err)
		status = smpp.RXTAPPN
		if sleep(ctx, storeAgain) != nil {
			return false
		}
	}
	if err := r.Respond(status, nil); err != nil {
		s.instance.env.Log.Debug("an acknowledgement did not leave", "error", err)
		return false
	}
	return true
}

// receipt reads a receipt. Without an id or a state there is nothing that it could be about.
func (i *instance) receipt(ctx context.Context, m *smpp.SM) (news connector.News, ends *joined) {
	told, ok := m.Receipt()
	if !ok {
		i.env.Log.Warn("a receipt of the operator cannot be read", "octets", len(m.Octets()))
		return connector.News{}, nil
	}
	receipt := i.read(told)
	if m.ESMClass&smpp.ESMKind&smpp.ESMIntermediate != 0 {
		receipt.Status, receipt.Reason = sms.Submitted, ""
	}
	keys := []string{receipt.ProviderID}
	if other := i.rule.Receipted(told.OtherID); other != "" && other != keys[0] {
		keys = append(keys, other)
	}
	receipts, ends := i.whole(ctx, receipt, keys)
	return connector.News{Receipts: receipts}, ends
}

// ends are what states mean (3.4, 5.2.28; 5.0, 4.7.15). A state that is not final proves that
// the operator has the message.
var ends = map[smpp.MessageState]struct {
	status sms.Status
	reason sms.Reason
}{
	smpp.Delivered:     {sms.Delivered, ""},
	smpp.Expired:       {sms.Expired, sms.ReasonExpired},
	smpp.Deleted:       {sms.Undelivered, sms.ReasonUnknown},
	smpp.Undeliverable: {sms.Undelivered, sms.ReasonUnknown},
	smpp.Rejected:      {sms.Rejected, sms.ReasonUnknown},
	smpp.Skipped:       {sms.Undelivered, sms.ReasonUnknown},
}

// read puts a receipt in our words. The state decides, never the error code (observed: one other
// than zero stands beside DELIVRD). The text, which is the person's, is left out.
func (i *instance) read(told smpp.Receipt) sms.Receipt {
	receipt := sms.Receipt{
		ProviderID: i.rule.Receipted(told.ID), Status: sms.Submitted, Code: told.Err, Text: told.Stat,
	}
	if receipt.Text == "" {
		receipt.Text = told.State.Word()
	}
	if end, final := ends[told.State]; final && told.HasState {
		receipt.Status, receipt.Reason = end.status, end.reason
	}
	if i.zone != nil {
		receipt.At = smpp.ReceiptTime(told.DoneDate, i.zone)
	}
	return receipt
}
