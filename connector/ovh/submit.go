package ovh

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"time"

	"relais/connector"
	"relais/sms"
)

// Client is an instance: one SMS account, or one SMS user of it.
type Client struct {
	config   Config
	api      *api
	account  string // path of the account
	jobs     string // path under which jobs and outgoing are: the account, or the user
	balance  balance
	known    memory // what polls have told
	callback string // address that OVH may call; empty: it cannot
}

// job is the body of POST …/jobs (API schema sms.json). senderForResponse wins
// over sender (observed, php-ovh #135), so only one of them is sent.
type job struct {
	Message           string       `json:"message"`
	Receivers         []sms.Number `json:"receivers"`
	Sender            string       `json:"sender,omitempty"`
	SenderForResponse bool         `json:"senderForResponse,omitempty"`
	NoStopClause      bool         `json:"noStopClause"`
	Priority          string       `json:"priority"`
	Charset           string       `json:"charset"`
	Coding            string       `json:"coding,omitempty"`
	Class             string       `json:"class,omitempty"`
	ValidityPeriod    int64        `json:"validityPeriod,omitempty"`
	Tag               string       `json:"tag,omitempty"`
}

// Submit sends the batch as one job. What OVH does with a number that comes
// twice in a job is undocumented; the contract gives none.
func (c *Client) Submit(ctx context.Context, batch []sms.Message) ([]connector.Outcome, error) {
	if len(batch) == 0 {
		return nil, nil
	}
	body, err := c.body(batch)
	if err != nil {
		return nil, err
	}
	answer, err := c.api.call(ctx, http.MethodPost, c.jobs+"/jobs", body, batch[0].Text)
	if err != nil {
		return nil, err
	}
	report, err := parseReport(answer)
	if err != nil {
		return nil, err
	}
	c.keepBalance(report)
	return c.settle(ctx, report, batch), nil
}

// body writes the job once: these bytes are signed, and these are sent.
// Without HTML escapes, as OVH's own clients write them.
func (c *Client) body(batch []sms.Message) ([]byte, error) {
	j, err := c.job(batch)
	if err != nil {
		return nil, err
	}
	var buffer bytes.Buffer
	buffer.Grow(256 + len(j.Message) + 16*len(batch))
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(j); err != nil {
		return nil, &connector.Error{
			Fault: connector.Rejected, Detail: "the job cannot be written as JSON",
			Err: err,
		}
	}
	return bytes.TrimSuffix(buffer.Bytes(), []byte("\n")), nil
}

func (c *Client) job(batch []sms.Message) (*job, error) {
	first := &batch[0]
	j := &job{
		Message:        first.Text,
		Receivers:      make([]sms.Number, len(batch)),
		NoStopClause:   first.Class != sms.Marketing,
		Priority:       c.priority(first.Class),
		Charset:        "UTF-8",
		Coding:         c.coding(first.Encoding),
		Class:          c.class(first.Kind),
		ValidityPeriod: connector.MinutesLeft(earliestExpiry(batch), c.api.now()),
		Tag:            c.batchTag(batch),
	}
	for i := range batch {
		j.Receivers[i] = batch[i].To
	}
	if c.config.SenderForResponse {
		j.SenderForResponse = true
		return j, nil
	}
	if j.Sender = string(first.Sender); j.Sender == "" {
		j.Sender = c.config.Sender
	}
	if j.Sender == "" {
		return nil, &connector.Error{
			Fault: connector.Rejected, Code: codeNoSender,
			Detail: "neither the message nor the instance names a sender",
		}
	}
	return j, nil
}

// priority follows the class (inferred: OVH names the four values and says
// nothing of their effect).
func (c *Client) priority(class sms.Class) string {
	switch {
	case c.config.Priority != "":
		return c.config.Priority
	case class == sms.OTP:
		return "high"
	case class == sms.Marketing:
		return "low"
	default:
		return "medium"
	}
}

// class is where the handset keeps the text. OVH documents the field, calls it deprecated, and
// does not say what a job with flash becomes on a network that knows no class.
func (c *Client) class(kind sms.Kind) string {
	if kind == sms.Flash {
		return "flash"
	}
	return c.config.MessageClass
}

func (c *Client) coding(encoding sms.Encoding) string {
	switch {
	case !c.config.Coding:
		return ""
	case encoding == sms.GSM7:
		return "7bit"
	case encoding == sms.UCS2:
		return "8bit"
	default:
		return ""
	}
}

// earliestExpiry is the first end of validity in the batch: a call has one.
func earliestExpiry(batch []sms.Message) time.Time {
	var earliest time.Time
	for i := range batch {
		expires := batch[i].ExpiresAt
		if !expires.IsZero() && (earliest.IsZero() || expires.Before(earliest)) {
			earliest = expires
		}
	}
	return earliest
}

// batchTag is the tag of a call. A call has one, and Lookup takes it for proof
// that OVH has that very message: so it names a message only when the message
// travels alone. Several go under their submission, for people and exports.
func (c *Client) batchTag(batch []sms.Message) string {
	first := &batch[0]
	if len(batch) == 1 {
		return c.tag(first.ID)
	}
	if first.Submission.IsZero() {
		return ""
	}
	return c.tag(first.Submission)
}

func (c *Client) tag(id sms.ID) string {
	if c.config.Tag == TagUUID {
		return id.String()
	}
	return id.Ref()
}
