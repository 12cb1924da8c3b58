package kannel

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"relais/webhook"
)

// Format is the name of Reports among the formats of webhooks.
const Format = "kannel"

// Bits of dlr-mask (gw/dlr.h; userguide, table 7-17). The gateway moves no
// message at "buffered" (4), nor at what a newer Kannel adds (32, 64): they never
// come.
const (
	delivered   = 1  // DLR_SUCCESS
	undelivered = 2  // DLR_FAIL
	taken       = 8  // DLR_SMSC_SUCCESS
	refused     = 16 // DLR_SMSC_FAIL
)

// bits say which report each event is, and the words of SMPP 3.4, appendix B
// (table B-2) for it. message.uncertain is none: a report may follow, or a person
// decides.
var bits = map[webhook.Type]struct {
	bit  int
	stat string
}{
	webhook.MessageSubmitted:   {taken, ""},
	webhook.MessageRejected:    {refused, ""},
	webhook.MessageDelivered:   {delivered, "DELIVRD"},
	webhook.MessageUndelivered: {undelivered, "UNDELIV"},
	webhook.MessageExpired:     {undelivered, "EXPIRED"},
}

// Reports calls the dlr-url of messages, at the events that dlr-mask asks for.
type Reports struct{}

// Request implements webhook.Format. The address is in the message's metadata:
// clients write their own id in it, so that each message has another one.
func (Reports) Request(ctx context.Context, _ webhook.Endpoint, event *webhook.Event) (*http.Request, error) {
	kind, known := bits[event.Type]
	if !known {
		return nil, nil
	}
	var m webhook.MessageData
	if err := json.Unmarshal(event.Data, &m); err != nil {
		return nil, errors.New("the event cannot be read")
	}
	mask, err := strconv.Atoi(m.Metadata[keptMask])
	if err != nil || !asks(mask, kind.bit) || m.Metadata[keptURL] == "" {
		return nil, nil //nolint:nilerr // no mask: the person was erased, and nothing is told any more
	}
	r := dlr{message: m, bit: kind.bit, text: reply(m, kind.bit, kind.stat), at: event.At}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet,
		r.address(m.Metadata[keptURL]), http.NoBody)
	if err != nil {
		return nil, errors.New("the dlr-url is no address once its escapes are filled")
	}
	return request, nil
}

// patience is how long a Kannel that is told may not know the message yet.
const patience = time.Minute

// Taken implements webhook.Judge. A bearerbox answers 202 whatever it does with a
// report (gw/smsc/smsc_http.c kannel_receive_sms); it remembers a message only
// once it has read our answer to it, and the operator may be faster. What it does
// not know for longer it does not want (gw/dlr.c dlr_find). That the operator took
// it, it has told its client by itself (gw/bb_smscconn.c bb_smscconn_sent).
func (Reports) Taken(event *webhook.Event, answer []byte, now time.Time) error {
	switch string(answer) {
	case "Unknown DLR, not accepted":
		if event.Type != webhook.MessageSubmitted && now.Sub(event.At) < patience {
			return errors.New("the Kannel there does not know the message yet")
		}
	case "Not accepted":
		return errors.New("the Kannel there did not accept the report")
	case "Authorization failed for sendsms":
		return errors.New("the Kannel there wants another username or password in the dlr-url")
	}
	return nil
}

// asks reports whether a mask asks for a report. A message that the operator
// refuses is told to whoever wants to hear of failures too (gw/bb_smscconn.c
// bb_smscconn_send_failed).
func asks(mask, bit int) bool {
	if bit == refused {
		bit |= undelivered
	}
	return mask&bit != 0
}

// reply is the operator's word, which %A gives: ACK/ or NACK/ and its answer
// (gw/bb_smscconn.c), or the receipt in the form of SMPP 3.4, appendix B, that
// Kannel hands on and clients read stat and err of.
func reply(m webhook.MessageData, bit int, stat string) string {
	code := m.OperatorCode
	switch bit {
	case taken:
		return "ACK/"
	case refused:
		if code == "" {
			code = m.Reason
		}
		return "NACK/" + code
	}
	if code == "" {
		code = "000"
	}
	handed := "000"
	if bit == delivered {
		handed = "001"
	}
	const minute = "0601021504"
	id := m.ProviderID
	if id == "" {
		id = m.ID.String()
	}
	return strings.Join([]string{
		"id:" + id, "sub:001", "dlvrd:" + handed, "submit date:" + m.ID.Time().UTC().Format(minute),
		"done date:" + m.At.UTC().Format(minute), "stat:" + stat, "err:" + code, "text:",
	}, " ")
}

// dlr is one delivery report.
type dlr struct {
	message webhook.MessageData
	bit     int
	text    string
	at      time.Time
}

// address is the dlr-url with its escapes filled. A space, which Kannel would
// send as it is, would end the address in the request.
func (r *dlr) address(pattern string) string { return strings.ReplaceAll(r.fill(pattern), " ", "%20") }
