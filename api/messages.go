package api

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"relais/api/jsonbody"
	"relais/gateway"
	"relais/lane"
	"relais/reason"
	"relais/search"
	"relais/sms"
)

// Message is a message as the API shows it.
type Message struct {
	ID          sms.ID            `json:"id" format:"uuid" doc:"UUIDv7"`
	To          sms.Number        `json:"to" doc:"the recipient, E.164; ~ and 26 characters where a pseudonym stands for it, ~ alone once it was erased" example:"+33639980001"`
	Status      sms.Status        `json:"status" enum:"queued,submitting,uncertain,submitted,delivered,undelivered,expired,rejected,canceled" doc:"where it is in its life"`
	Reason      string            `json:"reason,omitempty" doc:"code of the last event"`
	Class       sms.Class         `json:"class" enum:"otp,transactional,marketing" doc:"decides the order, the validity and the rules that hold"`
	Kind        sms.Kind          `json:"kind,omitempty" enum:"flash,binary" doc:"absent: an ordinary text; flash: the handset shows it at once, and need not keep it; binary: octets for a program"`
	Sender      sms.Sender        `json:"sender,omitempty" doc:"absent: the connector's own"`
	Text        string            `json:"text,omitempty" doc:"absent in the answer to a submission"`
	Data        string            `json:"data,omitempty" doc:"of a binary message, in hexadecimal; absent in the answer to a submission"`
	UDH         string            `json:"udh,omitempty" doc:"its user data header, in hexadecimal"`
	TextRemoved bool              `json:"text_removed,omitempty" doc:"the text is gone, by the account's retention or because the person was erased"`
	Connector   string            `json:"connector" doc:"the instance that sends it" example:"ovh"`
	Encoding    sms.Encoding      `json:"encoding" enum:"gsm7,ucs2,8bit" doc:"alphabet of the text: gsm7 or ucs2; 8bit for octets"`
	Segments    int               `json:"segments" doc:"segments that are billed, STOP clause included"`
	Price       *Price            `json:"price,omitempty" doc:"of all its segments; absent: not known"`
	Attempt     int               `json:"attempt" doc:"calls made to the operator"`
	ProviderID  string            `json:"provider_id,omitempty" doc:"the operator's id"`
	Routes      []string          `json:"routes,omitempty" doc:"connectors that may send it, most wanted first; absent: only the one shown"`
	Receipt     *Receipt          `json:"receipt,omitempty" doc:"the operator's last word"`
	Reference   string            `json:"reference,omitempty" doc:"the caller's own"`
	Metadata    map[string]string `json:"metadata,omitempty" doc:"the caller's own"`
	DueAt       time.Time         `json:"due_at" doc:"not sent before"`
	ExpiresAt   time.Time         `json:"expires_at" doc:"not sent after"`
	CreatedAt   time.Time         `json:"created_at" doc:"when it was accepted"`
	SubmittedAt *time.Time        `json:"submitted_at,omitempty" doc:"when the operator took it"`
	UpdatedAt   time.Time         `json:"updated_at" doc:"when the status last changed"`
}

// Price is an amount of money.
type Price struct {
	Amount   string `json:"amount" doc:"with a point, and as many decimals as it has" example:"0.141"`
	Currency string `json:"currency" doc:"ISO 4217; the one of the whole gateway" example:"EUR"`
}

// Receipt is the operator's last word on a message, verbatim.
type Receipt struct {
	Code string `json:"code" doc:"the operator's, verbatim"`
	Text string `json:"text,omitempty" doc:"the operator's, verbatim"`
}

// Event is a line of a timeline.
type Event struct {
	At      time.Time  `json:"at" doc:"when"`
	Status  sms.Status `json:"status" doc:"the status after it"`
	Actor   sms.Actor  `json:"actor" doc:"who: api:KEY, lane:CONNECTOR, operator:CONNECTOR, gateway"`
	Code    string     `json:"code" doc:"what happened, for programs"`
	Detail  string     `json:"detail,omitempty" doc:"sentence for people, in English or French by Accept-Language"`
	Attempt int        `json:"attempt,omitempty" doc:"the call to the operator that it was about"`

	OperatorCode string `json:"operator_code,omitempty" doc:"the operator's, verbatim"`
	OperatorText string `json:"operator_text,omitempty" doc:"the operator's, verbatim"`
}

// MessageWithTimeline is a message and everything that happened to it.
type MessageWithTimeline struct {
	Message
	Notice    string     `json:"notice,omitempty" doc:"what a person must do before it goes on"`
	Decisions []Decision `json:"decisions" doc:"what was decided when it was accepted, and why"`
	Timeline  []Event    `json:"timeline" doc:"oldest first"`
}

// MessageList is a page of messages, newest first.
type MessageList struct {
	Items []Message `json:"items" doc:"newest first"`
	Next  string    `json:"next,omitempty" doc:"cursor of the next page; absent on the last"`
}

