package smsgate

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"relais/charset"
	"relais/door"
	"relais/gateway"
	"relais/reason"
	"relais/search"
	"relais/sms"
)

// maxBody is the largest body that is read, in bytes.
const maxBody = 1 << 20

// keptID is the id that a message has for the client, in its metadata; all numbers of one request share it.
const keptID = "smsgate-id"

// Bounds of a request (documented: SGC, domain_messages.go).
const (
	longestID   = 36
	mostNumbers = 100
	leastTTL    = 5   // seconds
	urgentFrom  = 100 // priorities that go before all limits
)

// textMessage is a text.
type textMessage struct {
	Text string `json:"text"`
}

// order is a message as clients ask for it (documented: SGC, Message). Other fields count for nothing, as with SMSGate.
type order struct {
	ID           string          `json:"id"`
	DeviceID     string          `json:"deviceId"`
	Message      string          `json:"message"`
	TextMessage  *textMessage    `json:"textMessage"`
	DataMessage  json.RawMessage `json:"dataMessage"`
	MMSMessage   json.RawMessage `json:"mmsMessage"`
	Numbers      []string        `json:"phoneNumbers"`
	IsEncrypted  bool            `json:"isEncrypted"`
	SimNumber    *uint8          `json:"simNumber"`
	WithReceipts *bool           `json:"withDeliveryReport"`
	Priority     int             `json:"priority"`
	TTL          *uint64         `json:"ttl"`
	ValidUntil   *time.Time      `json:"validUntil"`
	ScheduleAt   *time.Time      `json:"scheduleAt"`
}

// taken is what is kept of an answer, for when the same key comes again: nothing of a person's.
type taken struct {
	ID string `json:"id"`
}

// readBody reads an object.
func (c *call) readBody(into any) (raw []byte, err error) {
	if coding := c.r.Header.Get("Content-Encoding"); coding != "" && coding != "identity" {
		return nil, refused(http.StatusUnsupportedMediaType, "send the body without Content-Encoding")
	}
	raw, err = io.ReadAll(http.MaxBytesReader(c.w, c.r.Body, maxBody))
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		return nil, refused(http.StatusRequestEntityTooLarge, "Request Entity Too Large")
	}
	switch {
	case err != nil:
		return nil, bad("the body ended early")
	case !utf8.Valid(raw) || charset.LoneSurrogate(raw) >= 0:
		return nil, bad("failed to parse body: it is not UTF-8, or has half of a surrogate pair")
	case len(raw) == 0 || json.Unmarshal(raw, into) != nil || !strings.HasPrefix(strings.TrimLeft(string(raw), " \t\r\n"), "{"):
		return nil, bad("failed to parse body: want one object in JSON, with the fields of SMSGate in their types")
	}
	return raw, nil
}

// send takes one text to some numbers. Once it is on disk the answer is 202, whatever happens. An id of the caller's is taken once; an
// Idempotency-Key is answered again. Both are looked at before all that depends on the moment.
func (c *call) send() (int, any, error) {
	var o order
	raw, err := c.readBody(&o)
	if err != nil {
		return 0, nil, err
	}
	key, err := c.keyOf(&o, raw)
	if err != nil {
		return 0, nil, err
	}
	first, err := c.Gateway.Repeated(c.ctx(), c.user.Account, key)
	if err == nil && first == nil && o.ID != "" {
		err = c.unknown(o.ID)
	}
	if err != nil || first != nil {
		return c.again(&o, first, err)
	}
	s, err := c.submission(&o)
	if err != nil {
		return 0, nil, err
	}
	s.Key = key
	id := s.Metadata[keptID]
	result, err := c.Gateway.Submit(c.ctx(), s, func(*gateway.Result) ([]byte, error) { return json.Marshal(taken{id}) })
	if err != nil || result.Replay != nil {
		return c.again(&o, result, err)
	}
	messages := make([]sms.Message, len(result.Messages))
	for i := range result.Messages {
		messages[i] = result.Messages[i].Message
	}
	shown := c.stateOf(messages)
	for _, r := range result.Rejected {
		shown.Recipients = append(shown.Recipients, recipient{r.To, stateFailed, new(r.In(reason.English))})
	}
	return c.accepted(shown)
}

func (c *call) accepted(shown *state) (int, any, error) {
	c.w.Header().Set("Location", base+"/messages/"+shown.ID)
	return http.StatusAccepted, shown, nil
}

// keyOf is the key against doubles: the caller's id, which is taken once in an account, or else the header.
func (c *call) keyOf(o *order, raw []byte) (*gateway.IdempotencyKey, error) {
	key, err := door.IdempotencyKey(c.r, Format, raw)
	switch {
	case err != nil:
		return nil, bad(err.Error())
	case o.ID != "" && !isID(o.ID):
		return nil, errID
	case o.ID != "":
		return &gateway.IdempotencyKey{Key: Format + " " + o.ID, Request: sha256.Sum256([]byte(Format))}, nil
	}
	return key, nil
}

// isID reports whether a text can be the id of a message or a webhook.
func isID(text string) bool {
	return text != "" && len(text) <= longestID && utf8.ValidString(text) && !strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) || r == '/' })
}

var errID = refused(http.StatusBadRequest, "validation failed: id can have 36 printable characters at most, without a slash")

// unknown refuses an id that stands at a message: keys are forgotten before messages are.
func (c *call) unknown(id string) error {
	found, err := c.messagesOf(id)
	if err == nil && len(found) > 0 {
		return errExists
	}
	return err
}

