package jasmin

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"relais/door"
	"relais/gateway"
	"relais/gsm"
	"relais/sms"
)

// What a message keeps of its request, in its metadata.
const (
	keptUser   = "jasmin-user"
	keptTags   = "jasmin-tags"
	keptURL    = "jasmin-dlr-url"
	keptLevel  = "jasmin-dlr-level"
	keptMethod = "jasmin-dlr-method"
)

// Codings of a text (SMPP 3.4, 5.2.19): that of the operator, which Relais chooses by the text itself, and UTF-16BE.
const (
	codingDefault = "0"
	codingUCS2    = "8"
)

// urgent is the highest priority.
const urgent = "3"

// taken is what is kept of an answer, for when the same key comes again: nothing of a person's.
type taken struct {
	ID sms.ID `json:"id"`
}

// send takes one message. Once it is on disk the answer is 200, whatever happens. The key is looked at before all that depends on
// the moment: what was taken is not refused when it comes again, or clients would send anew.
func (c *call) send() (*answer, error) {
	a, err := c.arguments()
	if err != nil {
		return nil, err
	}
	key, err := c.idempotencyKey(a.hashed())
	if err != nil {
		return nil, err
	}
	result, err := c.Gateway.Repeated(c.ctx(), c.user.Account, key)
	if err == nil && result == nil {
		result, err = c.submit(a, key)
	}
	if err != nil {
		return nil, err
	}
	if result.Replay == nil {
		return success(result.Messages[0].ID, false), nil
	}
	var first taken
	if err := json.Unmarshal(result.Replay, &first); err != nil {
		return nil, fmt.Errorf("read what was answered: %w", err)
	}
	return success(first.ID, true), nil
}

func success(id sms.ID, replayed bool) *answer {
	said := `Success "` + id.String() + `"`
	return &answer{text: said, value: said, replayed: replayed}
}

func (c *call) submit(a *args, key *gateway.IdempotencyKey) (*gateway.Result, error) {
	s, err := c.submission(a)
	if err != nil {
		return nil, err
	}
	s.Key = key
	return c.Gateway.Submit(c.ctx(), s, func(r *gateway.Result) ([]byte, error) { return json.Marshal(taken{r.Messages[0].ID}) })
}

// arguments are those of the request. In the REST API they are an object, or the query of a question.
func (c *call) arguments() (*args, error) {
	if c.form != asREST {
		return c.args, nil
	}
	body, err := c.readBody()
	if err != nil {
		return nil, err
	}
	a := &args{values: map[string]string{}, plain: true}
	if len(body) > 0 || c.r.Method == http.MethodPost {
		err = a.addJSON(body)
	} else {
		a.plain = false
		err = a.addForm(c.r.URL.RawQuery)
	}
	delete(a.values, "username") // the login counts
	delete(a.values, "password")
	return a, err
}

// hashed is what makes one request another one.
func (a *args) hashed() []byte {
	values := url.Values{}
	for name, value := range a.values {
		values.Set(name, value)
	}
	return []byte(values.Encode())
}

// idempotencyKey is the key against doubles.
func (c *call) idempotencyKey(request []byte) (*gateway.IdempotencyKey, error) {
	key, err := door.IdempotencyKey(c.r, Format, request)
	if err != nil {
		return nil, bad(err.Error())
	}
	if key != nil { // two users of one account do not know of each other
		key.Request = sha256.Sum256(append(key.Request[:], c.name...))
	}
	return key, nil
}

// submission translates the arguments of one message.
func (c *call) submission(a *args) (gateway.Submission, error) {
	s := gateway.Submission{
		Account: c.user.Account, Actor: c.caller.Actor, Within: c.caller.Within, Sender: c.user.Sender, Class: c.user.Class, Connector: c.user.Connector,
		Metadata: map[string]string{keptUser: c.name},
	}
	if err := a.check(ofSend, "to"); err != nil {
		return s, err
	}
	for _, read := range []func(*call, *args, *gateway.Submission) error{(*call).content, (*call).times, (*call).report} {
		if err := read(c, a, &s); err != nil {
			return s, err
		}
	}
	if a.values["custom_tlvs"] != "" {
		return s, invalid("custom_tlvs", "…", "Parameters of SMPP cannot be sent by this door.")
	}
	if from := a.values["from"]; from != "" {
		s.Sender = sms.Sender(from)
	}
	if a.values["priority"] == urgent && c.user.UrgentClass != "" {
		s.Class = c.user.UrgentClass
	}
	if tags := a.values["tags"]; tags != "" {
		s.Metadata[keptTags] = tags
	}
	s.To = []string{international(a.values["to"])}
	return s, nil
}

