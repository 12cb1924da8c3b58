package brevo

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"relais/gateway"
	"relais/inbox"
	"relais/search"
	"relais/sms"
)

// Bounds of a list: a page (documented: BRN), and what is read for one.
const (
	defaultPage  = 50
	largestPage  = 100
	mostOffset   = 100_000
	mostExamined = 100_000
	readAtOnce   = 1000
	mostDays     = 3650
	defaultDays  = 30
)

// event is a line of a list (documented: BRV, getSmsEventReport).
type event struct {
	Phone   string `json:"phoneNumber"`
	Date    string `json:"date"`
	Message string `json:"messageId"`
	Event   string `json:"event"`
	Reason  string `json:"reason,omitempty"`
	Reply   string `json:"reply,omitempty"`
	Tag     string `json:"tag,omitempty"`

	at      time.Time
	record  sms.ID // of the message, or of the reply: the order of the list
	message sms.ID
}

// asked is what a list asks for.
type asked struct {
	*call
	values        url.Values
	since, until  time.Time
	to            sms.Number
	event         string
	tags          []string
	ascending     bool
	counting      bool // whom retention hid counts, and is in no list
	limit, offset int
}

// readAsked reads the filters. A message counts by the time when it was accepted, a reply by that when it came.
func (c *call) readAsked(names ...string) (*asked, error) {
	values, err := url.ParseQuery(c.r.URL.RawQuery)
	if err != nil {
		return nil, invalid("The query cannot be read")
	}
	for _, name := range names {
		if len(values[name]) > 1 && name != "tags" {
			return nil, invalid(name + " is given more than once")
		}
	}
	a := &asked{call: c, values: values, limit: defaultPage}
	for _, read := range []func() error{a.readDates, a.readPage, a.readFilters} {
		if err := read(); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// readDates reads two days, or how many up to today (documented: BRV).
func (a *asked) readDates() error {
	start, end, days := a.values.Get("startDate"), a.values.Get("endDate"), a.values.Get("days")
	switch {
	case days != "" && (start != "" || end != ""):
		return invalid("days cannot stand beside startDate and endDate")
	case (start == "") != (end == ""):
		return missing("startDate or endDate")
	case start == "":
		if days == "" {
			days = strconv.Itoa(defaultDays)
		}
		n, err := strconv.Atoi(days)
		if err != nil || n < 1 || n > mostDays {
			return invalid("days should be a number from 1 on")
		}
		y, m, d := a.Now().In(a.Zone).Date()
		a.since = time.Date(y, m, d-n+1, 0, 0, 0, 0, a.Zone)
	default:
		first, err := time.ParseInLocation(time.DateOnly, start, a.Zone)
		last, err2 := time.ParseInLocation(time.DateOnly, end, a.Zone)
		if err != nil || err2 != nil || last.Before(first) {
			return invalid("startDate and endDate should be days such as 2026-05-15, the first before the last")
		}
		a.since, a.until = first, last.AddDate(0, 0, 1)
	}
	return nil
}

func (a *asked) readPage() error {
	read := func(name string, least, most int, into *int) error {
		text := a.values.Get(name)
		if text == "" {
			return nil
		}
		n, err := strconv.Atoi(text)
		if err != nil || n < least || n > most {
			return invalid(name + " should be a number from " + strconv.Itoa(least) + " to " + strconv.Itoa(most))
		}
		*into = n
		return nil
	}
	if err := read("limit", 1, largestPage, &a.limit); err != nil {
		return err
	}
	return read("offset", 0, mostOffset, &a.offset)
}

func (a *asked) readFilters() error {
	if phone := a.values.Get("phoneNumber"); phone != "" {
		read := international.FindStringSubmatch(phone)
		if read == nil {
			return invalid("phoneNumber should have 6 to 15 digits, the country code first")
		}
		a.to = sms.Number("+" + read[1])
	}
	if a.event = a.values.Get("event"); a.event != "" && !slices.Contains(eventNames, a.event) {
		return invalid("event should be one of " + strings.Join(eventNames, ", "))
	}
	switch a.values.Get("sort") {
	case "", "desc":
	case "asc":
		a.ascending = true
	default:
		return invalid("sort should be asc or desc")
	}
	for _, text := range slices.Concat(a.values["tags"], a.values["tag"]) {
		var list []string
		if json.Unmarshal([]byte(text), &list) != nil { // a list in JSON (documented: BRN), or one tag (BRV)
			list = []string{text}
		}
		a.tags = append(a.tags, list...)
	}
	a.tags = slices.DeleteFunc(a.tags, func(t string) bool { return t == "" })
	return nil
}

// wants reports whether a list asks for an event.
func (a *asked) wants(s stage) bool {
	return s.event != "" && (a.event == "" || a.event == s.event || a.event == "bounces" && (s == softBounce || s == hardBounce))
}

// tagOf is the tag of a message, of those that are asked for the first; ok is false where it has none of them.
func (a *asked) tagOf(m *sms.Message) (tag string, ok bool) {
	var all []string
	if kept := m.Metadata[keptTags]; kept != "" && json.Unmarshal([]byte(kept), &all) != nil {
		all = nil
	}
	for _, tag := range all {
		if len(a.tags) == 0 || slices.Contains(a.tags, tag) {
			return tag, true
		}
	}
	return "", len(a.tags) == 0
}

// events lists what happened to messages of this door, the newest message first.
func (c *call) events() (int, any, error) {
	a, err := c.readAsked("limit", "offset", "startDate", "endDate", "days", "phoneNumber", "event", "sort")
	if err != nil {
		return 0, nil, err
	}
	need := a.offset + a.limit
	if a.ascending {
		need = math.MaxInt
	}
	all, err := a.collect(need)
	if err != nil {
		return 0, nil, err
	}
	if a.ascending {
		slices.Reverse(all)
	}
	all = all[min(a.offset, len(all)):]
	all = all[:min(a.limit, len(all))]
	if err := a.numbered(all); err != nil {
		return 0, nil, err
	}
	return http.StatusOK, map[string]any{"events": all}, nil
}

// numbered gives the events of a page the ids of their messages.
func (a *asked) numbered(page []event) error {
	ids := make([]sms.ID, len(page))
	for i := range page {
		ids[i] = page[i].message
	}
	numbers, err := a.Reader.OVHNumbers(a.ctx(), a.account.Account, ids)
	if err != nil {
		return err
	}
	for i := range page {
		page[i].Message = strconv.FormatInt(numbers[i].Number, 10)
	}
	return nil
}

var errTooMuch = invalid("There is too much to look at: ask for fewer days")

// collect finds events, the newest record first: at least need of them, where there are as many.
func (a *asked) collect(need int) ([]event, error) {
	all, err := a.ofMessages(need)
	if err != nil {
		return nil, err
	}
	replies, err := a.ofReplies(need)
	if err != nil {
		return nil, err
	}
	all = append(all, replies...)
	slices.SortStableFunc(all, func(x, y event) int { return bytes.Compare(y.record[:], x.record[:]) })
	if all == nil {
		all = []event{}
	}
	return all, nil
}

func (a *asked) ofMessages(need int) (all []event, err error) {
	if a.event == replied.event || a.event == unsubscribed.event || a.event == "skipped" {
		return nil, nil
	}
	q := search.Query{
		Account: a.account.Account, Since: a.since, Until: a.until, To: a.to, Limit: readAtOnce,
		Metadata: []search.Metadatum{{Key: keptSection, Value: a.account.Name}},
	}
	for examined := 0; ; {
		some, more, err := a.Reader.Search(a.ctx(), q)
		if err != nil {
			return nil, err
		}
		for i := range some {
			q.Before = some[i].ID
			all = append(all, a.of(&some[i])...)
		}
		switch examined += len(some); {
		case !more || len(all) >= need:
			return all, nil
		case examined >= mostExamined:
			return nil, errTooMuch
		}
	}
}

// shows reports whether a message of a number is told of. A pseudonym is no telephone number.
func (a *asked) shows(number sms.Number) bool {
	return number.Known() || a.counting && number != sms.NoNumber
}

// of are the events of a message, the newest first.
func (a *asked) of(m *sms.Message) (all []event) {
	tag, ok := a.tagOf(m)
	if !ok || !a.shows(m.To) {
		return nil
	}
	add := func(s stage, at time.Time) {
		if !at.IsZero() && a.wants(s) {
			all = append(all, event{
				Phone: strings.TrimPrefix(string(m.To), "+"), Date: moment(at), Event: s.event, Tag: tag, at: at, record: m.ID, message: m.ID,
			})
		}
	}
	end := endOf(m.Status, m.Reason)
	add(end, m.UpdatedAt)
	if len(all) > 0 && (end == softBounce || end == hardBounce) {
		all[0].Reason = m.Reason
	}
	add(sent, m.SubmittedAt)
	add(accepted, m.AcceptedAt)
	return all
}

func (a *asked) ofReplies(need int) (all []event, err error) {
	if a.event != "" && a.event != replied.event && a.event != unsubscribed.event {
		return nil, nil
	}
	q := inbox.InboundQuery{Account: a.account.Account, Since: a.since, Until: a.until, From: a.to, Limit: readAtOnce}
	for examined := 0; ; {
		some, more, err := a.Reader.Inbounds(a.ctx(), q)
		if err != nil {
			return nil, err
		}
		for i := range some {
			q.Before = some[i].ID
			e, told, err := a.ofReply(&some[i])
			if err != nil {
				return nil, err
			}
			if told {
				all = append(all, e)
			}
		}
		switch examined += len(some); {
		case !more || len(all) >= need:
			return all, nil
		case examined >= mostExamined:
			return nil, errTooMuch
		}
	}
}

// ofReply is what is told of a reply to a message of this door.
func (a *asked) ofReply(in *inbox.Inbound) (e event, told bool, err error) {
	s := replyStage(in.Intent)
	if in.Message.IsZero() || !a.shows(in.From) || !a.wants(s) {
		return e, false, nil
	}
	m, err := a.Reader.Message(a.ctx(), a.account.Account, in.Message)
	if errors.Is(err, gateway.ErrNotFound) {
		return e, false, nil
	}
	if err != nil {
		return e, false, err
	}
	tag, ok := a.tagOf(&m)
	if !ok || m.Metadata[keptSection] != a.account.Name {
		return e, false, nil
	}
	return event{
		Phone: strings.TrimPrefix(string(in.From), "+"), Date: moment(in.ReceivedAt), Event: s.event, Reply: in.Text, Tag: tag,
		at: in.ReceivedAt, record: in.ID, message: in.Message,
	}, true, nil
}

func replyStage(intent inbox.Intent) stage {
	if intent == inbox.IntentStop {
		return unsubscribed
	}
	return replied
}

// moment is a time of a list, in UTC (documented: BRN).
func moment(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05.000Z07:00") }
