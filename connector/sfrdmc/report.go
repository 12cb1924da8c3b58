package sfrdmc

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
	"time"

	"relais/connector"
	"relais/sms"
)

// unitReport is an item of getSingleCallCra. Names of the guide (DMC developer
// guide v1.7, 2.5.4) stand beside the observed ones.
type unitReport struct {
	Media       scalar `json:"media"`
	MessageID   scalar `json:"messageId"`
	RefExt      scalar `json:"refExt"`
	To          scalar `json:"to"`          // observed
	PhoneNumber scalar `json:"phoneNumber"` // guide
	Status      scalar `json:"status"`
	LastResult  scalar `json:"lastResult"` // a label; an example shows a code in its place
	LastCall    scalar `json:"lastCall"`
	Changed     scalar `json:"statusLastChange"` // observed
	Response    scalar `json:"callResponse"`
}

// craReport is a report (CRA) of SupervisionWS (5.2.7).
type craReport struct {
	ContactID scalar `json:"contactId"`
	Reference scalar `json:"externalReference"`
	Address   scalar `json:"callAdress"` // the API's own spelling
	Phone     scalar `json:"phoneNumber1"`
	Status    scalar `json:"status"`
	Result    scalar `json:"callResult"`
	Code      scalar `json:"callResultCode"`
	CallDate  scalar `json:"callDate"`
	Changed   scalar `json:"statusLastChange"`
	Response  scalar `json:"callResponse"`
}

// told is what a report of either kind says.
type told struct {
	id, ref, from             scalar
	code, label, status, date scalar
	reply                     scalar
}

func (u unitReport) told() told {
	if u.Media != "" && !strings.HasPrefix(strings.ToUpper(string(u.Media)), "SMS") {
		return told{} // voice, fax and mail have unit messages too
	}
	return told{
		id: u.MessageID, ref: u.RefExt, from: first(u.To, u.PhoneNumber),
		label: u.LastResult, status: u.Status,
		date: first(u.Changed, u.LastCall), reply: u.Response,
	}
}

func (c craReport) told() told {
	return told{
		id: c.ContactID, ref: c.Reference, from: first(c.Address, c.Phone), code: c.Code, label: c.Result,
		status: c.Status,
		date:   first(c.Changed, c.CallDate), reply: c.Response,
	}
}

// reporter is a report of either kind.
type reporter interface{ told() told }

// newsOf reads reports. One that names no message is left out: a report is asked
// for again, and a message of ours always has an id or a reference.
func newsOf[T reporter](reports []T) connector.News {
	var news connector.News
	for _, r := range reports {
		t := r.told()
		receipt := t.receipt()
		if receipt.ProviderID == "" && receipt.Ref.IsZero() {
			continue
		}
		if receipt.Code != "" {
			news.Receipts = append(news.Receipts, receipt)
		}
		if t.reply != "" {
			news.Inbounds = append(news.Inbounds, inbound(&receipt, string(t.from), string(t.reply)))
		}
	}
	return news
}

// receipt has no Code when the report says nothing.
func (t told) receipt() sms.Receipt {
	receipt := judge(string(t.code), string(t.label), string(t.status))
	receipt.ProviderID, receipt.Ref, receipt.At = contactID(t.id), refOf(t.ref), milliseconds(t.date)
	return receipt
}

// inbound is a reply to the message of receipt. Reports do not tell when it
// came.
func inbound(receipt *sms.Receipt, from, text string) sms.Inbound {
	return sms.Inbound{
		ProviderID: replyID(receipt, text), From: from, Text: text,
		AnswersID: receipt.ProviderID, Ref: receipt.Ref,
	}
}

// replyID is the same whichever way a reply comes. DMC gives replies no id, a push
// has its date and a report has not, so that the text stands for it (inferred).
// Blanks do not count: XML does not keep line ends in attributes. The same words
// twice in answer to one message are one reply.
func replyID(receipt *sms.Receipt, text string) string {
	answered := receipt.ProviderID
	if answered == "" {
		answered = receipt.Ref.String()
	}
	sum := sha256.Sum256([]byte(strings.Join(strings.Fields(text), " ")))
	return answered + ":" + hex.EncodeToString(sum[:8])
}

// contactID is a message's id in the form that Submit returned; empty when it is
// none.
func contactID(id scalar) string {
	n, err := strconv.ParseInt(strings.TrimSpace(string(id)), 10, 64)
	if err != nil || n <= 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

// refOf is our id in a reference; zero when the reference is somebody else's.
func refOf(reference scalar) sms.ID {
	id, err := sms.ParseID(strings.TrimSpace(string(reference)))
	if err != nil {
		return sms.ID{}
	}
	return id
}

// milliseconds reads a date of JSON (DMC developer guide v1.7, 1.1.6.5).
func milliseconds(date scalar) time.Time {
	ms, err := strconv.ParseInt(string(date), 10, 64)
	if err != nil || ms <= 0 {
		return time.Time{}
	}
	return sensible(time.UnixMilli(ms))
}

func first(values ...scalar) scalar {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}
