package ovh

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"relais/inbox"
	"relais/sms"
	"relais/webhook"
)

// Format is the name of Callbacks among the formats of webhooks.
const Format = "ovh"

// Callbacks calls an account's addresses as OVH does: GET for a delivery report,
// POST of a form for a reply (documented and observed).
type Callbacks struct {
	// Numbers gives messages and replies the numbers that clients know them by.
	Numbers func(ctx context.Context, account string, ids []sms.ID) ([]Numbered, error)
}

// Request implements webhook.Format.
func (f Callbacks) Request(
	ctx context.Context, e webhook.Endpoint, event *webhook.Event,
) (*http.Request, error) {
	switch event.Type {
	case webhook.MessageSubmitted, webhook.MessageDelivered, webhook.MessageUndelivered, webhook.MessageExpired,
		webhook.MessageRejected:
		return f.receipt(ctx, e, event)
	case webhook.InboundReceived:
		return f.reply(ctx, e, event)
	case webhook.MessageUncertain, webhook.InboundDecided, webhook.OptOutAdded, webhook.ConnectorBlocked,
		webhook.CreditLow, webhook.Test, webhook.CampaignChecked, webhook.CampaignStarted, webhook.CampaignPaused,
		webhook.CampaignResumed, webhook.CampaignFinished, webhook.CampaignCanceled, webhook.CampaignAwaiting,
		webhook.CampaignApproved, webhook.CampaignRefused:
	}
	return nil, nil
}

var (
	errEvent   = errors.New("the event cannot be read")
	errAddress = errors.New("the address cannot be called")
	errNumber  = errors.New("the number of the message cannot be read")
)

// receipt has the documented parameters: id, ptt, date, description, which is
// the coarse state, and descriptionDlr, its text. The form of date stands
// nowhere; it is the one of the API (inferred).
func (f Callbacks) receipt(
	ctx context.Context, e webhook.Endpoint, event *webhook.Event,
) (*http.Request, error) {
	var data webhook.MessageData
	if err := json.Unmarshal(event.Data, &data); err != nil {
		return nil, errEvent
	}
	number, err := f.number(ctx, event)
	if err != nil {
		return nil, err
	}
	m := sms.Message{Status: data.Status, Reason: data.Reason}
	if data.ProviderID != "" {
		m.SubmittedAt = data.At
	}
	state, ptt := stateOf(&m)
	parameters := "id=" + decimal(number) + "&ptt=" + decimal(ptt) + "&date=" +
		url.QueryEscape(moment(data.At.In(time.Local))) +
		"&description=" + decimal(state) + "&descriptionDlr=" + url.QueryEscape(receiptTexts[state])
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, withParameters(e.URL, parameters), http.NoBody)
	if err != nil {
		return nil, errAddress
	}
	return r, nil
}

// receiptTexts are the texts of the coarse states (documented: guide on SMS
// users; condensed).
var receiptTexts = map[int64]string{
	receiptNone: "created", receiptDelivered: "success", receiptFailed: "failed",
	receiptOperator: "pending at the operator", receiptError: "error, not billed",
}

// reply has the names that were captured (observed): id, senderid, message, tag
// and shortcode. What stands in the query of the address is repeated in the form
// (observed). id is the number of the reply (inferred).
func (f Callbacks) reply(
	ctx context.Context, e webhook.Endpoint, event *webhook.Event,
) (*http.Request, error) {
	var data inbox.InboundData
	if err := json.Unmarshal(event.Data, &data); err != nil {
		return nil, errEvent
	}
	if strings.HasPrefix(string(data.From), "~") {
		return nil, nil // the person was erased meanwhile
	}
	number, err := f.number(ctx, event)
	if err != nil {
		return nil, err
	}
	address, err := url.Parse(e.URL)
	if err != nil {
		return nil, errAddress
	}
	form := address.Query()
	for name, value := range map[string]string{
		"id": decimal(number), "senderid": string(data.From), "message": data.Text, "tag": data.Reference,
		"shortcode": string(data.To),
	} {
		form.Set(name, value)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, e.URL, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, errAddress
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return r, nil
}

func (f Callbacks) number(ctx context.Context, event *webhook.Event) (int64, error) {
	numbered, err := f.Numbers(ctx, event.Account, []sms.ID{event.Subject})
	if err != nil || len(numbered) != 1 {
		return 0, errNumber
	}
	return numbered[0].Number, nil
}

// withParameters keeps the query that an address has (observed).
func withParameters(address, parameters string) string {
	address, _, _ = strings.Cut(address, "#")
	if strings.Contains(address, "?") {
		return address + "&" + parameters
	}
	return address + "?" + parameters
}
