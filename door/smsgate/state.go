package smsgate

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"relais/gateway"
	"relais/reason"
	"relais/search"
	"relais/sms"
)

// States of a message and of its recipients (documented: SGN).
const (
	statePending   = "Pending"
	stateProcessed = "Processed"
	stateSent      = "Sent"
	stateDelivered = "Delivered"
	stateFailed    = "Failed"
)

// states are all, in the order in which a message comes by.
var states = []string{statePending, stateProcessed, stateSent, stateDelivered, stateFailed}

// state is a message as clients read it (documented: SGC, MessageState).
type state struct {
	ID         string            `json:"id"`
	DeviceID   string            `json:"deviceId"`
	State      string            `json:"state"`
	Hashed     bool              `json:"isHashed"`
	Encrypted  bool              `json:"isEncrypted"`
	Recipients []recipient       `json:"recipients"`
	States     map[string]string `json:"states"`
	Text       *textMessage      `json:"textMessage,omitempty"`
}

type recipient struct {
	Number string  `json:"phoneNumber"`
	State  string  `json:"state"`
	Error  *string `json:"error"`
}

func wordOf(s sms.Status) string {
	switch s {
	case sms.Queued:
		return statePending
	case sms.Submitted:
		return stateSent
	case sms.Delivered:
		return stateDelivered
	case sms.Undelivered, sms.Expired, sms.Rejected, sms.Canceled:
		return stateFailed
	case sms.Submitting, sms.Uncertain:
	}
	return stateProcessed
}

// stateOf shows the messages of one id.
func (c *call) stateOf(messages []sms.Message) *state {
	shown := &state{ID: messages[0].Metadata[keptID], DeviceID: c.device(), Recipients: []recipient{}, States: map[string]string{}}
	note := func(word string, at time.Time) {
		if !at.IsZero() {
			shown.States[word] = max(shown.States[word], moment(at))
		}
	}
	for i := range messages {
		m := &messages[i]
		word := wordOf(m.Status)
		one := recipient{Number: string(m.To), State: word}
		if word == stateFailed {
			one.Error = new(whyFailed(m.Status, m.Reason))
		}
		shown.Recipients = append(shown.Recipients, one)
		note(statePending, m.AcceptedAt)
		note(stateSent, m.SubmittedAt)
		if m.Status.Final() || word == stateProcessed {
			note(word, m.UpdatedAt)
		}
	}
	shown.State = together(shown.Recipients)
	return shown
}

// together is the state of a message by those of its recipients: the earliest of those that did not fail (K).
func together(all []recipient) string {
	least := slices.Index(states, stateFailed)
	for _, one := range all {
		least = min(least, slices.Index(states, one.State))
	}
	return states[least]
}

// whyFailed is a code for programs.
func whyFailed(s sms.Status, why string) string {
	if why == "" {
		return string(s)
	}
	return why
}

func (c *call) fetch() (int, any, error) {
	found, err := c.known()
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, c.stateOf(found), nil
}

// known are the messages of the id in the path. What is somebody else's, and what came by another door, is not found.
func (c *call) known() ([]sms.Message, error) {
	if !isID(c.value) {
		return nil, errNotFound
	}
	found, err := c.messagesOf(c.value)
	found = slices.DeleteFunc(found, func(m sms.Message) bool { return !m.To.Known() })
	if err == nil && len(found) == 0 {
		return nil, errNotFound
	}
	return found, err
}

// cancel takes back what has not left: the answer says so for each number. Where nothing can be, it is refused.
func (c *call) cancel() (int, any, error) {
	found, err := c.known()
	if err != nil {
		return 0, nil, err
	}
	canceled, failed := 0, error(nil)
	for i := range found {
		err := c.Gateway.Cancel(c.ctx(), found[i], c.caller.Actor)
		e, ok := errors.AsType[*gateway.Error](err)
		switch {
		case err == nil:
			canceled++
		case ok && e.Kind == gateway.Conflict:
			failed = cmp.Or(failed, error(refused(http.StatusConflict, "message is not in pending state: "+e.In(reason.English))))
		default:
			failed = err
		}
	}
	if canceled == 0 {
		return 0, nil, failed
	}
	if _, late := errors.AsType[*refusal](failed); failed != nil && !late {
		c.Log.Error("not every number of a message was canceled", "door", Format, "id", found[0].ID.String(), "error", failed)
	}
	return c.fetch()
}

