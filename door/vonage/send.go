package vonage

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"relais/auth"
	"relais/door"
	"relais/gateway"
	"relais/sms"
)

// keptCallback is where a message is told of, in its metadata; it has none where the address is that of the section.
const keptCallback = "vonage-callback"

// Bounds of a request (K).
const (
	leastTTL      = 20_000      // milliseconds
	mostTTL       = 604_800_000 // likewise
	mostReference = 100         // characters
)

// Types of a message (documented: VON, TypeEnum).
const (
	typeText    = "text"
	typeUnicode = "unicode"
	typeBinary  = "binary"
)

// entry is a part in the answer (documented: VON, SMSMessageResponse). What nobody here knows is left out.
type entry struct {
	To         string `json:"to"`
	ID         string `json:"message-id"`
	Status     string `json:"status"`
	Price      string `json:"message-price,omitempty"`
	Reference  string `json:"client-ref,omitempty"`
	AccountRef string `json:"account-ref,omitempty"`
}

type answer struct {
	Count    string `json:"message-count"` // a text (K)
	Messages any    `json:"messages"`
}

// taken is what is kept of an answer, for when the same key comes again: nothing of a person's.
type taken struct {
	ID    sms.ID    `json:"id"`
	Parts int       `json:"parts"`
	Price sms.Money `json:"price"` // of all parts; 0: not known
}

// send takes one message. Once it is on disk the answer is a yes, whatever happens. The key is looked at before all that
// depends on the moment: what was taken is not refused when it comes again, or clients would send anew.
func (c *call) send() (*answer, error) {
	if err := c.readFields(); err != nil {
		return nil, err
	}
	if err := c.authenticate(); err != nil {
		return nil, err
	}
	if err := c.allowed(auth.KeySend); err != nil {
		return nil, err
	}
	if c.r.URL.Path == xmlPath {
		return nil, refusalOf(statusInvalid, "answers are JSON alone: ask "+sendPath)
	}
	key, err := c.idempotencyKey()
	if err != nil {
		return nil, err
	}
	result, err := c.Gateway.Repeated(c.ctx(), c.account.Account, key)
	if err == nil && result == nil {
		result, err = c.submit(key)
	}
	if err != nil {
		return nil, err
	}
	if result.Replay == nil {
		m := &result.Messages[0]
		return c.answerOf(&taken{m.ID, m.Segments, m.Price}), nil
	}
	first := &taken{}
	if err := json.Unmarshal(result.Replay, first); err != nil {
		return nil, fmt.Errorf("read what was answered: %w", err)
	}
	c.w.Header().Set("Idempotency-Replayed", "true")
	return c.answerOf(first), nil
}

// submit gives a message to the gateway.
func (c *call) submit(key *gateway.IdempotencyKey) (*gateway.Result, error) {
	s, err := c.submission()
	if err != nil {
		return nil, err
	}
	s.Key = key
	result, err := c.Gateway.Submit(c.ctx(), s, func(r *gateway.Result) ([]byte, error) {
		m := &r.Messages[0]
		return json.Marshal(taken{m.ID, m.Segments, m.Price})
	})
	return result, wrongCallback(err)
}

// answerOf has one entry, or one for each part, as Vonage answers, where the section says so. All have the id of the message, by
// which one receipt tells of all. A request that comes again has the same recipient and the same references.
func (c *call) answerOf(t *taken) *answer {
	parts := 1
	if c.account.Parts {
		parts = max(t.Parts, 1)
	}
	one := entry{
		To: strings.TrimPrefix(c.fields.get("to"), "+"), ID: t.ID.String(), Status: decimal(statusTaken),
		Reference: c.fields.get("client-ref"), AccountRef: c.fields.get("account-ref"),
	}
	if t.Price > 0 {
		one.Price = (t.Price / sms.Money(parts)).String()
	}
	all := make([]entry, parts)
	for i := range all {
		all[i] = one
	}
	return &answer{decimal(parts), all}
}

// honoured are the parameters that do something, hints those that are taken and do nothing here, and refused those of what would
// reach the person and is not here (docs/migrate/vonage.md has the table).
var (
	honoured = []string{
		"api_key", "api_secret", "sig", "timestamp", "nonce", "from", "to", "text", "type", "body", "udh", "protocol-id", "message-class", "ttl",
		"status-report-req", "callback", "client-ref", "account-ref",
	}
	hints   = []string{"entity-id", "content-id", "trusted-number"}
	refused = []string{"vcard", "vcal", "url", "title", "validity", "pool-id"}
)

