package ovh

import (
	"maps"
	"net/url"
	"slices"
	"strconv"
	"time"

	"relais/sandbox/world"
)

// incoming is a reply.
type incoming struct {
	id      int64
	account *account
	at      time.Time
	text    string
	from    string
	tag     string // of the message that it answers
}

// block is an entry of the STOP list.
type block struct {
	at       time.Time
	outgoing int64
}

// reply stores what a person answered to message id. STOP fills the list of
// blocked numbers and is no incoming message, since it goes to the operator's own
// short code (inferred).
func (l *ledger) reply(id, text string, at time.Time) {
	l.count.Replies.Add(1)
	l.mu.Lock()
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil || l.messages[n-l.first] == nil {
		l.mu.Unlock()
		return // erased by the customer since
	}
	m := l.messages[n-l.first]
	if world.IsStop(text) {
		m.account.blocked[m.receiver] = block{at, m.id}
		l.mu.Unlock()
		l.pushes.stop(m.account, m.receiver, m.id)
		return
	}
	in := &incoming{l.nextIn, m.account, at, text, m.receiver, m.tag}
	l.incoming = append(l.incoming, in)
	l.nextIn++
	l.mu.Unlock()
	l.pushes.reply(in)
}

// incomingIDs is GET incoming.
func (l *ledger) incomingIDs(a *account, query url.Values) (any, error) {
	from, to, err := dateBounds(query)
	if err != nil {
		return nil, err
	}
	l.mu.RLock()
	defer l.mu.RUnlock()
	ids := []int64{}
	for _, in := range l.incoming {
		if in.account == a && within(in.at, from, to) &&
			filter(query, "sender", in.from) && filter(query, "tag", in.tag) {
			ids = append(ids, in.id)
		}
	}
	return ids, nil
}

// incomingModel is sms.Incoming.
func (l *ledger) incomingModel(a *account, id string) (any, error) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	for _, in := range l.incoming {
		if in.account == a && strconv.FormatInt(in.id, 10) == id {
			return map[string]any{
				"creationDatetime": timeOf(in.at), "credits": 0.0, "id": in.id,
				"message": in.text, "sender": in.from, "tag": in.tag,
			}, nil
		}
	}
	return nil, unknown("id", id)
}

// blacklist is GET blacklists.
func (l *ledger) blacklist(a *account, query url.Values) (any, error) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	numbers := []string{}
	for number, block := range maps.All(a.blocked) {
		if query.Get("batchID") == "" &&
			filter(query, "smsOutgoingID", strconv.FormatInt(block.outgoing, 10)) {
			numbers = append(numbers, number)
		}
	}
	slices.Sort(numbers)
	return numbers, nil
}

// blacklistEntry is sms.Blacklist.
func (l *ledger) blacklistEntry(a *account, number string) (any, error) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	block, ok := a.blocked[number]
	if !ok {
		return nil, unknown("number", number)
	}
	return map[string]any{
		"batchID": nil, "dateCreation": timeOf(block.at), "number": number, "smsOutgoingID": block.outgoing,
	}, nil
}

// unblock is DELETE blacklists/{number}.
func (l *ledger) unblock(a *account, number string) (any, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, ok := a.blocked[number]; !ok {
		return nil, unknown("number", number)
	}
	delete(a.blocked, number)
	return nil, nil
}
