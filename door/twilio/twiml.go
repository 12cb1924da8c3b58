package twilio

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"
	"time"

	"relais/charset"
	"relais/gateway"
	"relais/inbox"
	"relais/search"
	"relais/sms"
	"relais/webhook"
)

// Bounds of what is sent back: the messages of one answer; those to one person in 24 hours, so that two machines do not
// answer each other for ever; and the age of a reply, for an event may be told again for a month, and the key that keeps a
// text from going twice is forgotten after a week.
const (
	mostReplies = 10
	mostADay    = 20
	oldestReply = 6 * 24 * time.Hour
)

// twiml is the answer to a reply (documented: TwiML for messaging). Message was called Sms before.
type twiml struct {
	XMLName xml.Name `xml:"Response"`
	Verbs   []verb   `xml:",any"`
}

type verb struct {
	XMLName xml.Name
	To      string     `xml:"to,attr"`
	From    string     `xml:"from,attr"`
	Text    string     `xml:",chardata"`
	Body    []string   `xml:"Body"`
	Media   []struct{} `xml:"Media"`
}

var errTwiML = errors.New("the answer is no TwiML")

// parseTwiML reads an answer. An empty one asks for nothing.
func parseTwiML(answer []byte) ([]verb, error) {
	if len(bytes.TrimSpace(answer)) == 0 {
		return nil, nil
	}
	decoder := xml.NewDecoder(bytes.NewReader(answer))
	decoder.CharsetReader = latin
	var t twiml
	if err := decoder.Decode(&t); err != nil || !ended(decoder) {
		return nil, errTwiML
	}
	return t.Verbs, nil
}

// latin reads the charsets other than UTF-8 in which programs write: Latin-1 and what is called so.
func latin(label string, answer io.Reader) (io.Reader, error) {
	if !slices.Contains([]string{"iso-8859-1", "latin1", "latin-1", "windows-1252", "cp1252", "us-ascii"}, strings.ToLower(label)) {
		return nil, errTwiML
	}
	raw, err := io.ReadAll(answer)
	if err != nil {
		return nil, err
	}
	text, ok := charset.Windows1252(raw)
	if !ok {
		return nil, errTwiML
	}
	return strings.NewReader(text), nil
}

// ended reports whether nothing stands behind the root but what may stand there (XML 1.0, 2.1: Misc).
func ended(decoder *xml.Decoder) bool {
	for {
		token, err := decoder.Token()
		if err != nil {
			return errors.Is(err, io.EOF)
		}
		switch behind := token.(type) {
		case xml.Comment, xml.ProcInst:
		case xml.CharData:
			if len(bytes.TrimSpace(behind)) > 0 {
				return false
			}
		default:
			return false
		}
	}
}

// back is a text that is sent back.
type back struct {
	text   string
	sender sms.Sender // empty: that of the account
}

// texts are what is sent back, and the kinds of what is not.
func texts(verbs []verb, in *inbox.InboundData) (send []back, ignored []string) {
	for _, v := range verbs {
		text := strings.TrimSpace(v.Text + strings.Join(v.Body, "\n"))
		switch name := v.XMLName.Local; {
		case name != "Message" && name != "Sms":
			ignored = append(ignored, "verb")
		case v.To != "" && v.To != string(in.From):
			ignored = append(ignored, "message to somebody else")
		case v.From != "" && v.From != string(in.To):
			ignored = append(ignored, "message from another sender")
		case text == "":
			ignored = append(ignored, "message without a text")
		case len(send) == mostReplies:
			ignored = append(ignored, "more than ten messages")
		default:
			send = append(send, back{text, sms.Sender(v.From)})
		}
		if len(v.Media) > 0 {
			ignored = append(ignored, "media")
		}
	}
	return send, ignored
}

// replyFor is how long the answer to a reply may take to be stored.
const replyFor = 30 * time.Second

