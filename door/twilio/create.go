package twilio

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"relais/gateway"
	"relais/reason"
	"relais/sms"
)

// What a message keeps of its request, in its metadata.
const (
	keptService  = "twilio-service"
	keptCallback = "twilio-callback"
	keptReply    = "twilio-reply" // of the reply that it answers
)

// Bounds of a request (documented: TWO, TWE).
const (
	mostCharacters = 1600
	mostValidity   = 36_000 // seconds
	leastAhead     = 15 * time.Minute
	mostAhead      = 35 * 24 * time.Hour
)

// taken is what is kept of an answer, for when the same key comes again: nothing of a person's.
type taken struct {
	ID sms.ID `json:"id"`
}

// create takes one message. Once it is on disk the answer is 201, whatever happens. The key is looked at before all that
// depends on the moment: what was taken is not refused when it comes again, or clients would send anew.
func (c *call) create() (*answer, error) {
	f, err := c.readForm()
	if err != nil {
		return nil, err
	}
	key, err := c.idempotencyKey(f)
	if err != nil {
		return nil, err
	}
	result, err := c.Gateway.Repeated(c.ctx(), c.account.Account, key)
	if err == nil && result == nil {
		result, err = c.submit(f, key)
	}
	switch {
	case err != nil:
		return nil, err
	case result.Replay != nil:
		return c.again(result.Replay)
	}
	body, err := encode(c.messageOf(&result.Messages[0].Message))
	return &answer{status: http.StatusCreated, body: body}, err
}

// submit gives a message to the gateway.
func (c *call) submit(f *form, key *gateway.IdempotencyKey) (*gateway.Result, error) {
	s, err := c.submission(f)
	if err != nil {
		return nil, err
	}
	s.Key = key
	if address := s.Metadata[keptCallback]; address != "" {
		s.Report = func(ctx context.Context) (sms.ID, error) {
			return c.Report(ctx, c.account.Account, hostOf(address), Format)
		}
	}
	result, err := c.Gateway.Submit(c.ctx(), s, func(r *gateway.Result) ([]byte, error) {
		return json.Marshal(taken{r.Messages[0].ID})
	})
	return result, wrongCallback(err)
}

// again answers a request that came before, with its message as it stands by now: what was taken out of it since is not
// given out again. One that was deleted was taken all the same, and the client is told so: else it would send anew.
func (c *call) again(kept []byte) (*answer, error) {
	var first taken
	if err := json.Unmarshal(kept, &first); err != nil {
		return nil, fmt.Errorf("read what was answered: %w", err)
	}
	m, err := c.Reader.Message(c.ctx(), c.account.Account, first.ID)
	if errors.Is(err, gateway.ErrNotFound) {
		return nil, errNotFound
	}
	if err != nil {
		return nil, err
	}
	shown := c.messageOf(&m)
	if !m.To.Known() {
		shown.To = nil
	}
	body, err := encode(shown)
	return &answer{status: http.StatusCreated, body: body, replayed: true}, err
}

// submission translates a request.
func (c *call) submission(f *form) (gateway.Submission, error) {
	s := gateway.Submission{
		Account: c.account.Account, Actor: c.caller.Actor, Within: c.caller.Within, Class: c.account.Class,
		Connector: c.account.Connector, Metadata: map[string]string{},
	}
	for _, read := range []func(*call, *form, *gateway.Submission) error{
		single, recipient, (*call).origin, unsendable, text, (*call).callback, validity, (*call).schedule, passedOver,
	} {
		if err := read(c, f, &s); err != nil {
			return s, err
		}
	}
	return s, nil
}

// honoured are the fields that do something, and hints those that are taken and do nothing here
// (docs/migrate/twilio.md says what stands for them).
var (
	honoured = []string{
		"To", "From", "MessagingServiceSid", "Body", "StatusCallback", "ValidityPeriod", "ScheduleType", "SendAt",
	}
	hints = []string{
		"Attempt", "ProvideFeedback", "MaxPrice", "ForceDelivery", "RiskCheck", "TrafficType", "FallbackFrom", "SmartEncoded",
		"ContentRetention", "AddressRetention", "SendAsMms", "ShortenUrls",
	}
)

func single(_ *call, f *form, _ *gateway.Submission) error { return f.once(honoured...) }

func recipient(_ *call, f *form, s *gateway.Submission) error {
	to := f.get("To")
	switch {
	case to == "":
		return bad(codeToMissing, "")
	case !isE164(to):
		return bad(codeTo, "want E.164, a plus sign, the country code and the number, such as +33612345678")
	}
	s.To = []string{to}
	return nil
}

