package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"relais/api/jsonbody"
	"relais/gateway"
	"relais/reason"
	"relais/sms"
	"relais/template"
)

// SubmitRequest is the body of a submission and of a preview.
type SubmitRequest struct {
	To              Recipients        `json:"to" doc:"one number, or a list of at most 10,000; E.164, or as dialled in the account's country"`
	Kind            string            `json:"kind,omitempty" required:"false" enum:"text,flash,binary" doc:"absent: text; flash: the handset shows it at once, and need not keep it; binary: data for a program of the handset, in the place of a text. Where the connector can"`
	Data            string            `json:"data,omitempty" required:"false" doc:"of kind binary: octets in hexadecimal; 140 in a segment, udh included" example:"dc0601ae"`
	UDH             string            `json:"udh,omitempty" required:"false" doc:"of kind binary: a user data header in hexadecimal, its length first" example:"0605040b8423f0"`
	Text            string            `json:"text,omitempty" required:"false" doc:"at most 10 segments; absent where a template makes it"`
	Template        string            `json:"template,omitempty" required:"false" format:"uuid" doc:"id of a template that makes the text, and gives class and sender where none is named"`
	TemplateVersion int               `json:"template_version,omitempty" required:"false" doc:"of the template; absent: the present one"`
	Values          map[string]string `json:"values,omitempty" required:"false" doc:"of the template's fields, by their names"`
	Sender          string            `json:"sender,omitempty" required:"false" doc:"a name of at most 11 characters, a short code or a number; absent: the account's, else the connector's"`
	Class           string            `json:"class,omitempty" required:"false" enum:"otp,transactional,marketing" doc:"absent: the account's, else transactional"`
	Connector       string            `json:"connector,omitempty" required:"false" doc:"name of a connector; absent: the account's, else the gateway's"`
	Reference       string            `json:"reference,omitempty" required:"false" maxLength:"255" doc:"the caller's own; messages can be searched by it"`
	Metadata        map[string]string `json:"metadata,omitempty" required:"false" doc:"kept with the messages and given back; at most 4096 bytes"`
	SendAt          string            `json:"send_at,omitempty" required:"false" format:"date-time" doc:"not before; absent: at once"`
	ValidFor        string            `json:"valid_for,omitempty" required:"false" example:"15m" doc:"given up after, from send_at; absent: 15m for otp, else 48h"`
	WebhookURL      string            `json:"webhook_url,omitempty" required:"false" doc:"address that gets the events of these messages, beside the webhooks that subscribed; signed with the secret of GET /v1/webhook-secret"`
}

// PreviewRequest is the body of a preview.
type PreviewRequest struct {
	SubmitRequest
	At string `json:"at,omitempty" required:"false" format:"date-time" doc:"the moment at which it would be asked for; absent: now" example:"2026-11-29T21:45:00+01:00"`
}

// Into implements jsonbody.Plain.
func (r *SubmitRequest) Into(key string) any {
	switch key {
	case "to":
		return (*[]string)(&r.To)
	case "kind":
		return &r.Kind
	case "data":
		return &r.Data
	case "udh":
		return &r.UDH
	case "text":
		return &r.Text
	case "template":
		return &r.Template
	case "values":
		return &r.Values
	case "sender":
		return &r.Sender
	case "class":
		return &r.Class
	case "connector":
		return &r.Connector
	case "reference":
		return &r.Reference
	case "metadata":
		return &r.Metadata
	case "send_at":
		return &r.SendAt
	case "valid_for":
		return &r.ValidFor
	case "webhook_url":
		return &r.WebhookURL
	}
	return nil
}

// Recipients is a number or a list of them.
type Recipients []string

// UnmarshalJSON implements json.Unmarshaler.
func (r *Recipients) UnmarshalJSON(b []byte) error {
	switch b[0] {
	case '"':
		var one string
		if err := json.Unmarshal(b, &one); err != nil {
			return err
		}
		*r = Recipients{one}
		return nil
	case '[':
		return r.list(b)
	}
	return &jsonbody.ValueError{Field: "/to", Reason: reason.Of(sayRecipients, nil)}
}

