package notify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"relais/door"
	"relais/gateway"
	"relais/merge"
	"relais/number"
	"relais/sms"
	"relais/template"
)

// What a message keeps of its request, in its metadata.
const (
	keptService  = "notify-service"
	keptTemplate = "notify-template"
	keptVersion  = "notify-version"
)

// mostCharacters bounds a text (K).
const mostCharacters = 918

// smoke are numbers whose requests are judged and answered, and nothing is stored (documented: GNT).
var smoke = []sms.Number{"+447700900000", "+447700900111", "+447700900222"}

// accepted is the answer to a message (documented: GNA, post_sms_response).
type accepted struct {
	ID        string      `json:"id"`
	Reference *string     `json:"reference"`
	Content   content     `json:"content"`
	URI       string      `json:"uri"`
	Template  templateRef `json:"template"`
	Scheduled *string     `json:"scheduled_for"`
}

type content struct {
	Body string `json:"body"`
	From string `json:"from_number"`
}

type templateRef struct {
	ID      string `json:"id"`
	Version int    `json:"version"`
	URI     string `json:"uri"`
}

// order is one message that is asked for.
type order struct {
	submission gateway.Submission
	template   template.Template
	stored     bool // false: it is judged and answered alone
}

// taken is what is kept of an answer, for when the same key comes again: nothing of a person's.
type taken struct {
	ID       sms.ID `json:"id"`
	Template sms.ID `json:"template"`
	Version  int    `json:"version"`
}

// send takes one message. Once it is on disk the answer is 201, whatever happens. The key is looked at before all that
// depends on the moment: what was taken is not refused when it comes again, or clients would send anew.
func (c *call) send() (int, any, error) {
	body, raw, err := c.readBody("phone_number", "template_id", "personalisation", "reference", "sms_sender_id")
	if err != nil {
		return 0, nil, err
	}
	key, err := c.idempotencyKey(raw)
	if err != nil {
		return 0, nil, err
	}
	if c.key.Kind != kindTest {
		if first, err := c.Gateway.Repeated(c.ctx(), c.service.Account, key); err != nil || first != nil {
			return c.again(first, err)
		}
	}
	o, err := c.order(body)
	if err != nil {
		return 0, nil, err
	}
	if !o.stored {
		return c.judge(o)
	}
	o.submission.Key = key
	return c.submit(o)
}

// submit gives a message to the gateway.
func (c *call) submit(o *order) (int, any, error) {
	if err := c.tell(&o.submission); err != nil {
		return 0, nil, err
	}
	result, err := c.Gateway.Submit(c.ctx(), o.submission, func(r *gateway.Result) ([]byte, error) {
		return json.Marshal(taken{r.Messages[0].ID, o.template.ID, o.template.Version})
	})
	if err != nil || result.Replay != nil {
		return c.again(result, err)
	}
	return http.StatusCreated, c.acceptedOf(&result.Messages[0].Message, o.template.ID, o.template.Version), nil
}

// again answers a request that came before, with its message as it stands by now: what was taken out of it since is not
// given out again.
func (c *call) again(result *gateway.Result, err error) (int, any, error) {
	if err != nil {
		return 0, nil, err
	}
	var first taken
	if err := json.Unmarshal(result.Replay, &first); err != nil {
		return 0, nil, fmt.Errorf("read what was answered: %w", err)
	}
	m, err := c.Reader.Message(c.ctx(), c.service.Account, first.ID)
	if errors.Is(err, gateway.ErrNotFound) {
		return 0, nil, errNoResult
	}
	if err != nil {
		return 0, nil, err
	}
	c.w.Header().Set("Idempotency-Replayed", "true")
	return http.StatusCreated, c.acceptedOf(&m, first.Template, first.Version), nil
}

// judge answers as if the message were sent.
func (c *call) judge(o *order) (int, any, error) {
	result, err := c.Gateway.Preview(c.ctx(), o.submission, c.Now())
	if err != nil {
		return 0, nil, err
	}
	m := result.Messages[0].Message
	m.ID = sms.BucketOf(c.service.Account).NewID(c.Now())
	return http.StatusCreated, c.acceptedOf(&m, o.template.ID, o.template.Version), nil
}

// tell has the service's address told how the message ends. The message matters more than that: an address that may not be
// called any more is passed over.
func (c *call) tell(s *gateway.Submission) (err error) {
	if c.service.ReceiptsURL == "" {
		return nil
	}
	s.Endpoint, err = c.Report.Own(c.ctx(), c.Log, c.service.Account, c.service.ReceiptsURL, Format, c.service.Name)
	return err
}