// Bounds of a list: a page (documented: SGS), and what is read for one.
const (
	defaultPage  = 50
	largestPage  = 100
	mostExamined = 10_000
	readAtOnce   = 1000
)

// page is what a list asks for.
type page struct {
	search.Query
	state, device string
	limit, offset int
	content       bool
	ascending     bool
}

func (c *call) readPage() (p page, err error) {
	values, err := url.ParseQuery(c.r.URL.RawQuery)
	if err != nil {
		return p, bad("the query cannot be read")
	}
	p = page{state: values.Get("state"), device: values.Get("deviceId"), limit: defaultPage}
	p.Query = search.Query{Account: c.user.Account, Limit: readAtOnce}
	for name, into := range map[string]*time.Time{"from": &p.Since, "to": &p.Until} {
		if text := values.Get(name); text != "" {
			if *into, err = time.Parse(time.RFC3339, text); err != nil {
				return p, bad(name + " wants a date in RFC 3339, such as 2026-05-15T14:30:00Z")
			}
		}
	}
	for name, bounds := range map[string]struct {
		into        *int
		least, most int
	}{"limit": {&p.limit, 1, largestPage}, "offset": {&p.offset, 0, mostExamined}} {
		if text := values.Get(name); text != "" {
			if *bounds.into, err = strconv.Atoi(text); err != nil || *bounds.into < bounds.least || *bounds.into > bounds.most {
				return p, bad(name + " wants a number from " + strconv.Itoa(bounds.least) + " to " + strconv.Itoa(bounds.most))
			}
		}
	}
	switch sort := values.Get("sort"); sort {
	case "", "-created_at":
	case "created_at":
		p.ascending = true
	default:
		return p, bad("sort wants created_at or -created_at")
	}
	if p.state != "" && !slices.Contains(states, p.state) {
		return p, bad("state wants Pending, Processed, Sent, Delivered or Failed")
	}
	p.content = values.Get("includeContent") == "true" || values.Get("includeContent") == "1"
	return p, nil
}

// list shows what was sent by this door, the newest first.
func (c *call) list() (int, any, error) {
	p, err := c.readPage()
	if err != nil {
		return 0, nil, err
	}
	all, whole := []*state{}, true
	if p.device == "" || p.device == c.device() {
		if all, whole, err = c.statesOf(&p); err != nil {
			return 0, nil, err
		}
	}
	switch {
	case whole:
		c.w.Header().Set("X-Total-Count", strconv.Itoa(len(all)))
	case p.ascending || len(all) < p.offset+p.limit:
		return 0, nil, errTooMuch
	}
	if p.ascending {
		slices.Reverse(all)
	}
	all = all[min(p.offset, len(all)):]
	shown := append([]*state{}, all[:min(p.limit, len(all))]...)
	return http.StatusOK, shown, nil
}

// statesOf reads the messages of a list, those of one id together. It is not whole where the account has more messages, of
// whatever door, than are looked at.
func (c *call) statesOf(p *page) (all []*state, whole bool, err error) {
	byID, order := map[string][]sms.Message{}, []string{}
	more := true
	for examined := 0; more && examined < mostExamined; {
		var some []sms.Message
		if some, more, err = c.Reader.Search(c.ctx(), p.Query); err != nil {
			return nil, false, err
		}
		for i := range some {
			p.Before = some[i].ID
			id := some[i].Metadata[keptID]
			if id == "" || !some[i].To.Known() {
				continue
			}
			if byID[id] == nil {
				order = append(order, id)
			}
			byID[id] = append([]sms.Message{some[i]}, byID[id]...)
		}
		examined += len(some)
	}
	if more && len(order) > 0 { // some of the last one's numbers may not have been looked at
		order = order[:len(order)-1]
	}
	for _, id := range order {
		shown := c.stateOf(byID[id])
		if p.state != "" && shown.State != p.state {
			continue
		}
		if p.content {
			shown.Text = &textMessage{byID[id][0].Text}
		}
		all = append(all, shown)
	}
	return all, !more, nil
}
