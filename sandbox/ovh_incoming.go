package sandbox

import (
	"maps"
	"net/url"
	"slices"
	"strconv"
	"time"
)

// ovhIncoming is a reply.
type ovhIncoming struct {
	id      int64
	account *ovhAccount
	at      time.Time
	text    string
	from    string
	tag     string // of the message that it answers
}

// ovhBlock is an entry of the STOP list.
type ovhBlock struct {
	at       time.Time
	outgoing int64
}

// reply stores what a person answered to message id. STOP fills the list of
// blocked numbers and is no incoming message, since it goes to the operator's own
// short code (inferred).
func (o *ovh) reply(id, text string, at time.Time) {
	o.count.replies.Add(1)
	o.mu.Lock()
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil || o.messages[n-o.first] == nil {
		o.mu.Unlock()
		return // erased by the customer since
	}
	m := o.messages[n-o.first]
	if isStop(text) {
		m.account.blocked[m.receiver] = ovhBlock{at, m.id}
		o.mu.Unlock()
		o.pushStop(m.account, m.receiver, m.id)
		return
	}
	in := &ovhIncoming{o.nextIn, m.account, at, text, m.receiver, m.tag}
	o.incoming = append(o.incoming, in)
	o.nextIn++
	o.mu.Unlock()
	o.pushReply(in)
}

// incomingIDs is GET incoming.
func (o *ovh) incomingIDs(a *ovhAccount, query url.Values) (any, error) {
	from, to, err := dateBounds(query)
	if err != nil {
		return nil, err
	}
	o.mu.RLock()
	defer o.mu.RUnlock()
	ids := []int64{}
	for _, in := range o.incoming {
		if in.account == a && within(in.at, from, to) && filter(query, "sender", in.from) && filter(query, "tag", in.tag) {
			ids = append(ids, in.id)
		}
	}
	return ids, nil
}

// incomingModel is sms.Incoming.
func (o *ovh) incomingModel(a *ovhAccount, id string) (any, error) {
	o.mu.RLock()
	defer o.mu.RUnlock()
	for _, in := range o.incoming {
		if in.account == a && strconv.FormatInt(in.id, 10) == id {
			return map[string]any{
				"creationDatetime": ovhTime(in.at), "credits": 0.0, "id": in.id,
				"message": in.text, "sender": in.from, "tag": in.tag,
			}, nil
		}
	}
	return nil, ovhUnknown("id", id)
}

// blacklist is GET blacklists.
func (o *ovh) blacklist(a *ovhAccount, query url.Values) (any, error) {
	o.mu.RLock()
	defer o.mu.RUnlock()
	numbers := []string{}
	for number, block := range maps.All(a.blocked) {
		if query.Get("batchID") == "" && filter(query, "smsOutgoingID", strconv.FormatInt(block.outgoing, 10)) {
			numbers = append(numbers, number)
		}
	}
	slices.Sort(numbers)
	return numbers, nil
}

// blacklistEntry is sms.Blacklist.
func (o *ovh) blacklistEntry(a *ovhAccount, number string) (any, error) {
	o.mu.RLock()
	defer o.mu.RUnlock()
	block, ok := a.blocked[number]
	if !ok {
		return nil, ovhUnknown("number", number)
	}
	return map[string]any{
		"batchID": nil, "dateCreation": ovhTime(block.at), "number": number, "smsOutgoingID": block.outgoing,
	}, nil
}

// unblock is DELETE blacklists/{number}.
func (o *ovh) unblock(a *ovhAccount, number string) (any, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if _, ok := a.blocked[number]; !ok {
		return nil, ovhUnknown("number", number)
	}
	delete(a.blocked, number)
	return nil, nil
}
