package twilio

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"time"

	"relais/gateway"
	"relais/inbox"
	"relais/sms"
	"relais/webhook"
)

// mostReplies bounds the messages of one answer.
const mostReplies = 10

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
	var t twiml
	if err := decoder.Decode(&t); err != nil {
		return nil, errTwiML
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errTwiML // something stands behind the end
	}
	return t.Verbs, nil
}

// texts are what is sent back, and the kinds of what is not.
func texts(verbs []verb, in *inbox.InboundData) (send, ignored []string) {
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
			send = append(send, text)
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
func (f Callbacks) Taken(event *webhook.Event, answer []byte, _ time.Time) error {
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
	ctx, cancel := context.WithTimeout(context.Background(), replyFor)
	defer cancel()
	for i, text := range send {
		if err := f.sendBack(ctx, event, &in, i, text); err != nil {
			return err
		}
	}
	return nil
}

var errLater = errors.New("the text of the answer cannot be stored at the moment")

// sendBack stores one text of an answer. One that will never be taken is logged.
func (f Callbacks) sendBack(ctx context.Context, event *webhook.Event, in *inbox.InboundData, n int, text string) error {
	account := f.byAccount[event.Account]
	if account == nil {
		return errAccount
	}
	_, err := f.Gateway.Submit(ctx, gateway.Submission{
		Account: event.Account, Actor: sms.DoorActor(Format, account.Name), To: []string{string(in.From)}, Text: text,
		Class: sms.Transactional, Connector: in.Connector, Metadata: map[string]string{keptReply: in.ID.String()},
		Key: &gateway.IdempotencyKey{Key: "twilio-reply:" + in.ID.String() + ":" + decimal(n)},
	}, func(*gateway.Result) ([]byte, error) { return []byte("{}"), nil })
	e, refused := asGatewayError(err)
	switch {
	case err == nil:
		return nil
	case refused && (e.Kind == gateway.Invalid || e.Kind == gateway.Conflict):
		f.Log.Warn("the text of an answer is not sent", "door", Format, "event", event.ID(), "code", e.Code.Wire())
		return nil
	}
	return errLater
}

func asGatewayError(err error) (*gateway.Error, bool) { return errors.AsType[*gateway.Error](err) }