// isE164 reports whether a text is a number in the form of the recommendation. Prefixes of other channels
// (whatsapp:, messenger:, rcs:) make it none.
func isE164(text string) bool {
	digits, found := strings.CutPrefix(text, "+")
	return found && len(digits) >= 4 && len(digits) <= 15 && digits[0] != '0' && strings.Trim(digits, "0123456789") == ""
}

// origin reads who sends: a sender, a messaging service, or both. The sid of a service may stand in From
// (documented: TWE 35118).
func (c *call) origin(f *form, s *gateway.Submission) error {
	from, sid := f.get("From"), f.get("MessagingServiceSid")
	if isSid(kindService, from) {
		from, sid = "", from
	}
	switch {
	case from == "" && sid == "":
		return bad(codeFromMissing, "")
	case strings.Contains(from, ":"): // of another channel
		return bad(codeFromMalformed, "want a number, a short code or a name of at most 11 characters")
	}
	if s.Sender = sms.Sender(from); sid == "" {
		return nil
	}
	service, known := c.account.Services[sid]
	if !known {
		return bad(codeService, "the section of the account has no service of that sid")
	}
	s.Metadata[keptService] = sid
	if from == "" {
		s.Sender = service.Sender
	}
	s.Connector, s.Class = service.Connector, service.Class
	return nil
}

// refused are the fields of what would reach the person and is not here, unless they ask for what is done
// anyway.
var refused = []struct {
	name, harmless string
	code           int
}{
	{"MediaUrl", "", codeMedia},
	{"SendAsMms", "false", codeMedia},
	{"ContentSid", "", codeTemplate},
	{"ContentVariables", "", codeVariables},
	{"ApplicationSid", "", codeApplication},
	{"PersistentAction", "", codeContent},
	{"ShortenUrls", "false", codeContent},
	{"ContentRetention", "retain", codeRetention},
	{"AddressRetention", "retain", codeObfuscation},
}

func unsendable(_ *call, f *form, _ *gateway.Submission) error {
	for _, one := range refused {
		for _, value := range f.values[one.name] {
			if value != "" && !strings.EqualFold(value, one.harmless) {
				return bad(one.code, "'"+one.name+"' cannot be honoured")
			}
		}
	}
	return nil
}

func text(_ *call, f *form, s *gateway.Submission) error {
	s.Text = f.get("Body")
	switch {
	case s.Text == "":
		return bad(codeBodyMissing, "")
	case utf8.RuneCountInString(s.Text) > mostCharacters:
		return bad(codeBodyLong, "it has more than "+strconv.Itoa(mostCharacters)+" characters")
	}
	return nil
}

func (c *call) callback(f *form, s *gateway.Submission) error {
	address := f.get("StatusCallback")
	if address == "" {
		return nil
	}
	if err := c.checkCallback(address); err != nil {
		return err
	}
	s.Metadata[keptCallback] = address
	return nil
}

func validity(_ *call, f *form, s *gateway.Submission) error {
	given := f.get("ValidityPeriod")
	if given == "" {
		return nil
	}
	seconds, err := strconv.ParseUint(given, 10, 32)
	if err != nil || seconds < 1 || seconds > mostValidity {
		return bad(codeValidity, "")
	}
	s.ValidFor = time.Duration(seconds) * time.Second
	return nil
}

// schedule reads when the message is to leave. What Twilio would send at once without a word, a date without
// a type, is refused.
func (c *call) schedule(f *form, s *gateway.Submission) error {
	kind, at := f.get("ScheduleType"), f.get("SendAt")
	switch {
	case kind == "" && at == "":
		return nil
	case kind != "fixed":
		return bad(codeScheduleTypeNone, "")
	case at == "":
		return bad(codeSendAtMissing, "")
	case s.Metadata[keptService] == "":
		return bad(codeScheduleService, "")
	}
	moment, err := time.Parse(time.RFC3339, at)
	ahead := moment.Sub(c.Now())
	if err != nil || ahead < leastAhead || ahead > mostAhead {
		return bad(codeSendAt, "")
	}
	s.SendAt = moment.UTC()
	return nil
}

// passedOver notes fields that nobody here knows: Twilio passes over them without a word.
func passedOver(_ *call, f *form, s *gateway.Submission) error {
	const most = 5
	known := append(append([]string{}, honoured...), hints...)
	for _, one := range refused { // empty, or they would not be here
		known = append(known, one.name)
	}
	for _, name := range f.others(known) {
		if len(s.Notes) < most && isFieldName(name) {
			s.Notes = append(s.Notes, reason.Of(codeIgnored, reason.Args{"name": reason.Name(name)}))
		}
	}
	return nil
}

// isFieldName reports whether a name may stand in the timeline: nobody wrote a text or a number there.
func isFieldName(name string) bool {
	const longest = 40
	if name == "" || len(name) > longest {
		return false
	}
	return strings.Trim(strings.ToLower(name), "abcdefghijklmnopqrstuvwxyz_") == ""
}