// messageReader finds messages.
type messageReader interface {
	Message(ctx context.Context, account string, id sms.ID) (sms.Message, error)
	Search(ctx context.Context, q search.Query) (found []sms.Message, more bool, err error)
}

// messageGateway changes messages, and knows how their numbers are written.
type messageGateway interface {
	Cancel(ctx context.Context, m sms.Message, actor sms.Actor) error
	Resolve(ctx context.Context, m sms.Message, r lane.Resolution, actor sms.Actor) error
	Region(account string) string
	Currency() string
}

// pseudonyms finds what stands for a number where an account hides old ones.
type pseudonyms interface {
	Pseudonym(ctx context.Context, account string, n sms.Number) sms.Number
}

// messages shows messages, and changes those that wait or are in doubt.
type messages struct {
	failures
	timelines *timelines
	reader    messageReader
	gateway   messageGateway
	hidden    pseudonyms
}

func (h *messages) register(r *router) {
	huma.Register(r.api, huma.Operation{
		OperationID: "message", Method: http.MethodGet, Path: "/v1/messages/{id}", Tags: []string{"messages"},
		Summary:   "A message with its timeline",
		Responses: r.answers(http.StatusOK, MessageWithTimeline{}, 404),
	}, h.show)
	huma.Register(r.api, huma.Operation{
		OperationID: "messages", Method: http.MethodGet, Path: "/v1/messages", Tags: []string{"messages"},
		Summary: "Search messages, newest first", Responses: r.answers(http.StatusOK, MessageList{}),
	}, h.search)
	huma.Register(r.api, huma.Operation{
		OperationID: "cancel", Method: http.MethodPost, Path: "/v1/messages/{id}/cancel",
		Tags:        []string{"messages"},
		Summary:     "Cancel a message that waits",
		Description: "Only a queued message can be canceled; later it may already be at the operator.",
		Responses:   r.answers(http.StatusOK, MessageWithTimeline{}, 404, 409),
	}, h.cancel)
	h.registerResolve(r)
}

type idInput struct {
	Languages string `header:"Accept-Language" doc:"fr gives sentences for people in French"`
	ID        string `path:"id" doc:"the message's id"`
}

type messageOutput struct{ Body *MessageWithTimeline }

func (h *messages) show(ctx context.Context, in *idInput) (*messageOutput, error) {
	m, err := h.find(ctx, in.ID)
	if err != nil {
		return nil, h.unread(err)
	}
	return h.timelines.with(ctx, m, in.Languages)
}

func (h *messages) find(ctx context.Context, text string) (sms.Message, error) {
	id, err := sms.ParseID(text)
	if err != nil {
		return sms.Message{}, gateway.ErrNotFound // what is no id of ours names no message
	}
	return h.reader.Message(ctx, callerOf(ctx).Account, id)
}

func isConflict(err error) bool {
	e, ok := errors.AsType[*gateway.Error](err)
	return ok && e.Kind == gateway.Conflict
}

func (h *messages) cancel(ctx context.Context, in *idInput) (*messageOutput, error) {
	const most = 3 // a lane had it since it was read, and put it back
	for tries := 1; ; tries++ {
		m, err := h.find(ctx, in.ID)
		if err != nil {
			return nil, h.unread(err)
		}
		err = h.gateway.Cancel(ctx, m, callerOf(ctx).Actor())
		if err == nil {
			return h.show(ctx, in)
		}
		conflict := m.Status == sms.Queued && isConflict(err)
		if !conflict || tries == most {
			return nil, h.fail(err, nil)
		}
	}
}

// ResolveRequest is the body of POST /v1/messages/{id}/resolve.
type ResolveRequest struct {
	Outcome lane.Resolution `json:"outcome" enum:"taken,not_taken,given_up" doc:"taken: the operator has it, and its receipt may come; not_taken: it is sent again; given_up: it ends"`
}

func (h *messages) registerResolve(r *router) {
	body := &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{}}
	huma.Register(r.api, huma.Operation{
		OperationID: "resolve", Method: http.MethodPost, Path: "/v1/messages/{id}/resolve",
		Tags:    []string{"messages"},
		Summary: "Decide what became of a message in doubt",
		Description: "For a person who has looked at the operator's side. Only an uncertain message can be " +
			"resolved; not_taken sends it again, so that a mistake makes two texts.",
		MaxBodyBytes: maxBody + 1, BodyReadTimeout: bodyTimeout, SkipValidateBody: true, RequestBody: body,
		Responses: r.answers(http.StatusOK, MessageWithTimeline{}, 400, 404, 408, 409, 413, 415),
	}, h.resolve)
	r.describe(body, ResolveRequest{}, map[string]any{"outcome": "taken"})
}

type resolveInput struct {
	Languages string `header:"Accept-Language" doc:"fr gives sentences for people in French"`
	ID        string `path:"id" doc:"the message's id"`
	RawBody   []byte `contentType:"application/json"`
}