// submission translates a request.
func (c *call) submission() (gateway.Submission, error) {
	s := gateway.Submission{
		Account: c.account.Account, Actor: c.caller.Actor, Within: c.caller.Within, Class: c.account.Class,
		Connector: c.account.Connector, Metadata: map[string]string{},
	}
	for _, read := range []func(*call, *gateway.Submission) error{
		people, content, unsendable, lifetime, references, (*call).receipts, passedOver,
	} {
		if err := read(c, &s); err != nil {
			return s, err
		}
	}
	return s, nil
}

// international is a number with its country code, without a plus (documented: NXD); one with a plus is read as well (inferred).
var international = regexp.MustCompile(`^\+?([1-9][0-9]{3,14})$`)

func people(c *call, s *gateway.Submission) error {
	from, to := c.fields.get("from"), c.fields.get("to")
	switch {
	case from == "":
		return refusalOf(statusMissing, "from")
	case to == "":
		return refusalOf(statusMissing, "to")
	}
	read := international.FindStringSubmatch(to)
	if read == nil {
		return refusalOf(statusInvalid, "to: want one number, the country code and the digits, such as 33612345678")
	}
	s.Sender, s.To = sms.Sender(from), []string{"+" + read[1]}
	return nil
}

// content reads what the handset gets. A text that needs another alphabet than its type says is sent in that alphabet: as it is
// written, and not with question marks (inferred).
func content(c *call, s *gateway.Submission) error {
	kind := c.fields.get("type")
	switch kind {
	case "", typeText, typeUnicode:
		if c.fields.get("text") == "" {
			return refusalOf(statusMissing, "text")
		}
	case typeBinary:
		if c.fields.get("body") == "" {
			return refusalOf(statusMissing, "body")
		}
		s.Kind = sms.Binary
	default:
		return refusalOf(statusInvalid, "type: want text, unicode or binary")
	}
	s.Text, s.Data, s.UDH = c.fields.get("text"), c.fields.get("body"), c.fields.get("udh")
	switch class := c.fields.get("message-class"); {
	case class == "":
	case class == "0" && kind != typeBinary:
		s.Kind = sms.Flash
	default:
		return refusalOf(statusInvalid, "message-class: want 0, and a text")
	}
	if id := c.fields.get("protocol-id"); id != "" && id != "0" {
		return refusalOf(statusInvalid, "protocol-id: want 0")
	}
	return nil
}

func unsendable(c *call, _ *gateway.Submission) error {
	for _, name := range refused {
		if c.fields.get(name) != "" {
			return refusalOf(statusInvalid, name+" cannot be honoured")
		}
	}
	return nil
}

func lifetime(c *call, s *gateway.Submission) error {
	given := c.fields.get("ttl")
	if given == "" {
		return nil
	}
	ms, err := strconv.ParseInt(given, 10, 64)
	if err != nil || ms < leastTTL || ms > mostTTL {
		return refusalOf(statusInvalid, "ttl: want 20000 to 604800000 milliseconds")
	}
	s.ValidFor = (time.Duration(ms)*time.Millisecond + time.Second - 1).Truncate(time.Second)
	return nil
}

func references(c *call, s *gateway.Submission) error {
	for _, name := range []string{"client-ref", "account-ref"} {
		if utf8.RuneCountInString(c.fields.get(name)) > mostReference {
			return refusalOf(statusInvalid, name+": want at most "+decimal(mostReference)+" characters")
		}
	}
	s.Reference = c.fields.get("client-ref")
	return nil
}

// receipts reads whether and where a receipt is told: it is, unless the request says no (K).
func (c *call) receipts(s *gateway.Submission) error {
	address := c.fields.get("callback")
	if address != "" {
		if err := c.CheckURL(address); err != nil {
			return wrongCallback(err)
		}
	}
	switch c.fields.get("status-report-req") {
	case "", "1", "true":
	case "0", "false":
		return nil
	default:
		return refusalOf(statusInvalid, "status-report-req: want true or false")
	}
	switch {
	case address != "":
		s.Metadata[keptCallback] = address
		s.Report = func(ctx context.Context) (sms.ID, error) {
			return c.Report(ctx, c.account.Account, door.HostOf(address), Format)
		}
	case c.account.ReceiptsURL != "":
		s.Report = func(ctx context.Context) (sms.ID, error) {
			return c.Report.Own(ctx, c.Log, c.account.Account, c.account.ReceiptsURL, Format, c.account.Name)
		}
	}
	return nil
}

func wrongCallback(err error) error {
	return door.Uncalled(err, func(why string) error { return refusalOf(statusCallback, why) })
}

// passedOver notes parameters that nobody here knows.
func passedOver(c *call, s *gateway.Submission) error {
	known := append(append(append([]string{}, honoured...), hints...), refused...)
	s.Notes = door.Ignored(c.fields.others(known))
	return nil
}
