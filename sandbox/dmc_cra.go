package sandbox

import (
	"encoding/json"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// dmcUnitCra is an item of getSingleCallCra, with the observed field names; the
// guide's differ (phoneNumber, contentMsg). attemps is the API's own spelling.
type dmcUnitCra struct {
	Media            string `json:"media"`
	MessageID        dmcID  `json:"messageId"`
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

// dmcList is the envelope of some lists.
type dmcList struct {
	List  any `json:"list"`
	Total int `json:"total"`
}

// getSingleCallCra reports unit messages: DMC developer guide v1.7, 2.5.4; refExt
// and paging were observed. The dates are those of the last call (inferred).
func (d *dmc) getSingleCallCra(params url.Values) (any, error) {
	begin, okBegin := dmcDate(params, "beginDate")
	end, okEnd := dmcDate(params, "endDate")
	if !okBegin || !okEnd {
		return nil, dmcInvalid("beginDate, endDate")
	}
	offset, size, err := dmcPaging(params)
	if err != nil {
		return nil, err
	}
	reference := scalar(params.Get("refExt"))
	d.mu.RLock()
	defer d.mu.RUnlock()
	pool := d.messages
	if reference != "" {
		pool = d.byRef[reference]
	}
	items, total := []dmcUnitCra{}, 0
	for _, m := range pool {
		if m == nil || m.status == "" || !dmcWithin(m.at, begin, end) {
			continue
		}
		if total >= offset && (size == 0 || len(items) < size) {
			items = append(items, m.unitCra())
		}
		total++
	}
	return dmcList{items, total}, nil
}

func (m *dmcMessage) unitCra() dmcUnitCra {
	return dmcUnitCra{
		Media: m.media, MessageID: m.id, LastCall: m.at.UnixMilli(), StatusLastChange: m.changed.UnixMilli(),
		LastResult: m.result.label, Attempts: 1, CallID: m.callID(), Status: m.status, To: m.to, TextMsg: m.text,
		RefExt: m.refExt, CallResponse: m.response,
	}
}

// stopSingleCall stops messages in progress and gives their number. Ids that
// cannot be stopped do not count (inferred).
func (d *dmc) stopSingleCall(params url.Values) (any, error) {
	return d.each(params, func(m *dmcMessage) bool {
		if m.status != dmcRunning {
			return false
		}
		m.status, m.result, m.changed = dmcFailed, dmcTerminated, d.server.clock.now()
		return true
	})
}

// dropSingleCall deletes finished messages and gives their number.
func (d *dmc) dropSingleCall(params url.Values) (any, error) {
	return d.each(params, func(m *dmcMessage) bool {
		if m.status != dmcDone && m.status != dmcFailed {
			return false
		}
		m.status = "" // out of byRef's sight
		d.messages[m.id-d.first] = nil
		return true
	})
}

// each counts the messages of messageIds that act says yes to.
func (d *dmc) each(params url.Values, act func(*dmcMessage) bool) (any, error) {
	ids, err := dmcIDs(params, "messageIds")
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	count := 0
	for _, id := range ids {
		if m := d.find(id); m != nil && act(m) {
			count++
		}
	}
	return count, nil
}

// find returns a message; the caller holds the lock.
func (d *dmc) find(id string) *dmcMessage {
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil || n < int64(d.first) || n-int64(d.first) >= int64(len(d.messages)) {
		return nil
	}
	return d.messages[n-int64(d.first)]
}

// reply stores what a person answered to message id. A later reply overwrites
// (unknown, hence inferred). STOP blocks the number.
func (d *dmc) reply(id, text string, at time.Time) {
	d.count.replies.Add(1)
	m := d.keepReply(id, text, at)
	if m != nil {
		d.push(m.item("ANSWERED", "", text, at))
	}
}

// keepReply returns the unit message that was answered; a buffered one is pushed
// by no source.
func (d *dmc) keepReply(id, text string, at time.Time) *dmcMessage {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, b := range d.buffered {
		if b.hexID == id {
			d.answered(&b.dmcMessage, text, at)
			return nil
		}
	}
	m := d.find(id)
	if m != nil {
		d.answered(m, text, at)
	}
	return m
}

func (d *dmc) answered(m *dmcMessage, text string, at time.Time) {
	m.response, m.answered, m.changed = text, at, at
	if isStop(text) {
		d.blocked[m.number] = true
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

// dmcDate reads a date of milliseconds; an absent one is zero.
func dmcDate(params url.Values, name string) (time.Time, bool) {
	text := scalar(params.Get(name))
	if text == "" {
		return time.Time{}, true
	}
	ms, err := strconv.ParseInt(text, 10, 64)
	return time.UnixMilli(ms), err == nil
}

func dmcWithin(t, begin, end time.Time) bool {
	t = t.Truncate(time.Millisecond)
	return (begin.IsZero() || !t.Before(begin)) && (end.IsZero() || !t.After(end))
}

// dmcPaging reads {"offSet":"0","size":"50"}; size 0 is all (observed).
func dmcPaging(params url.Values) (offset, size int, err error) {
	text := params.Get("paging")
	if text == "" {
		return 0, 0, nil
	}
	var paging struct {
		OffSet loose `json:"offSet"`
		Size   loose `json:"size"`
	}
	if json.Unmarshal([]byte(text), &paging) != nil {
		return 0, 0, dmcInvalid("paging")
	}
	from, okFrom := paging.OffSet.integer()
	many, okMany := paging.Size.integer()
	if !okFrom || !okMany || from < 0 || many < 0 {
		return 0, 0, dmcInvalid("paging")
	}
	return int(min(from, 1<<30)), int(min(many, 1<<30)), nil
}

// dmcIDs reads an array of ids, quoted or not; an absent one is empty.
func dmcIDs(params url.Values, name string) ([]string, error) {
	text := params.Get(name)
	if text == "" {
		return nil, nil
	}
	var items []loose
	if json.Unmarshal([]byte(text), &items) != nil {
		return nil, dmcInvalid(name)
	}
	ids := make([]string, len(items))
	for i, item := range items {
		ids[i] = item.text
	}
	return ids, nil
}
