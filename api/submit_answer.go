package api

import (
	"time"

	"relais/gateway"
	"relais/sms"
)

// Message is a message as the API shows it.
type Message struct {
	ID          sms.ID            `json:"id" format:"uuid" doc:"UUIDv7"`
	To          sms.Number        `json:"to" doc:"the recipient, E.164; ~ and 26 characters where a pseudonym stands for it, ~ alone once it was erased" example:"+33639980001"`
	Status      sms.Status        `json:"status" enum:"queued,submitting,uncertain,submitted,delivered,undelivered,expired,rejected,canceled"`
	Reason      string            `json:"reason,omitempty" doc:"code of the last event"`
	Class       sms.Class         `json:"class" enum:"otp,transactional,marketing"`
	Sender      sms.Sender        `json:"sender,omitempty" doc:"absent: the connector's own"`
	Text        string            `json:"text,omitempty" doc:"absent in the answer to a submission"`
	TextRemoved bool              `json:"text_removed,omitempty" doc:"the text is gone, by the account's retention or because the person was erased"`
	Connector   string            `json:"connector" doc:"the instance that sends it" example:"ovh"`
	Encoding    sms.Encoding      `json:"encoding" enum:"gsm7,ucs2"`
	Segments    int               `json:"segments" doc:"segments that are billed, STOP clause included"`
	Price       *Price            `json:"price,omitempty" doc:"of all its segments; absent: not known"`
	Attempt     int               `json:"attempt" doc:"calls made to the operator"`
	ProviderID  string            `json:"provider_id,omitempty" doc:"the operator's id"`
	Routes      []string          `json:"routes,omitempty" doc:"connectors that may send it, most wanted first; absent: only the one shown"`
	Receipt     *Receipt          `json:"receipt,omitempty" doc:"the operator's last word"`
	Reference   string            `json:"reference,omitempty" doc:"the caller's own"`
	Metadata    map[string]string `json:"metadata,omitempty"`
	DueAt       time.Time         `json:"due_at" doc:"not sent before"`
	ExpiresAt   time.Time         `json:"expires_at" doc:"not sent after"`
	CreatedAt   time.Time         `json:"created_at"`
	SubmittedAt *time.Time        `json:"submitted_at,omitempty" doc:"when the operator took it"`
	UpdatedAt   time.Time         `json:"updated_at"`
}

// Price is an amount of money.
type Price struct {
	Amount   string `json:"amount" doc:"with a point, and as many decimals as it has" example:"0.141"`
	Currency string `json:"currency" doc:"ISO 4217; the one of the whole gateway" example:"EUR"`
}

// Receipt is the operator's last word on a message, verbatim.
type Receipt struct {
	Code string `json:"code"`
	Text string `json:"text,omitempty"`
}