var resolveKeys = jsonbody.KeysOf(reflect.TypeFor[ResolveRequest]())

func (h *messages) resolve(ctx context.Context, in *resolveInput) (*messageOutput, error) {
	var r ResolveRequest
	if err := decode(in.RawBody, &r, resolveKeys); err != nil {
		return nil, h.fail(err, in.RawBody)
	}
	m, err := h.find(ctx, in.ID)
	if err != nil {
		return nil, h.unread(err)
	}
	if err := h.gateway.Resolve(ctx, m, r.Outcome, callerOf(ctx).Actor()); err != nil {
		return nil, h.fail(err, in.RawBody)
	}
	return h.show(ctx, &idInput{ID: in.ID, Languages: in.Languages})
}

type searchInput struct {
	To        string     `query:"to" doc:"a number, written as in a submission"`
	Status    sms.Status `query:"status" enum:"queued,submitting,uncertain,submitted,delivered,undelivered,expired,rejected,canceled" doc:"messages with this status alone"`
	Class     sms.Class  `query:"class" enum:"otp,transactional,marketing" doc:"messages of this class alone"`
	Connector string     `query:"connector" doc:"messages of this connector alone"`
	Reference string     `query:"reference" doc:"the caller's own, whole"`
	Metadata  string     `query:"metadata" doc:"one key of the metadata and its value, key:value, or without doubt as JSON; since bounds the time that it takes" example:"counter:appointments"`
	Since     time.Time  `query:"since" doc:"accepted at this time or later"`
	Until     time.Time  `query:"until" doc:"accepted before this time"`
	Limit     int        `query:"limit" minimum:"1" maximum:"1000" default:"100" doc:"most entries of a page"`
	Cursor    string     `query:"cursor" doc:"the next of the page before"`
}

type searchOutput struct{ Body *MessageList }

func (h *messages) search(ctx context.Context, in *searchInput) (*searchOutput, error) {
	account := callerOf(ctx).Account
	q := search.Query{
		Account: account, Status: in.Status, Class: in.Class, Connector: in.Connector,
		Reference: in.Reference,
		Since:     in.Since, Until: in.Until, Limit: in.Limit,
	}
	var err error
	if in.To != "" {
		if q.To, err = handset("to", in.To, h.gateway.Region(account)); err != nil {
			return nil, err
		}
		q.Hidden = h.hidden.Pseudonym(ctx, account, q.To)
	}
	if in.Metadata != "" {
		var ok bool
		if q.Metadata, ok = search.ParseMetadata(in.Metadata); !ok {
			return nil, badParameter("metadata", reason.Of(sayKeyValue, nil))
		}
	}
	if in.Cursor != "" {
		if q.Before, err = sms.ParseRef(in.Cursor); err != nil {
			return nil, badCursor()
		}
	}
	found, more, err := h.reader.Search(ctx, q)
	if err != nil {
		return nil, h.unread(err)
	}
	list := &MessageList{Items: make([]Message, len(found))}
	for i := range found {
		list.Items[i] = messageOf(&found[i], h.gateway.Currency())
	}
	if more {
		list.Next = found[len(found)-1].ID.Ref()
	}
	return &searchOutput{list}, nil
}

// priceOf shows an amount; 0 means that it is not known.
func priceOf(m sms.Money, currency string) *Price {
	if m == 0 {
		return nil
	}
	return &Price{Amount: m.String(), Currency: currency}
}

// messageOf shows a message of a gateway that counts in a currency.
func messageOf(m *sms.Message, currency string) Message {
	shown := Message{
		ID: m.ID, To: m.To, Status: m.Status, Reason: m.Reason, Class: m.Class, Kind: m.Kind,
		Sender: m.Sender, Text: m.Text,
		TextRemoved: m.Text == "",
		Connector:   m.Connector, Encoding: m.Encoding, Segments: m.Segments,
		Price:      priceOf(m.Price, currency),
		Attempt:    m.Attempt,
		ProviderID: m.ProviderID, Routes: m.Routes, Reference: m.Reference, Metadata: m.Metadata,
		DueAt: m.DueAt.UTC(), ExpiresAt: m.ExpiresAt.UTC(), CreatedAt: m.AcceptedAt.UTC(),
		UpdatedAt: m.UpdatedAt.UTC(),
	}
	if m.Kind == sms.Binary {
		shown.UDH, shown.Data, _ = strings.Cut(m.Text, ":")
		shown.Text = ""
	}
	if m.OperatorCode != "" || m.OperatorText != "" {
		shown.Receipt = &Receipt{Code: m.OperatorCode, Text: m.OperatorText}
	}
	if !m.SubmittedAt.IsZero() {
		at := m.SubmittedAt.UTC()
		shown.SubmittedAt = &at
	}
	return shown
}
