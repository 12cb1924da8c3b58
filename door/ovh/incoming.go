package ovh

import (
	"errors"

	"relais/gateway"
	"relais/inbox"
	"relais/sms"
)

// reply is an incoming SMS with the message that it answers.
type reply struct {
	inbox.Inbound
	answers *sms.Message // nil: none is known
}

// incoming lists replies. All of the period get their numbers, in the order in
// which they came, before the other filters choose: clients remember the highest
// number that they have seen.
func incoming(c *call) (any, error) {
	s, err := c.scope()
	if err != nil {
		return nil, err
	}
	q := inbox.InboundQuery{Account: c.app.Account}
	if q.Since, q.Until, err = c.period(); err != nil {
		return nil, err
	}
	found, err := replyCalls{c}.walkInbound(q)
	if err != nil {
		return nil, err
	}
	ids := make([]sms.ID, len(found))
	for i := range found {
		ids[i] = found[i].ID
	}
	if _, err := c.numbersOf(ids); err != nil {
		return nil, err
	}
	var chosen []sms.ID
	for _, in := range found {
		fits, err := replyCalls{c}.chosen(in, s)
		if err != nil {
			return nil, err
		}
		if fits {
			chosen = append(chosen, in.ID)
		}
	}
	return c.numbersOf(chosen)
}

// replyCalls are the calls about incoming SMS.
type replyCalls struct{ *call }

func (c replyCalls) walkInbound(q inbox.InboundQuery) ([]inbox.Inbound, error) {
	var kept []inbox.Inbound
	q.Limit = 1000
	for {
		found, more, err := c.Reader.Inbounds(c.ctx(), q)
		if err != nil {
			return nil, err
		}
		kept = append(kept, found...)
		if len(kept) > mostListed {
			c.cut()
			return kept[:mostListed], nil
		}
		if !more {
			return kept, nil
		}
		q.Before = found[len(found)-1].ID
	}
}

// chosen applies the filters sender and tag, and the scope.
func (c replyCalls) chosen(in inbox.Inbound, s scope) (bool, error) {
	if text := c.query.Get("sender"); text != "" {
		wanted, err := c.handset(text)
		if err != nil {
			wanted = sms.Number(text)
		}
		if in.From != wanted {
			return false, nil
		}
	}
	tag := c.query.Get("tag")
	if tag == "" && s == (scope{}) {
		return true, nil
	}
	r, err := c.reply(in)
	if err != nil {
		return false, err
	}
	return s.received(r) && (tag == "" || r.tag() == tag), nil
}

// received reports whether a reply belongs to the scope.
func (s scope) received(r reply) bool {
	if s.number != "" && string(r.To) != s.number &&
		(r.answers == nil || string(r.answers.Sender) != s.number) {
		return false
	}
	return s.login == "" || r.answers != nil && r.answers.Metadata[metaUser] == s.login
}

func (c replyCalls) reply(in inbox.Inbound) (reply, error) {
	r := reply{Inbound: in}
	if in.Message.IsZero() {
		return r, nil
	}
	m, err := c.Reader.Message(c.ctx(), c.app.Account, in.Message)
	if errors.Is(err, gateway.ErrNotFound) {
		return r, nil
	}
	r.answers = &m
	return r, err
}

func (r reply) tag() string {
	if r.answers == nil {
		return ""
	}
	return r.answers.Reference
}

// incomingReply is the one behind the id of the path.
func (c replyCalls) incomingReply() (reply, int64, error) {
	s, err := c.scope()
	if err != nil {
		return reply{}, 0, err
	}
	n, err := c.numbered("incoming")
	if err != nil {
		return reply{}, 0, err
	}
	found, _, err := c.Reader.Inbounds(c.ctx(),
		inbox.InboundQuery{Account: c.app.Account, Before: behind(n.ID), Limit: 1})
	if err != nil {
		return reply{}, 0, err
	}
	if len(found) == 0 || found[0].ID != n.ID {
		return reply{}, 0, noObject("incoming")
	}
	r, err := c.reply(found[0])
	if err == nil && !s.received(r) {
		err = noObject("incoming")
	}
	return r, n.Number, err
}

// behind is the least id above another.
func behind(id sms.ID) sms.ID {
	for i := len(id) - 1; i >= 0; i-- {
		if id[i]++; id[i] != 0 {
			break
		}
	}
	return id
}

func getIncoming(c *call) (any, error) {
	r, id, err := replyCalls{c}.incomingReply()
	if err != nil {
		return nil, err
	}
	return map[string]any{
		"id": id, "creationDatetime": moment(r.ReceivedAt), "credits": 0, "message": r.Text,
		"sender": string(r.From), "tag": r.tag(),
	}, nil
}

// deleteIncoming takes a reply out of the history that OVH clients see.
func deleteIncoming(c *call) (any, error) {
	_, id, err := replyCalls{c}.incomingReply()
	if err != nil {
		return nil, err
	}
	return nil, c.Store.HideOVHNumber(c.ctx(), c.app.Account, id)
}
