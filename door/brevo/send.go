package brevo

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"relais/door"
	"relais/gateway"
	"relais/sms"
)

// What a message keeps of its request, in its metadata.
const (
	keptSection = "brevo-section"
	keptURL     = "brevo-url"  // that its events go to; it has none where that is the section's
	keptTags    = "brevo-tags" // a list in JSON
)

// answer is what a client gets for a message (documented: BRV, BRN).
type answer struct {
	Reference string   `json:"reference"`
	ID        int64    `json:"messageId,omitempty"`
	Parts     int      `json:"smsCount"`
	Used      int      `json:"usedCredits"`
	Left      *float64 `json:"remainingCredits,omitempty"`
}

// taken is what is kept of an answer, for when the same request comes again: nothing of a person's.
type taken struct {
	ID    sms.ID `json:"id"`
	Parts int    `json:"parts"`
}

// send takes one message. Once it is on disk the answer is 201, whatever happens. Repeats are looked for before all that depends
// on the moment: what was taken is not refused when it comes again, or clients would send anew.
func (c *call) send() (int, any, error) {
	t, err := c.take()
	if err != nil {
		return 0, nil, err
	}
	return http.StatusCreated, answer{t.ID.String(), c.number(t.ID), t.Parts, t.Parts, c.credit()}, nil
}

// sendAsync is the twin that tells less (documented: BRN).
func (c *call) sendAsync() (int, any, error) {
	t, err := c.take()
	if err != nil {
		return 0, nil, err
	}
	return http.StatusCreated, struct {
		ID int64 `json:"messageId,omitempty"`
	}{c.number(t.ID)}, nil
}

// number is the id of a message as clients know it; 0, which no answer shows: it cannot be read. The message is on disk: a failure
// does not make the answer a no, for the client would send anew.
func (c *call) number(id sms.ID) int64 {
	numbered, err := c.Reader.OVHNumbers(context.WithoutCancel(c.ctx()), c.account.Account, []sms.ID{id})
	if err != nil || len(numbered) != 1 {
		c.Log.Error("a message was accepted, and its number cannot be given", "door", Format, "message", id.String(), "error", err)
		return 0
	}
	return numbered[0].Number
}

func (c *call) take() (*taken, error) {
	b, err := c.readBody()
	if err != nil {
		return nil, err
	}
	keys, err := c.keys(b)
	if err != nil {
		return nil, err
	}
	var result *gateway.Result
	for _, key := range keys {
		if result, err = c.Gateway.Repeated(c.ctx(), c.account.Account, key); err != nil {
			return nil, err
		}
		if result != nil {
			break
		}
	}
	if result == nil {
		if result, err = c.submit(b, keys); err != nil {
			return nil, err
		}
	}
	if result.Replay == nil {
		return &taken{result.Messages[0].ID, result.Messages[0].Segments}, nil
	}
	first := &taken{}
	if err := json.Unmarshal(result.Replay, first); err != nil {
		return nil, fmt.Errorf("read what was answered: %w", err)
	}
	c.w.Header().Set("Idempotency-Replayed", "true")
	return first, nil
}

// keys are those by which a repeat is found, the one to store by as the last: that of the header, or those of the span.
func (c *call) keys(b *body) ([]*gateway.IdempotencyKey, error) {
	key, err := door.IdempotencyKey(c.r, Format+"\n"+string(c.caller.Actor), b.raw)
	switch {
	case err != nil:
		return nil, invalid(err.Error())
	case key != nil:
		return []*gateway.IdempotencyKey{key}, nil
	case c.account.RepeatsWithin == 0:
		return nil, nil
	}
	return door.SpanKeys(Format, string(c.caller.Actor), b.raw, c.account.RepeatsWithin, c.Now()), nil
}

// submit gives a message to the gateway.
func (c *call) submit(b *body, keys []*gateway.IdempotencyKey) (*gateway.Result, error) {
	s, err := c.submission(b)
	if err != nil {
		return nil, err
	}
	if len(keys) > 0 {
		s.Key = keys[len(keys)-1]
	}
	result, err := c.Gateway.Submit(c.ctx(), s, func(r *gateway.Result) ([]byte, error) {
		return json.Marshal(taken{r.Messages[0].ID, r.Messages[0].Segments})
	})
	return result, wrongAddress(err)
}