// international puts the + before digits that begin with the country code: Jasmin hands numbers on as they are, and operators want
// them so.
func international(number string) string {
	if strings.HasPrefix(number, "+") || strings.HasPrefix(number, "0") {
		return number
	}
	return "+" + number
}

// content reads the text.
func (c *call) content(a *args, s *gateway.Submission) (err error) {
	content, plain := a.values["content"]
	octets, hexed := a.values["hex-content"]
	coding := a.values["coding"]
	if coding == "" {
		coding = codingDefault
	}
	switch {
	case !plain && !hexed:
		return bad("content or hex-content not present.")
	case plain && hexed:
		return bad("content and hex-content cannot be used both in same request.")
	case coding != codingDefault && coding != codingUCS2:
		return invalid("coding", coding, "Want 0, or 8 with UTF-16BE.")
	case hexed && coding != codingUCS2:
		return invalid("hex-content", octets, "Octets can only be UTF-16BE, with coding 8.")
	case hexed:
		raw, err := hex.DecodeString(octets)
		if err != nil {
			return bad("Invalid hex-content data: '" + shown(octets) + "'")
		}
		s.Text, err = utf16Text(raw)
		return err
	case coding == codingUCS2 && !a.plain:
		s.Text, err = utf16Text([]byte(content))
		return err
	case !utf8.ValidString(content):
		return invalid("content", "…", "Want UTF-8, or UTF-16BE with coding 8.")
	}
	s.Text = content
	return nil
}

// utf16Text reads UTF-16BE.
func utf16Text(raw []byte) (string, error) {
	text, err := gsm.DecodeUCS2(raw)
	if err != nil || !bytes.Equal(gsm.EncodeUCS2(text), raw) {
		return "", invalid("content", "…", "With coding 8 want UTF-16BE: two octets, or four, for each character.")
	}
	return text, nil
}

// times reads when the message is to leave, and for how long it counts.
func (c *call) times(a *args, s *gateway.Submission) error {
	if text := a.values["sdt"]; text != "" {
		at, ok := sdtOf(text, c.Now())
		if !ok {
			return invalid("sdt", text, "There is no such moment.")
		}
		s.SendAt = at
	}
	if text := a.values["validity-period"]; text != "" {
		minutes, err := strconv.ParseUint(text, 10, 24)
		if err != nil || minutes == 0 {
			return invalid("validity-period", text, "Want minutes, from 1 on.")
		}
		s.ValidFor = time.Duration(minutes) * time.Minute
	}
	return nil
}

// report reads what the client wants to hear of the message. Without an address it hears nothing (documented: JAS).
func (c *call) report(a *args, s *gateway.Submission) error {
	address := a.values["dlr-url"]
	if address == "" {
		return nil
	}
	if !exactAddress(address) {
		return invalid("dlr-url", "…", "Want http:// or https://, a host and no user name, with escapes where a character needs one.")
	}
	if err := c.CheckURL(address); err != nil {
		return err
	}
	kept := map[string]string{keptURL: address, keptLevel: a.values["dlr-level"], keptMethod: strings.ToUpper(a.values["dlr-method"])}
	if kept[keptLevel] == "" {
		kept[keptLevel] = "1"
	}
	if kept[keptMethod] == "" {
		kept[keptMethod] = http.MethodPost
	}
	maps.Copy(s.Metadata, kept)
	s.Report = func(ctx context.Context) (sms.ID, error) {
		return c.Report(ctx, s.Account, door.HostOf(address), Format)
	}
	return nil
}
