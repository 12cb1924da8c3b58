package ovh

import (
	"net/url"
	"strconv"
	"time"
)

// jobModel is sms.Job: it has no tag (documented).
type jobModel struct {
	CreationDatetime string  `json:"creationDatetime"`
	Credits          float64 `json:"credits"`
	DeliveredAt      *string `json:"deliveredAt"`
	DeliveryReceipt  int     `json:"deliveryReceipt"`
	DifferedDelivery int64   `json:"differedDelivery"`
	ID               int64   `json:"id"`
	Message          string  `json:"message"`
	MessageLength    int     `json:"messageLength"`
	NumberOfSMS      int     `json:"numberOfSms"`
	PTT              int     `json:"ptt"`
	Receiver         string  `json:"receiver"`
	Sender           string  `json:"sender"`
	SentAt           *string `json:"sentAt"`
}

// Outgoing is sms.Outgoing.
type Outgoing struct {
	jobModel
	BatchID    *string `json:"batchID"`
	MessageID  *string `json:"messageID"`
	Tag        string  `json:"tag"`
	TariffCode string  `json:"tariffCode"`
}

// job is the model; the caller holds the lock. The text is shown without the STOP
// clause (inferred).
func (m *message) job() jobModel {
	return jobModel{
		CreationDatetime: timeOf(m.createdAt), Credits: float64(m.parts),
		DeliveredAt:     timeOrNull(m.deliveredAt),
		DeliveryReceipt: m.receipt, DifferedDelivery: m.differedMinutes(), ID: m.id, Message: m.text,
		MessageLength: m.length, NumberOfSMS: m.parts, PTT: m.ptt, Receiver: m.receiver, Sender: m.sender,
		SentAt: timeOrNull(m.sentAt),
	}
}

// differedMinutes is the delay, so that creation plus delay is the planned time
// (observed: ovh/manager). That it counts the closed hours is inferred.
func (m *message) differedMinutes() int64 {
	return int64((m.dueAt.Sub(m.createdAt) + time.Minute - 1) / time.Minute)
}

func (l *ledger) sentMessage(a *account, id string) (any, error) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	m := l.find(a, id, sent)
	if m == nil {
		return nil, unknown("id", id)
	}
	return Outgoing{jobModel: m.job(), Tag: m.tag, TariffCode: "FR"}, nil
}

func (l *ledger) deleteSent(a *account, id string) (any, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	m := l.find(a, id, sent)
	if m == nil {
		return nil, unknown("id", id)
	}
	l.erase(m)
	return nil, nil
}

// outgoing is GET outgoing: every id that matches all filters, without pages
// (documented).
func (l *ledger) outgoing(a *account, query url.Values) (any, error) {
	from, to, err := dateBounds(query)
	if err != nil {
		return nil, err
	}
	pool := l.allMessages
	if tag := query.Get("tag"); tag != "" {
		pool = func() []*message { return l.byTag[tag] }
	}
	filters := query
	return l.idsWhere(a, pool, func(m *message) bool {
		return m.state == sent && within(m.createdAt, from, to) && m.matches(filters)
	}), nil
}

// matches compares the fields that are filtered on by value. No message has a
// batch or an SMPP id.
func (m *message) matches(query url.Values) bool {
	if query.Get("batchID") != "" || query.Get("messageID") != "" {
		return false
	}
	return filter(query, "receiver", m.receiver) &&
		filter(query, "sender", m.sender) &&
		filter(query, "tag", m.tag) &&
		filter(query, "ptt", strconv.Itoa(m.ptt)) &&
		filter(query, "deliveryReceipt", strconv.Itoa(m.receipt)) &&
		filter(query, "differedDelivery", strconv.FormatInt(m.differedMinutes(), 10))
}

func filter(query url.Values, name, value string) bool {
	want := query.Get(name)
	return want == "" || want == value
}

// dateBounds reads the inclusive bounds; the names hold a dot (documented).
func dateBounds(query url.Values) (from, to time.Time, err error) {
	for _, bound := range []struct {
		name string
		into *time.Time
	}{{"creationDatetime.from", &from}, {"creationDatetime.to", &to}} {
		text := query.Get(bound.name)
		if text == "" {
			continue
		}
		if *bound.into, err = time.Parse(time.RFC3339, text); err != nil {
			return from, to, bad("Invalid format for parameter " + bound.name + ": datetime expected")
		}
	}
	return from, to, nil
}

// within compares whole seconds, the precision that the API shows.
func within(t, from, to time.Time) bool {
	t = t.Truncate(time.Second)
	return (from.IsZero() || !t.Before(from)) && (to.IsZero() || !t.After(to))
}

func (l *ledger) allMessages() []*message { return l.messages }

// idsWhere lists the ids of an account's messages in a pool, which it reads under
// the lock.
func (l *ledger) idsWhere(a *account, pool func() []*message, keep func(*message) bool) []int64 {
	l.mu.RLock()
	defer l.mu.RUnlock()
	ids := []int64{}
	for _, m := range pool() {
		if m != nil && m.account == a && keep(m) {
			ids = append(ids, m.id)
		}
	}
	return ids
}
