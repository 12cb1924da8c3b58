package api

import (
	"bytes"
	"strconv"
	"time"
	"unicode/utf8"

	"relais/gateway"
	"relais/sms"
)

// appendAccepted writes a submitAnswer of which nothing was refused, without asking for types: each
// request gets one. TestAcceptedAnswer compares both.
func appendAccepted(r *gateway.Result, currency string) []byte {
	const usual = 512 // bytes of a message
	b := append(make([]byte, 0, usual*(1+len(r.Messages))), `{"messages":[`...)
	for i := range r.Messages {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendFresh(b, &r.Messages[i].Message, currency)
	}
	return append(b, "],\"rejected\":[],\"warnings\":[]}\n"...)
}

// appendFresh writes a message to which nothing has happened yet, without what the caller has.
func appendFresh(b []byte, m *sms.Message, currency string) []byte {
	b = append(b, `{"id":"`...)
	b, _ = m.ID.AppendText(b)
	b = append(b, '"')
	b = appendField(b, "to", string(m.To))
	b = appendField(b, "status", string(m.Status))
	b = appendGiven(b, "reason", m.Reason)
	b = appendField(b, "class", string(m.Class))
	b = appendGiven(b, "kind", string(m.Kind))
	b = appendGiven(b, "sender", string(m.Sender))
	b = appendField(b, "connector", m.Connector)
	b = appendField(b, "encoding", string(m.Encoding))
	b = strconv.AppendInt(append(b, `,"segments":`...), int64(m.Segments), 10)
	if price := priceOf(m.Price, currency); price != nil {
		b = appendText(append(b, `,"price":{"amount":`...), price.Amount)
		b = append(appendField(b, "currency", price.Currency), '}')
	}
	b = strconv.AppendInt(append(b, `,"attempt":`...), int64(m.Attempt), 10)
	for i, connector := range m.Routes {
		b = append(b, []string{`,"routes":[`, `,`}[min(i, 1)]...)
		b = appendText(b, connector)
	}
	if len(m.Routes) > 0 {
		b = append(b, ']')
	}
	b = appendGiven(b, "reference", m.Reference)
	b = appendTime(b, "due_at", m.DueAt)
	b = appendTime(b, "expires_at", m.ExpiresAt)
	b = appendTime(b, "created_at", m.AcceptedAt)
	return append(appendTime(b, "updated_at", m.UpdatedAt), '}')
}

func appendName(b []byte, name string) []byte {
	b = append(append(b, `,"`...), name...)
	return append(b, `":`...)
}

func appendField(b []byte, name, text string) []byte { return appendText(appendName(b, name), text) }

// appendGiven is appendField for what may be absent.
func appendGiven(b []byte, name, text string) []byte {
	if text == "" {
		return b
	}
	return appendField(b, name, text)
}

func appendTime(b []byte, name string, at time.Time) []byte {
	b = append(appendName(b, name), '"')
	return append(at.UTC().AppendFormat(b, time.RFC3339Nano), '"')
}

// appendText writes a text as encode does.
func appendText(b []byte, text string) []byte {
	for _, c := range []byte(text) {
		if c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			quoted, _ := encode(text) // a text can be encoded
			return append(b, bytes.TrimSuffix(quoted, []byte("\n"))...)
		}
	}
	return append(append(append(b, '"'), text...), '"')
}
