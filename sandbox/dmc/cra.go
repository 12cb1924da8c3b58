package dmc

import (
	"encoding/json"
	"net/url"
	"strconv"
	"strings"
	"time"

	"relais/sandbox/world"
)

// UnitCra is an item of getSingleCallCra, with the observed field names; the
// guide's differ (phoneNumber, contentMsg). attemps is the API's own spelling.
type UnitCra struct {
	Media            string `json:"media"`
	MessageID        ID     `json:"messageId"`
	LastCall         int64  `json:"lastCall"`
	StatusLastChange int64  `json:"statusLastChange"`
	LastResult       string `json:"lastResult"`
	Attempts         int    `json:"attemps"`
	CallID           string `json:"callId"`
	Status           string `json:"status"`
	To               string `json:"to"`
	TextMsg          string `json:"textMsg"`
	RefExt           string `json:"refExt,omitempty"`
	CallResponse     string `json:"callResponse,omitempty"`
}

// listModel is the envelope of some lists.
type listModel struct {
	List  any `json:"list"`
	Total int `json:"total"`
}

// getSingleCallCra reports unit messages: DMC developer guide v1.7, 2.5.4; refExt
// and paging were observed. The dates are those of the last call (inferred).
func (l *ledger) getSingleCallCra(params url.Values) (any, error) {
	begin, okBegin := dateOf(params, "beginDate")
	end, okEnd := dateOf(params, "endDate")
	if !okBegin || !okEnd {
		return nil, invalid("beginDate, endDate")
	}
	offset, size, err := pagingOf(params)
	if err != nil {
		return nil, err
	}
	reference := scalar(params.Get("refExt"))
	l.mu.RLock()
	defer l.mu.RUnlock()
	pool := l.messages
	if reference != "" {
		pool = l.byRef[reference]
	}
	items, total := []UnitCra{}, 0
	for _, m := range pool {
		if m == nil || m.status == "" || !within(m.at, begin, end) {
			continue
		}
		if total >= offset && (size == 0 || len(items) < size) {
			items = append(items, m.unitCra())
		}
		total++
	}
	return listModel{items, total}, nil
}

func (m *message) unitCra() UnitCra {
	return UnitCra{
		Media: m.media, MessageID: m.id, LastCall: m.at.UnixMilli(), StatusLastChange: m.changed.UnixMilli(),
		LastResult: m.result.label, Attempts: 1, CallID: m.callID(), Status: m.status,
		To: m.to, TextMsg: m.text,
		RefExt: m.refExt, CallResponse: m.response,
	}
}

// stopSingleCall stops messages in progress and gives their number. Ids that
// cannot be stopped do not count (inferred).
func (l *ledger) stopSingleCall(params url.Values) (any, error) {
	return l.each(params, func(m *message) bool {
		if m.status != running {
			return false
		}
		m.status, m.result, m.changed = failed, terminated, l.world.Clock.Now()
		return true
	})
}

// dropSingleCall deletes finished messages and gives their number.
func (l *ledger) dropSingleCall(params url.Values) (any, error) {
	return l.each(params, func(m *message) bool {
		if m.status != done && m.status != failed {
			return false
		}
		m.status = "" // out of byRef's sight
		l.messages[m.id-l.first] = nil
		return true
	})
}

// each counts the messages of messageIds that act says yes to.
func (l *ledger) each(params url.Values, act func(*message) bool) (any, error) {
	ids, err := idsOf(params, "messageIds")
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	count := 0
	for _, id := range ids {
		if m := l.find(id); m != nil && act(m) {
			count++
		}
	}
	return count, nil
}

// find returns a message; the caller holds the lock.
func (l *ledger) find(id string) *message {
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil || n < int64(l.first) || n-int64(l.first) >= int64(len(l.messages)) {
		return nil
	}
	return l.messages[n-int64(l.first)]
}

// reply stores what a person answered to message id. A later reply overwrites
// (unknown, hence inferred). STOP blocks the number.
func (l *ledger) reply(id, text string, at time.Time) {
	l.count.Replies.Add(1)
	m := l.keepReply(id, text, at)
	if m != nil {
		l.pushes.add(m.item("ANSWERED", "", text, at))
	}
}

// keepReply returns the unit message that was answered; a buffered one is pushed
// by no source.
func (l *ledger) keepReply(id, text string, at time.Time) *message {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, b := range l.buffered {
		if b.hexID == id {
			l.answered(&b.message, text, at)
			return nil
		}
	}
	m := l.find(id)
	if m != nil {
		l.answered(m, text, at)
	}
	return m
}

func (l *ledger) answered(m *message, text string, at time.Time) {
	m.response, m.answered, m.changed = text, at, at
	if world.IsStop(text) {
		l.blocked[m.number] = true
	}
}

// scalar reads a parameter that may be quoted or bare (documented and observed).
func scalar(text string) string {
	var unquoted string
	if strings.HasPrefix(text, `"`) && json.Unmarshal([]byte(text), &unquoted) == nil {
		return unquoted
	}
	return text
}

// dateOf reads a date of milliseconds; an absent one is zero.
func dateOf(params url.Values, name string) (time.Time, bool) {
	text := scalar(params.Get(name))
	if text == "" {
		return time.Time{}, true
	}
	ms, err := strconv.ParseInt(text, 10, 64)
	return time.UnixMilli(ms), err == nil
}

func within(t, begin, end time.Time) bool {
	t = t.Truncate(time.Millisecond)
	return (begin.IsZero() || !t.Before(begin)) && (end.IsZero() || !t.After(end))
}

// pagingOf reads {"offSet":"0","size":"50"}; size 0 is all (observed).
func pagingOf(params url.Values) (offset, size int, err error) {
	text := params.Get("paging")
	if text == "" {
		return 0, 0, nil
	}
	var paging struct {
		OffSet world.Loose `json:"offSet"`
		Size   world.Loose `json:"size"`
	}
	if json.Unmarshal([]byte(text), &paging) != nil {
		return 0, 0, invalid("paging")
	}
	from, okFrom := paging.OffSet.Integer()
	many, okMany := paging.Size.Integer()
	if !okFrom || !okMany || from < 0 || many < 0 {
		return 0, 0, invalid("paging")
	}
	return int(min(from, 1<<30)), int(min(many, 1<<30)), nil
}

// idsOf reads an array of ids, quoted or not; an absent one is empty.
func idsOf(params url.Values, name string) ([]string, error) {
	text := params.Get(name)
	if text == "" {
		return nil, nil
	}
	var items []world.Loose
	if json.Unmarshal([]byte(text), &items) != nil {
		return nil, invalid(name)
	}
	ids := make([]string, len(items))
	for i, item := range items {
		ids[i] = item.Text
	}
	return ids, nil
}