// known are the fields that do something here, or are refused; params is for templates alone (documented: BRN).
var known = []string{
	"sender", "recipient", "content", "type", "tag", "webUrl", "unicodeEnabled", "organisationPrefix", "templateId", "params",
}

// submission translates a request.
func (c *call) submission(b *body) (gateway.Submission, error) {
	s := gateway.Submission{
		Account: c.account.Account, Actor: c.caller.Actor, Within: c.caller.Within, Connector: c.account.Connector,
		Metadata: map[string]string{keptSection: c.account.Name}, Notes: door.Ignored(b.others(known)),
	}
	for _, read := range []func(*call, *body, *gateway.Submission) error{people, text, class, tags, (*call).callbacks} {
		if err := read(c, b, &s); err != nil {
			return s, err
		}
	}
	return s, nil
}

// international is a number with its country code (documented: BRN, 6 to 15 digits, a plus or none).
var international = regexp.MustCompile(`^\+?([1-9][0-9]{5,14})$`)

func people(_ *call, b *body, s *gateway.Submission) error {
	from, err := b.required("sender")
	if err != nil {
		return err
	}
	to, err := b.required("recipient")
	if err != nil {
		return err
	}
	read := international.FindStringSubmatch(to)
	if read == nil {
		return invalid("Invalid telephone number: want 6 to 15 digits, the country code first")
	}
	s.Sender, s.To = sms.Sender(from), []string{"+" + read[1]}
	return nil
}

// text reads the content, behind the prefix (documented: BRV). unicodeEnabled asks for an alphabet: the text goes in the one that
// it needs, which the account's rules decide.
func text(_ *call, b *body, s *gateway.Submission) error {
	if b.has("templateId") {
		return invalid("templateId cannot be honoured: send the content")
	}
	content, err := b.required("content")
	if err != nil {
		return err
	}
	organisation, err := b.text("organisationPrefix")
	if err != nil {
		return err
	}
	if _, _, err := b.flag("unicodeEnabled"); err != nil {
		return err
	}
	if strings.Contains(content, "[STOP_CODE]") {
		return invalid("[STOP_CODE] cannot be honoured: the rules of advertising put the STOP clause behind the text")
	}
	s.Text = content
	if organisation != "" {
		s.Text = organisation + " " + content
	}
	return nil
}

func class(_ *call, b *body, s *gateway.Submission) error {
	kind, err := b.text("type")
	if err != nil {
		return err
	}
	switch kind {
	case "", "transactional":
		s.Class = sms.Transactional
	case "marketing":
		s.Class = sms.Marketing
	default:
		return invalid("type should be transactional or marketing")
	}
	return nil
}

func tags(_ *call, b *body, s *gateway.Submission) error {
	all, err := b.tags()
	if err != nil || len(all) == 0 {
		return err
	}
	list, err := json.Marshal(all)
	if err != nil {
		return fmt.Errorf("keep tags: %w", err)
	}
	s.Reference, s.Metadata[keptTags] = all[0], string(list)
	return nil
}

// callbacks reads where the events of the message go.
func (c *call) callbacks(b *body, s *gateway.Submission) error {
	address, err := b.text("webUrl")
	if err != nil {
		return err
	}
	switch {
	case address != "":
		if err := c.CheckURL(address); err != nil {
			return wrongAddress(err)
		}
		s.Metadata[keptURL] = address
		s.Report = func(ctx context.Context) (sms.ID, error) {
			return c.Report(ctx, c.account.Account, door.HostOf(address), Format)
		}
	case c.account.EventsURL != "":
		s.Report = func(ctx context.Context) (sms.ID, error) {
			return c.Report.Own(ctx, c.Log, c.account.Account, c.account.EventsURL, Format, c.account.Name)
		}
	}
	return nil
}

func wrongAddress(err error) error {
	return door.Uncalled(err, func(why string) error { return invalid("webUrl: " + why) })
}