func (r *Recipients) list(b []byte) error {
	var many []string
	if json.Unmarshal(b, &many) == nil && !bytes.Contains(b, []byte("null")) {
		*r = many
		return nil
	}
	var raw []json.RawMessage
	if err := json.Unmarshal(b, &raw); err != nil {
		return err
	}
	for i, value := range raw {
		if value[0] != '"' {
			return &jsonbody.ValueError{
				Field:  fmt.Sprintf("/to/%d", i),
				Reason: reason.Of(sayRecipient, reason.Args{"index": reason.Count(i)}),
			}
		}
	}
	*r = many
	return nil
}

// Schema implements huma.SchemaProvider.
func (r Recipients) Schema(huma.Registry) *huma.Schema {
	one := &huma.Schema{Type: huma.TypeString, Examples: []any{"+33639980001"}}
	ten := 10_000
	return &huma.Schema{
		OneOf:       []*huma.Schema{one, {Type: huma.TypeArray, Items: one, MaxItems: &ten}},
		Description: "one number, or a list of at most 10,000; E.164, or as dialled in the account's country",
	}
}

var (
	submitKeys  = messageKeys(reflect.TypeFor[SubmitRequest]())
	previewKeys = messageKeys(reflect.TypeFor[PreviewRequest]())
)

// messageKeys are the keys of one message, with a hint for a whole batch.
func messageKeys(t reflect.Type) jsonbody.Keys {
	keys := jsonbody.KeysOf(t)
	keys.Hint = func(key string) (why reason.Reason, known bool) {
		return reason.Of(sayFieldBatch, nil), key == "messages"
	}
	return keys
}

// previewOf reads the body of a preview, and when it is asked for; zero: now. The
// error is a *refusal.
func previewOf(body []byte) (s gateway.Submission, webhookURL string, at time.Time, err error) {
	var r PreviewRequest
	if err := decode(body, &r, previewKeys); err != nil {
		return gateway.Submission{}, "", time.Time{}, err
	}
	if r.At != "" {
		var ok bool
		if at, ok = instant(r.At); !ok {
			return s, "", at, refuse(body, "/at", reason.Of(codeAt, nil))
		}
	}
	s, webhookURL, err = r.submission(body)
	return s, webhookURL, at, err
}

// submissionOf reads a body, and the address of the webhook that it names. The
// error is a *refusal.
func submissionOf(body []byte) (s gateway.Submission, webhookURL string, err error) {
	var r SubmitRequest
	if err := decode(body, &r, submitKeys); err != nil {
		return gateway.Submission{}, "", err
	}
	return r.submission(body)
}

func (r *SubmitRequest) submission(body []byte) (s gateway.Submission, webhookURL string, err error) {
	s = gateway.Submission{
		To: r.To, Kind: kindOf(r.Kind), Text: r.Text, Data: r.Data, UDH: r.UDH, Sender: sms.Sender(r.Sender), Class: sms.Class(r.Class),
		Connector: r.Connector,
		Reference: r.Reference, Metadata: r.Metadata,
	}
	if s.Template, err = r.use(body); err != nil {
		return s, "", err
	}
	if r.SendAt != "" {
		var ok bool
		if s.SendAt, ok = instant(r.SendAt); !ok {
			return s, "", refuse(body, "/send_at", reason.Of(codeSendAt, nil))
		}
	}
	if r.ValidFor != "" {
		if s.ValidFor, err = time.ParseDuration(r.ValidFor); err != nil || s.ValidFor == 0 {
			return s, "", refuse(body, "/valid_for", reason.Of(codeValidFor, nil))
		}
	}
	return s, r.WebhookURL, nil
}

// kindOf is the kind that a caller writes; the gateway judges it.
func kindOf(word string) sms.Kind {
	if word == sms.Plain.Word() {
		return sms.Plain
	}
	return sms.Kind(word)
}

// use is the template that a message names; nil: it has a text of its own.
func (r *SubmitRequest) use(body []byte) (*template.Use, error) {
	if r.Template == "" {
		for field, given := range map[string]bool{"/values": r.Values != nil, "/template_version": r.TemplateVersion != 0} {
			if given {
				return nil, refuse(body, field, reason.Of(codeNoTemplate, nil))
			}
		}
		return nil, nil
	}
	id, err := idOf(r.Template, template.ErrUnknown)
	if err != nil {
		return nil, refuse(body, "/template", reason.Of(template.CodeNone, nil))
	}
	if r.TemplateVersion < 0 {
		return nil, refuse(body, "/template_version", reason.Of(template.CodeNone, nil))
	}
	return &template.Use{Template: id, Version: r.TemplateVersion, Values: r.Values}, nil
}
