package twilio

import (
	"strings"
	"time"

	"relais/gsm"
	"relais/inbox"
	"relais/sms"
)

// message is the resource as every client of Twilio's reads it (documented: TWO,
// api.v2010.account.message): each key is there, with null where there is nothing to tell.
type message struct {
	AccountSid          string            `json:"account_sid"`
	APIVersion          string            `json:"api_version"`
	Body                string            `json:"body"`
	DateCreated         string            `json:"date_created"`
	DateSent            *string           `json:"date_sent"`
	DateUpdated         string            `json:"date_updated"`
	Direction           string            `json:"direction"`
	ErrorCode           *int              `json:"error_code"`
	ErrorMessage        *string           `json:"error_message"`
	From                *string           `json:"from"`
	MessagingServiceSid *string           `json:"messaging_service_sid"`
	NumMedia            string            `json:"num_media"`
	NumSegments         string            `json:"num_segments"`
	Price               *string           `json:"price"`
	PriceUnit           *string           `json:"price_unit"`
	Sid                 string            `json:"sid"`
	Status              string            `json:"status"`
	SubresourceURIs     map[string]string `json:"subresource_uris"`
	To                  *string           `json:"to"`
	URI                 string            `json:"uri"`
}

const apiVersion = "2010-04-01"

// Directions of a message (documented: TWO).
const (
	outboundAPI   = "outbound-api"
	outboundReply = "outbound-reply"
	inbound       = "inbound"
)

// messageOf shows a message. One of a service tells sender and segments once it was sent (documented: TWO).
func (c *call) messageOf(m *sms.Message) *message {
	shown := c.resource(m.ID)
	shown.Body, shown.Direction, shown.Status = m.Text, outboundAPI, c.statusOf(m)
	if m.Metadata[keptReply] != "" {
		shown.Direction = outboundReply
	}
	shown.DateCreated, shown.DateUpdated = moment(m.AcceptedAt), moment(m.UpdatedAt)
	shown.To, shown.From = orNull(string(m.To)), orNull(string(m.Sender))
	shown.MessagingServiceSid = orNull(m.Metadata[keptService])
	shown.NumSegments = decimal(m.Segments)
	if sent := !m.SubmittedAt.IsZero(); sent {
		shown.DateSent = new(moment(m.SubmittedAt))
		if m.Price > 0 {
			shown.Price = new("-" + m.Price.String())
		}
	} else if m.Metadata[keptService] != "" {
		shown.NumSegments, shown.From = "0", nil
	}
	if code, sentence := failureOf(m.Status, m.Reason); code != 0 {
		shown.ErrorCode, shown.ErrorMessage = &code, &sentence
	}
	return shown
}

// replyOf shows what a person wrote.
func (c *call) replyOf(in *inbox.Inbound) *message {
	shown := c.resource(in.ID)
	shown.Body, shown.Direction, shown.Status, shown.NumSegments = in.Text, inbound, "received", segmentsOf(in.Text)
	shown.From, shown.To = orNull(string(in.From)), orNull(string(in.To))
	at := moment(in.ReceivedAt)
	shown.DateCreated, shown.DateUpdated, shown.DateSent = at, at, &at
	return shown
}

// segmentsOf is what a reply took on its way. One without a text took one.
func segmentsOf(text string) string { return decimal(max(gsm.Count(text).Segments, 1)) }

// resource is what all messages have.
func (c *call) resource(id sms.ID) *message {
	sid := sidOf(id)
	uri := prefix + "/Accounts/" + c.account.Sid + "/Messages/" + sid
	return &message{
		AccountSid: c.account.Sid, APIVersion: apiVersion, NumMedia: "0", Sid: sid, URI: uri + ".json",
		PriceUnit:       orNull(strings.ToUpper(c.Gateway.Currency())),
		SubresourceURIs: map[string]string{"media": uri + "/Media.json"},
	}
}

// moment is a time of RFC 2822 (documented: TWO).
func moment(at time.Time) string { return at.UTC().Format(time.RFC1123Z) }

func orNull(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
