package smpp

import (
	"context"
	"errors"
	"strings"

	"relais/gateway"
	"relais/smpp"
	"relais/sms"
)

// query tells where a message stands (3.4, 4.8).
func (s *session) query(c *client, q *smpp.QuerySM) (smpp.Status, smpp.Body) {
	m, status := s.find(c, q.MessageID, q.Source, smpp.RQUERYFAIL)
	if status != smpp.OK {
		return status, nil
	}
	if m.ID.IsZero() { // a part: m has no more than its status
		return smpp.OK, &smpp.QuerySMResp{MessageID: q.MessageID, State: standing(m.Status)}
	}
	answer := &smpp.QuerySMResp{MessageID: q.MessageID, State: standing(m.Status)}
	if answer.State != smpp.EnRoute && answer.State != smpp.UnknownState {
		answer.FinalDate = smpp.FormatTime(m.UpdatedAt.In(s.door.Zone))
	}
	return smpp.OK, answer
}

// standing is a status in the words of SMPP.
func standing(status sms.Status) smpp.MessageState {
	switch status {
	case sms.Delivered:
		return smpp.Delivered
	case sms.Undelivered:
		return smpp.Undeliverable
	case sms.Expired:
		return smpp.Expired
	case sms.Rejected:
		return smpp.Rejected
	case sms.Canceled:
		return smpp.Deleted
	case sms.Uncertain:
		return smpp.UnknownState
	default:
		return smpp.EnRoute
	}
}

// cancel takes a message back that has not left (3.4, 4.9). One without an id would cancel all that
// match: no client gets that by an oversight.
func (s *session) cancel(c *client, q *smpp.CancelSM) smpp.Status {
	m, status := s.find(c, q.MessageID, q.Source, smpp.RCANCELFAIL)
	if status != smpp.OK {
		return status
	}
	if m.ID.IsZero() || !isFor(&m, q.Dest) {
		return smpp.RCANCELFAIL
	}
	err := s.door.Gateway.Cancel(context.WithoutCancel(s.door.stopping), m, c.actor)
	refused, ok := errors.AsType[*gateway.Error](err)
	switch {
	case err == nil:
		return smpp.OK
	case ok && refused.Kind == gateway.Conflict:
		return smpp.RCANCELFAIL
	default:
		s.door.Log.Error("a message was not canceled", "door", "smpp", "system_id", c.systemID, "error", err)
		return statusTrouble
	}
}

// isFor reports whether a destination is that of a message, in whichever form the client writes it; one
// that is empty is any.
func isFor(m *sms.Message, dest smpp.Address) bool {
	number := strings.TrimLeft(onlyDigits(dest.Addr), "0")
	return strings.TrimSpace(dest.Addr) == "" || number != "" && strings.HasSuffix(string(m.To), number)
}

// find is the message of a client that an id and a source name, or the id of a part of it; a message
// without an id where the part still waits for the others. One of another client is none.
func (s *session) find(c *client, id string, source smpp.Address, unknown smpp.Status) (sms.Message, smpp.Status) {
	known, ok := idOf(id)
	if !ok {
		return sms.Message{}, unknown
	}
	m, err := s.message(c, known)
	switch {
	case errors.Is(err, gateway.ErrNotFound):
		return m, unknown
	case err != nil:
		s.door.Log.Error("a message cannot be read", "door", "smpp", "system_id", c.systemID, "error", err)
		return m, statusTrouble
	case m.ID.IsZero():
		return m, smpp.OK
	case m.Actor != c.actor:
		return m, unknown
	}
	if kept, has := keptAddress(m.Metadata[keptSource], string(m.Sender)); has && kept.Addr != strings.TrimSpace(source.Addr) {
		return m, unknown
	}
	return m, smpp.OK
}

func (s *session) message(c *client, id sms.ID) (sms.Message, error) {
	store, ctx := s.door.Store, s.lasting()
	m, err := store.Message(ctx, c.Account, id)
	if !errors.Is(err, gateway.ErrNotFound) {
		return m, err
	}
	p, err := store.Part(ctx, c.Account, id)
	switch {
	case err != nil:
		return m, err
	case p.Client != c.systemID:
		return m, gateway.ErrNotFound
	case p.Message.IsZero() && p.Failed:
		return sms.Message{Status: sms.Undelivered}, nil
	case p.Message.IsZero():
		return sms.Message{Status: sms.Queued}, nil
	default:
		return store.Message(ctx, c.Account, p.Message)
	}
}