// again answers a request that came before: with 409 where it has an id (documented: SGS).
func (c *call) again(o *order, first *gateway.Result, err error) (int, any, error) {
	if err != nil {
		return 0, nil, err
	}
	if o.ID != "" {
		return 0, nil, errExists
	}
	var known taken
	if err := json.Unmarshal(first.Replay, &known); err != nil {
		return 0, nil, err
	}
	found, err := c.messagesOf(known.ID)
	switch {
	case err != nil:
		return 0, nil, err
	case len(found) == 0: // the people were erased
		return 0, nil, errNotFound
	}
	c.w.Header().Set("Idempotency-Replayed", "true")
	return c.accepted(c.stateOf(found))
}

// submission translates a request.
func (c *call) submission(o *order) (gateway.Submission, error) {
	s := gateway.Submission{
		Account: c.user.Account, Actor: c.caller.Actor, Within: c.caller.Within, Sender: c.user.Sender, Class: c.user.Class, Connector: c.user.Connector,
		To: o.Numbers,
	}
	if err := c.check(o); err != nil {
		return s, err
	}
	if s.Text = o.Message; o.TextMessage != nil {
		s.Text = o.TextMessage.Text
	}
	if err := c.times(o, &s); err != nil {
		return s, err
	}
	if o.Priority >= urgentFrom && c.user.UrgentClass != "" {
		s.Class = c.user.UrgentClass
	}
	id := o.ID
	if id == "" {
		id = sms.BucketOf(s.Account).NewID(c.Now()).String()
	}
	s.Reference, s.Metadata = id, map[string]string{keptID: id}
	return s, c.everybody(&s)
}

// check refuses what a request must not have, or lacks.
func (c *call) check(o *order) error {
	given := func(raw json.RawMessage) bool { return len(raw) > 0 && string(raw) != "null" }
	switch {
	case given(o.DataMessage):
		return bad("dataMessage cannot be sent: want textMessage")
	case given(o.MMSMessage):
		return bad("mmsMessage cannot be sent: want textMessage")
	case o.IsEncrypted:
		return bad("isEncrypted cannot be honoured: only the telephone that the text is for could read it")
	case o.Message == "" && o.TextMessage == nil:
		return bad("validation failed: must specify exactly one of: textMessage or dataMessage")
	case o.Message != "" && o.TextMessage != nil:
		return bad("conflict fields: must specify exactly one of: textMessage or dataMessage")
	case len(o.Numbers) == 0 || len(o.Numbers) > mostNumbers:
		return bad("validation failed: want 1 to " + strconv.Itoa(mostNumbers) + " phoneNumbers")
	case o.DeviceID != "" && o.DeviceID != c.device():
		return bad("device not found: leave deviceId out, or take the one of /devices")
	case o.TTL != nil && o.ValidUntil != nil:
		return bad("conflict fields: ttl and validUntil")
	case o.Priority < -128 || o.Priority > 127:
		return bad("validation failed: priority can be -128 to 127")
	case o.SimNumber != nil && (*o.SimNumber < 1 || *o.SimNumber > 3):
		return bad("validation failed: simNumber can be 1 to 3")
	}
	return nil
}

// times reads when the message is to leave, and for how long it counts. The validity counts from the request (K).
func (c *call) times(o *order, s *gateway.Submission) error {
	now := c.Now()
	from := now
	if o.ScheduleAt != nil {
		if !o.ScheduleAt.After(now) {
			return bad("validation failed: scheduleAt must be in the future")
		}
		s.SendAt, from = o.ScheduleAt.UTC(), *o.ScheduleAt
	}
	var until time.Time
	switch {
	case o.TTL != nil && (*o.TTL < leastTTL || *o.TTL > 1<<31):
		return bad("validation failed: ttl wants seconds, 5 at least")
	case o.TTL != nil:
		until = now.Add(time.Duration(*o.TTL) * time.Second)
	case o.ValidUntil != nil:
		until = *o.ValidUntil
	default:
		return nil
	}
	if s.ValidFor = until.Sub(from); s.ValidFor <= 0 {
		return bad("validation failed: it would be over before it may leave")
	}
	return nil
}

// everybody refuses a request one of whose numbers would get nothing: the client has one id for all of them, and one state.
func (c *call) everybody(s *gateway.Submission) error {
	result, err := c.Gateway.Preview(c.ctx(), *s, c.Now())
	var rejected []gateway.Refusal
	e, refusedAll := errors.AsType[*gateway.Error](err)
	switch {
	case refusedAll && len(e.Rejected) > 0:
		rejected = e.Rejected
	case err != nil:
		return err
	default:
		rejected = result.Rejected
	}
	if len(rejected) == 0 {
		return nil
	}
	r := rejected[0]
	said := refusedBy(&gateway.Error{Field: "/to", Reason: r.Reason})
	said.Message = "phoneNumbers[" + strconv.Itoa(r.Index) + "]: " + said.Message
	return said
}

// messagesOf finds the messages of an id, in the order in which they were asked for.
func (c *call) messagesOf(id string) ([]sms.Message, error) {
	const limit = 1000 // of the store; one request has less
	found, _, err := c.Reader.Search(c.ctx(), search.Query{
		Account: c.user.Account, Reference: id, Metadata: []search.Metadatum{{Key: keptID, Value: id}}, Limit: limit,
	})
	for i, j := 0, len(found)-1; i < j; i, j = i+1, j-1 {
		found[i], found[j] = found[j], found[i]
	}
	return found, err
}
