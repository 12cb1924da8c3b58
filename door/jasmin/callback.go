package jasmin

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"relais/gsm"
	"relais/inbox"
	"relais/sms"
	"relais/webhook"
)

// Format is the name of Callbacks among the formats of webhooks, and of the door.
const Format = "jasmin"

// acknowledged is what a receiver answers to what it took (documented: JAS).
const acknowledged = "ACK/Jasmin"

// patience is how long a receiver that answers 2xx without that word is told again: Jasmin tries three times, 30 seconds apart
// (documented: JAS), and goes on with the next event then.
const patience = 2 * time.Minute

// exactAddress reports whether an address can be called as it stands.
func exactAddress(address string) bool {
	u, err := url.Parse(address)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && u.User == nil && u.Fragment == "" && !strings.Contains(address, "#") &&
		utf8.ValidString(address) && !strings.ContainsAny(address, " \t\r\n\"<>|")
}

// Callbacks calls the addresses of messages, and those of users' replies, as Jasmin does.
type Callbacks struct{ *Door }

var (
	errEvent   = errors.New("the event cannot be read")
	errAddress = errors.New("the address cannot be called")
	errNotRead = errors.New("the answer is not " + acknowledged)
)

// Taken implements webhook.Judge.
func (f Callbacks) Taken(event *webhook.Event, answer []byte, now time.Time) error {
	if strings.TrimSpace(string(answer)) == acknowledged || now.Sub(event.At) >= patience {
		return nil
	}
	return errNotRead
}

// Request implements webhook.Format.
func (f Callbacks) Request(ctx context.Context, e webhook.Endpoint, event *webhook.Event) (*http.Request, error) {
	if event.Type == webhook.InboundReceived {
		return f.reply(ctx, &e, event)
	}
	var m webhook.MessageData
	if err := json.Unmarshal(event.Data, &m); err != nil {
		return nil, errEvent
	}
	address := m.Metadata[keptURL]
	if address == "" || !m.To.Known() {
		return nil, nil // the person was erased, and nothing is told any more
	}
	said := receiptOf(event.Type, m.Metadata[keptLevel], &m)
	if said == nil {
		return nil, nil
	}
	said.Set("id", m.ID.String())
	said.Set("connector", m.Connector)
	if said.Get("level") == level2 {
		f.details(ctx, said, event, &m)
	}
	return request(ctx, m.Metadata[keptMethod], address, said)
}

// Levels of receipts: the operator took the message, or it arrived (documented: JAS). The third asks for both.
const (
	level1 = "1"
	level2 = "2"
)

// Statuses of level 1 (SMPP 3.4, 5.1.3) and of level 2 (appendix B).
const (
	statusOK       = "ESME_ROK"
	statusBadTo    = "ESME_RINVDSTADR"
	statusRefused  = "ESME_RSUBMITFAIL"
	statusRejected = "REJECTD"
)

var ends = map[webhook.Type]string{
	webhook.MessageDelivered: "DELIVRD", webhook.MessageUndelivered: "UNDELIV", webhook.MessageExpired: "EXPIRED",
}

// receiptOf is level and status of what is told at an event to whoever asked for a level; nil: nothing is. message.uncertain is
// none: a receipt may follow, or a person decides. A message that no operator took is told at level 1 where that is asked for, and
// at level 2 to who would hear nothing otherwise.
func receiptOf(event webhook.Type, asked string, m *webhook.MessageData) url.Values {
	first, second := asked != level2, asked != level1
	told := func(level, status string) url.Values {
		return url.Values{"level": {level}, "message_status": {status}}
	}
	switch {
	case event == webhook.MessageSubmitted && first:
		return told(level1, statusOK)
	case ends[event] != "" && second:
		return told(level2, ends[event])
	case event != webhook.MessageRejected:
	case second && (m.ProviderID != "" || !first):
		return told(level2, statusRejected)
	case first && m.ProviderID == "" && m.Reason == string(sms.ReasonUnknownSubscriber):
		return told(level1, statusBadTo)
	case first && m.ProviderID == "":
		return told(level1, statusRefused)
	}
	return nil
}

// details are what level 2 tells besides (documented: JAS).
func (f Callbacks) details(ctx context.Context, said url.Values, event *webhook.Event, m *webhook.MessageData) {
	const minute, most = "0601021504", 20
	arrived, code, text := "000", m.OperatorCode, ""
	if event.Type == webhook.MessageDelivered {
		arrived = "001"
	}
	if code == "" {
		code = "000"
	}
	submitted := m.ID.Time()
	if kept, err := f.Reader.Message(ctx, event.Account, m.ID); err == nil { // the receipt matters more than its details
		text = kept.Text
		if !kept.SubmittedAt.IsZero() {
			submitted = kept.SubmittedAt
		}
	}
	if runes := []rune(text); len(runes) > most {
		text = string(runes[:most])
	}
	for name, value := range map[string]string{
		"id_smsc": m.ProviderID, "sub": "001", "dlvrd": arrived, "subdate": submitted.UTC().Format(minute),
		"donedate": m.At.UTC().Format(minute), "err": code, "text": text,
	} {
		said.Set(name, value)
	}
}

// request is a call with fields, by GET behind a query that is there already.
func request(ctx context.Context, method, address string, fields url.Values) (r *http.Request, err error) {
	if method == http.MethodGet {
		sign := "?"
		if strings.Contains(address, "?") {
			sign = "&"
		}
		r, err = http.NewRequestWithContext(ctx, http.MethodGet, address+sign+fields.Encode(), http.NoBody)
	} else {
		r, err = http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(fields.Encode()))
	}
	if err != nil {
		return nil, errAddress
	}
	if method != http.MethodGet {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.Header.Set("Accept", "text/plain")
	return r, nil
}

// reply tells what a person wrote.
func (f Callbacks) reply(ctx context.Context, e *webhook.Endpoint, event *webhook.Event) (*http.Request, error) {
	var in inbox.InboundData
	if err := json.Unmarshal(event.Data, &in); err != nil {
		return nil, errEvent
	}
	if !in.From.Known() {
		return nil, nil // as above
	}
	method := http.MethodPost
	for _, user := range f.Users {
		if user.Account == event.Account && user.Replies == e.URL {
			method = user.RepliesBy
		}
	}
	coding := codingDefault
	if gsm.Count(in.Text).Alphabet == gsm.UCS2 {
		coding = codingUCS2
	}
	return request(ctx, method, e.URL, url.Values{
		"id": {in.ID.String()}, "from": {string(in.From)}, "to": {string(in.To)}, "origin-connector": {in.Connector}, "priority": {"1"},
		"coding": {coding}, "content": {in.Text}, "binary": {hex.EncodeToString(gsm.EncodeUCS2(in.Text))},
	})
}

// ReplyEndpoints are where a reply goes: to the addresses of its account's users, each once.
func (d *Door) ReplyEndpoints(ctx context.Context, in *inbox.Inbound) (all []sms.ID, err error) {
	addresses := map[string]string{} // to the name of a user
	for name, user := range d.Users {
		if user.Account == in.Account && user.Replies != "" {
			addresses[user.Replies] = name
		}
	}
	for _, address := range slices.Sorted(maps.Keys(addresses)) {
		id, err := d.Report(ctx, in.Account, address, Format)
		if e, ok := errors.AsType[*webhook.Error](err); ok {
			d.Log.Warn("the address for replies may not be called", "door", Format, "section", addresses[address], "reason", e.Reason.Code.Wire())
			continue
		}
		if err != nil {
			return nil, err
		}
		all = append(all, id)
	}
	return all, nil
}