// Taken implements webhook.Judge: the TwiML of an answer to a reply is sent, once however often the reply is told.
func (f Callbacks) Taken(event *webhook.Event, answer []byte, now time.Time) error {
	if event.Type != webhook.InboundReceived {
		return nil
	}
	var in inbox.InboundData
	if err := json.Unmarshal(event.Data, &in); err != nil {
		return errEvent
	}
	verbs, err := parseTwiML(answer)
	if err != nil {
		f.Log.Warn("the answer to a reply is no TwiML: nothing is sent", "door", Format, "event", event.ID())
		return nil
	}
	send, ignored := texts(verbs, &in)
	if len(ignored) > 0 {
		f.Log.Warn("a part of the answer to a reply is not sent", "door", Format, "event", event.ID(), "parts", ignored)
	}
	if in.Intent == inbox.IntentStop || in.Intent == inbox.IntentUnsure {
		return nil // whoever says STOP gets no answer but that of the account
	}
	if len(send) == 0 {
		return nil
	}
	if now.Sub(in.ID.Time()) > oldestReply {
		f.Log.Warn("the answer to a reply is not sent: the reply is older than six days", "door", Format, "event", event.ID())
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), replyFor)
	defer cancel()
	room, err := f.room(ctx, event, &in, now)
	if err != nil {
		return errLater
	}
	if len(send) > room {
		f.Log.Warn("a part of the answer to a reply is not sent: the person got 20 texts in 24 hours", "door", Format, "event", event.ID())
		send = send[:room]
	}
	for i, one := range send {
		if err := f.sendBack(ctx, event, &in, i, one); err != nil {
			return err
		}
	}
	return nil
}

// room is how many texts may answer a reply: those that answered other replies of the person count.
func (f Callbacks) room(ctx context.Context, event *webhook.Event, in *inbox.InboundData, now time.Time) (int, error) {
	sent, _, err := f.Reader.Search(ctx, search.Query{
		Account: event.Account, To: in.From, Reference: keptReply, Since: now.Add(-24 * time.Hour), Limit: mostADay + mostReplies,
	})
	if err != nil {
		return 0, err
	}
	room := mostADay
	for i := range sent {
		if sent[i].Metadata[keptReply] != in.ID.String() {
			room--
		}
	}
	return max(room, 0), nil
}

var errLater = errors.New("the text of the answer cannot be stored at the moment")

// longestWait is how long a text waits for a quota: meanwhile the program is told of the reply again and again.
const longestWait = time.Hour

// sendBack stores one text of an answer. One that will not be taken soon is logged.
func (f Callbacks) sendBack(ctx context.Context, event *webhook.Event, in *inbox.InboundData, n int, one back) error {
	account := f.byAccount[event.Account]
	if account == nil {
		return errAccount
	}
	_, err := f.Gateway.Submit(ctx, gateway.Submission{
		Account: event.Account, Actor: sms.DoorActor(Format, account.Name), To: []string{string(in.From)}, Text: one.text,
		Sender: one.sender, Class: sms.Transactional, Connector: in.Connector, Reference: keptReply, Metadata: map[string]string{keptReply: in.ID.String()},
		Key: &gateway.IdempotencyKey{Key: "twilio-reply:" + in.ID.String() + ":" + decimal(n)},
	}, func(*gateway.Result) ([]byte, error) { return []byte("{}"), nil })
	e, refused := asGatewayError(err)
	switch {
	case err == nil:
		return nil
	case refused && (e.Kind == gateway.Invalid || e.Kind == gateway.Conflict ||
		e.Is(gateway.CodeQuotaExceeded) && e.RetryAfter > longestWait):
		f.Log.Warn("the text of an answer is not sent", "door", Format, "event", event.ID(), "code", e.Code.Wire())
		return nil
	}
	return errLater
}

func asGatewayError(err error) (*gateway.Error, bool) { return errors.AsType[*gateway.Error](err) }