// Event is a line of a timeline.
type Event struct {
	At      time.Time  `json:"at"`
	Status  sms.Status `json:"status" doc:"the status after it"`
	Actor   string     `json:"actor" doc:"who: api:KEY, lane:CONNECTOR, operator:CONNECTOR, gateway"`
	Code    string     `json:"code"`
	Detail  string     `json:"detail,omitempty"`
	Attempt int        `json:"attempt,omitempty"`

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

// PreviewMessage is what a message would be.
type PreviewMessage struct {
	To        sms.Number   `json:"to"`
	Status    sms.Status   `json:"status"`
	Class     sms.Class    `json:"class"`
	Sender    sms.Sender   `json:"sender,omitempty"`
	Connector string       `json:"connector"`
	Encoding  sms.Encoding `json:"encoding" enum:"gsm7,ucs2"`
	Segments  int          `json:"segments"`
	Price     *Price       `json:"price,omitempty" doc:"of all its segments; absent: not known"`
	DueAt     time.Time    `json:"due_at"`
	ExpiresAt time.Time    `json:"expires_at"`
	Decisions []Decision   `json:"decisions"`
}

// Refused is a recipient that gets no message.
type Refused struct {
	To     string `json:"to" doc:"as it was asked for"`
	Index  int    `json:"index" doc:"its place in the request, from 0"`
	Code   string `json:"code"`
	Detail string `json:"detail"`
}

// Warning is something to know that stopped nothing.
type Warning struct {
	Code   string `json:"code"`
	Detail string `json:"detail"`
	To     string `json:"to,omitempty" doc:"the recipient that it is about; absent: all"`
}

// SubmitAnswer is the answer to a submission.
type SubmitAnswer struct {
	Messages []Message `json:"messages" doc:"accepted, in the order asked"`
	Rejected []Refused `json:"rejected"`
	Warnings []Warning `json:"warnings"`
}

// PreviewAnswer is the answer to a preview.
type PreviewAnswer struct {
	Messages []PreviewMessage `json:"messages"`
	Rejected []Refused        `json:"rejected"`
	Warnings []Warning        `json:"warnings"`
	Total    PreviewTotal     `json:"total" doc:"of the messages that would be accepted"`
	Text     TextAdvice       `json:"text" doc:"what the text costs, and would in the GSM alphabet"`
}

// PreviewTotal adds up what a preview tells of each message.
type PreviewTotal struct {
	Messages int    `json:"messages"`
	Segments int    `json:"segments"`
	Price    *Price `json:"price,omitempty" doc:"absent: that of at least one message is not known"`
}

// MessageList is a page of messages, newest first.
type MessageList struct {
	Items []Message `json:"items"`
	Next  string    `json:"next,omitempty" doc:"cursor of the next page; absent on the last"`
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
		ID: m.ID, To: m.To, Status: m.Status, Reason: m.Reason, Class: m.Class, Sender: m.Sender, Text: m.Text, TextRemoved: m.Text == "",
		Connector: m.Connector, Encoding: m.Encoding, Segments: m.Segments, Price: priceOf(m.Price, currency), Attempt: m.Attempt,
		ProviderID: m.ProviderID, Routes: m.Routes, Reference: m.Reference, Metadata: m.Metadata,
		DueAt: m.DueAt.UTC(), ExpiresAt: m.ExpiresAt.UTC(), CreatedAt: m.AcceptedAt.UTC(), UpdatedAt: m.UpdatedAt.UTC(),
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

func submitAnswerOf(r *gateway.Result, currency string) *SubmitAnswer {
	a := &SubmitAnswer{
		Messages: make([]Message, len(r.Messages)), Rejected: refusedOf(r.Rejected), Warnings: warningsOf(r.Warnings),
	}
	for i := range r.Messages {
		a.Messages[i] = messageOf(&r.Messages[i].Message, currency)
		a.Messages[i].Text, a.Messages[i].Metadata = "", nil // the caller has them
	}
	return a
}

func previewAnswerOf(r *gateway.Result, currency string) *PreviewAnswer {
	a := &PreviewAnswer{Rejected: refusedOf(r.Rejected), Warnings: warningsOf(r.Warnings), Total: totalOf(r, currency), Text: adviceOf(r.Text, currency)}
	for i := range r.Messages {
		d := &r.Messages[i]
		a.Messages = append(a.Messages, PreviewMessage{
			To: d.To, Status: d.Status, Class: d.Class, Sender: d.Sender, Connector: d.Connector,
			Encoding: d.Encoding, Segments: d.Segments, Price: priceOf(d.Price, currency), DueAt: d.DueAt.UTC(), ExpiresAt: d.ExpiresAt.UTC(),
			Decisions: decisionsOf(d.Decisions),
		})
	}
	return a
}

func totalOf(r *gateway.Result, currency string) PreviewTotal {
	total := PreviewTotal{Messages: len(r.Messages)}
	known, price := true, sms.Money(0)
	for i := range r.Messages {
		total.Segments += r.Messages[i].Segments
		price += r.Messages[i].Price
		known = known && r.Messages[i].Price > 0
	}
	if known {
		total.Price = priceOf(price, currency)
	}
	return total
}

func refusedOf(refusals []gateway.Refusal) []Refused {
	refused := make([]Refused, len(refusals))
	for i, r := range refusals {
		refused[i] = Refused{To: r.To, Index: r.Index, Code: r.Code, Detail: r.Detail}
	}
	return refused
}

func warningsOf(warnings []gateway.Warning) []Warning {
	shown := make([]Warning, len(warnings))
	for i, w := range warnings {
		shown[i] = Warning{Code: w.Code, Detail: w.Detail, To: w.To}
	}
	return shown
}

func eventsOf(events []sms.Event) []Event {
	shown := make([]Event, len(events))
	for i, e := range events {
		shown[i] = Event{
			At: e.At.UTC(), Status: e.Status, Actor: e.Actor, Code: e.Code, Detail: e.Detail, Attempt: e.Attempt,
			OperatorCode: e.OperatorCode, OperatorText: e.OperatorText,
		}
	}
	return shown
}