func (c *call) acceptedOf(m *sms.Message, id sms.ID, version int) *accepted {
	return &accepted{
		ID: m.ID.String(), Reference: orNull(m.Reference), Content: content{m.Text, string(m.Sender)},
		URI: c.base() + "/v2/notifications/" + m.ID.String(), Template: c.refOf(id.String(), version),
	}
}

func (c *call) refOf(id string, version int) templateRef {
	return templateRef{id, version, c.base() + "/v2/template/" + id + "/version/" + strconv.Itoa(version)}
}

// order reads what is asked for.
func (c *call) order(body map[string]json.RawMessage) (*order, error) {
	f := &fields{body: body}
	phone, id := f.text("phone_number", true), f.id("template_id", true)
	values, reference, sender := f.values("personalisation"), f.text("reference", false), f.id("sms_sender_id", false)
	if len(f.wrong) > 0 {
		return nil, invalid(f.wrong...)
	}
	o := &order{stored: c.key.Kind != kindTest, submission: gateway.Submission{
		Account: c.service.Account, Actor: c.actor(), To: []string{phone}, Class: c.service.Class, Connector: c.service.Connector,
		Reference: reference, Region: c.service.Region,
	}}
	if err := c.recipient(o, phone); err != nil {
		return nil, err
	}
	if err := c.write(o, id, values); err != nil {
		return nil, err
	}
	if sender == "" {
		return o, nil
	}
	named, known := c.service.Senders[sender]
	if !known {
		return nil, bad("sms_sender_id " + sender + " does not exist in database for service id " + c.service.ID)
	}
	o.submission.Sender = named
	return o, nil
}

// recipient looks whether the key may send to a number. What is no number the gateway refuses.
func (c *call) recipient(o *order, phone string) error {
	region := c.service.Region
	if region == "" {
		region = c.Gateway.Region(c.service.Account)
	}
	read, err := number.Every.Parse(phone, region)
	switch {
	case err == nil && slices.Contains(smoke, read.Number):
		o.stored = false
	case c.key.Kind == kindTeam && (err != nil || !slices.Contains(c.key.Guests, read.Number)):
		return bad("Can’t send to this recipient using a team-only API key")
	}
	return nil
}

// write makes the text. Values that no field takes are passed over, as by Notify.
func (c *call) write(o *order, id string, values map[string]string) error {
	t, err := c.findTemplate(c.ctx(), id, 0)
	if err != nil {
		return templateMissing(err)
	}
	filled, used, err := fill(&t, values)
	switch {
	case err != nil:
		return err
	case len(filled.Missing) > 0:
		return missing(filled.Missing)
	case utf8.RuneCountInString(filled.Text) > mostCharacters:
		return bad("Content for template has a character count greater than the limit of " + strconv.Itoa(mostCharacters))
	}
	o.template = t
	o.submission.Template = &template.Use{Template: t.ID, Version: t.Version, Values: used}
	o.submission.Metadata = map[string]string{
		keptService: c.service.ID, keptTemplate: t.ID.String(), keptVersion: strconv.Itoa(t.Version),
	}
	return nil
}

// fill puts values into the text of a template; used are those that it has fields for.
func fill(t *template.Template, values map[string]string) (filled merge.Filled, used map[string]string, err error) {
	parsed, err := merge.Parse(t.Text)
	if err != nil {
		return filled, nil, bad("The template cannot be filled: " + err.Error())
	}
	arranged, _ := parsed.Arrange(values)
	used = map[string]string{}
	for i, field := range parsed.Fields() {
		if arranged[i] != "" {
			used[field.Name] = arranged[i]
		}
	}
	return parsed.Fill(arranged), used, nil
}

func missing(fields []string) error {
	return bad("Missing personalisation: " + strings.Join(fields, ", "))
}

// findTemplate finds a template that may be used; version 0: the present one.
func (c *call) findTemplate(ctx context.Context, id string, version int) (t template.Template, err error) {
	parsed, err := sms.ParseID(id)
	if err != nil {
		return t, template.ErrUnknown // a UUID, and none of ours
	}
	t, err = c.Reader.Template(ctx, c.service.Account, parsed, version)
	if err == nil && !t.ArchivedAt.IsZero() && version == 0 {
		return t, errArchived
	}
	return t, err
}

var errArchived = errors.New("the template was put away")

func templateMissing(err error) error {
	switch {
	case errors.Is(err, template.ErrUnknown):
		return bad("Template not found")
	case errors.Is(err, errArchived):
		return bad("Template has been deleted")
	}
	return err
}

// idempotencyKey is the key against doubles.
func (c *call) idempotencyKey(raw []byte) (*gateway.IdempotencyKey, error) {
	key, err := door.IdempotencyKey(c.r, Format, raw)
	if err != nil {
		return nil, bad(err.Error())
	}
	return key, nil
}

func orNull(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
