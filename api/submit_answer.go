package api

import (
	"fmt"
	"time"

	"relais/gateway"
	"relais/reason"
	"relais/sms"
)

// SubmitAnswer is the answer to a submission.
type SubmitAnswer struct {
	Messages []Message `json:"messages" doc:"accepted, in the order asked"`
	Rejected []Refused `json:"rejected" doc:"recipients that get no message"`
	Warnings []Warning `json:"warnings" doc:"what to know that stopped nothing"`
}

// Refused is a recipient that gets no message.
type Refused struct {
	To     string `json:"to" doc:"as it was asked for"`
	Index  int    `json:"index" doc:"its place in the request, from 0"`
	Code   string `json:"code" doc:"stable word for programs"`
	Detail string `json:"detail" doc:"what is wrong here, and what would be right"`
}

// Warning is something to know that stopped nothing.
type Warning struct {
	Code   string `json:"code" doc:"stable word for programs"`
	Detail string `json:"detail" doc:"sentence for people, in English or French by Accept-Language"`
	To     string `json:"to,omitempty" doc:"the recipient that it is about; absent: all"`
}

// PreviewAnswer is the answer to a preview.
type PreviewAnswer struct {
	Messages []PreviewMessage `json:"messages" doc:"that would be accepted, in the order asked"`
	Rejected []Refused        `json:"rejected" doc:"recipients that would get no message"`
	Warnings []Warning        `json:"warnings" doc:"what to know that would stop nothing"`
	Total    PreviewTotal     `json:"total" doc:"of the messages that would be accepted"`
	Text     TextAdvice       `json:"text" doc:"what the text costs, and would in the GSM alphabet"`
}

// PreviewMessage is what a message would be.
type PreviewMessage struct {
	To        sms.Number   `json:"to" doc:"the recipient, E.164"`
	Status    sms.Status   `json:"status" doc:"that it would begin with"`
	Class     sms.Class    `json:"class" doc:"as it would be sent"`
	Kind      sms.Kind     `json:"kind,omitempty" enum:"flash,binary" doc:"absent: an ordinary text"`
	Sender    sms.Sender   `json:"sender,omitempty" doc:"absent: the connector's own"`
	Connector string       `json:"connector" doc:"the instance that would send it"`
	Encoding  sms.Encoding `json:"encoding" enum:"gsm7,ucs2,8bit" doc:"alphabet of the text: gsm7 or ucs2; 8bit for octets"`
	Segments  int          `json:"segments" doc:"segments that would be billed, STOP clause included"`
	Price     *Price       `json:"price,omitempty" doc:"of all its segments; absent: not known"`
	DueAt     time.Time    `json:"due_at" doc:"not sent before"`
	ExpiresAt time.Time    `json:"expires_at" doc:"not sent after"`
	Decisions []Decision   `json:"decisions" doc:"what would be decided, and why"`
}

// PreviewTotal adds up what a preview tells of each message.
type PreviewTotal struct {
	Messages int    `json:"messages" doc:"how many"`
	Segments int    `json:"segments" doc:"that would be billed"`
	Price    *Price `json:"price,omitempty" doc:"absent: that of at least one message is not known"`
}

// TextAdvice is what a preview tells of the text.
type TextAdvice struct {
	Policy  string       `json:"policy" enum:"keep,gsm" doc:"of the account: gsm sends the text in the GSM alphabet where it can be written so"`
	Written TextCost     `json:"written" doc:"as it was written"`
	GSM     *TextCost    `json:"gsm,omitempty" doc:"the same in the GSM alphabet; absent when nothing of it stands for some character"`
	Costly  []CostlyChar `json:"costly" doc:"characters that the GSM alphabet lacks, in order"`
}

// TextCost is a text and what it costs.
type TextCost struct {
	Text     string       `json:"text" doc:"as it would be sent"`
	Encoding sms.Encoding `json:"encoding" enum:"gsm7,ucs2,8bit" doc:"alphabet of the text: gsm7 or ucs2; 8bit for octets"`
	Segments int          `json:"segments" doc:"to all recipients together, STOP clause included"`
	Price    *Price       `json:"price,omitempty" doc:"of these segments; absent: that of at least one message is not known"`
}

// CostlyChar is a character that moves a text to UCS-2.
type CostlyChar struct {
	Character string  `json:"character" example:"œ" doc:"as it stands in the text"`
	Code      string  `json:"code" doc:"for what nobody sees" example:"U+0153"`
	Position  int     `json:"position" doc:"in characters, from 1; a letter and its accent are one"`
	Instead   *string `json:"instead,omitempty" doc:"what stands for it in the GSM alphabet, which may be nothing; absent when nothing does" example:"oe"`
}

func submitAnswerOf(r *gateway.Result, currency string, l reason.Language) *SubmitAnswer {
	a := &SubmitAnswer{
		Messages: make([]Message, len(r.Messages)), Rejected: refusedOf(r.Rejected, l),
		Warnings: warningsOf(r.Warnings, l),
	}
	for i := range r.Messages {
		a.Messages[i] = messageOf(&r.Messages[i].Message, currency)
		m := &a.Messages[i]
		m.Text, m.Data, m.UDH, m.Metadata = "", "", "", nil // the caller has them
	}
	return a
}

func previewAnswerOf(r *gateway.Result, currency string, l reason.Language) *PreviewAnswer {
	a := &PreviewAnswer{
		Rejected: refusedOf(r.Rejected, l), Warnings: warningsOf(r.Warnings, l),
		Total: totalOf(r, currency), Text: adviceOf(r.Text, currency),
	}
	for i := range r.Messages {
		d := &r.Messages[i]
		a.Messages = append(a.Messages, PreviewMessage{
			To: d.To, Status: d.Status, Class: d.Class, Kind: d.Kind, Sender: d.Sender,
			Connector: d.Connector,
			Encoding:  d.Encoding, Segments: d.Segments, Price: priceOf(d.Price, currency),
			DueAt:     d.DueAt.UTC(),
			ExpiresAt: d.ExpiresAt.UTC(),
			Decisions: decisionsOf(d.Decisions, l),
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

func adviceOf(a *gateway.TextAdvice, currency string) TextAdvice {
	shown := TextAdvice{
		Policy: string(a.Policy), Written: costOf(&a.Written, currency),
		Costly: make([]CostlyChar, len(a.Costly)),
	}
	if a.GSM != nil {
		cost := costOf(a.GSM, currency)
		shown.GSM = &cost
	}
	for i, c := range a.Costly {
		shown.Costly[i] = CostlyChar{
			Character: string(c.Char), Code: fmt.Sprintf("U+%04X", c.Char), Position: c.Position,
		}
		if c.Known {
			shown.Costly[i].Instead = &a.Costly[i].Instead
		}
	}
	return shown
}

func costOf(c *gateway.TextCost, currency string) TextCost {
	return TextCost{
		Text: c.Text, Encoding: c.Encoding, Segments: c.Segments, Price: priceOf(c.Price, currency),
	}
}

func refusedOf(refusals []gateway.Refusal, l reason.Language) []Refused {
	refused := make([]Refused, len(refusals))
	for i, r := range refusals {
		refused[i] = Refused{To: r.To, Index: r.Index, Code: r.Code.Wire(), Detail: r.In(l)}
	}
	return refused
}

func warningsOf(warnings []gateway.Warning, l reason.Language) []Warning {
	shown := make([]Warning, len(warnings))
	for i, w := range warnings {
		shown[i] = Warning{Code: w.Code.Wire(), Detail: w.In(l), To: w.To}
	}
	return shown
}
