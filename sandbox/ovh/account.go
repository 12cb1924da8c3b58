package ovh

import (
	"encoding/json"
	"time"

	"relais/sandbox/world"
)

// account is an SMS account of the customer.
type account struct {
	name        string
	creditsLeft float64 // guarded by ledger.mu, as all below
	settings    settings
	blocked     map[string]block
}

// settings are the writable fields of sms.Account.
type settings struct {
	AutomaticRecreditAmount             *string         `json:"automaticRecreditAmount"`
	CallBack                            *string         `json:"callBack"`
	CreditThresholdForAutomaticRecredit float64         `json:"creditThresholdForAutomaticRecredit"`
	Description                         string          `json:"description"`
	SMSResponse                         response        `json:"smsResponse"`
	StopCallBack                        *string         `json:"stopCallBack"`
	Templates                           json.RawMessage `json:"templates"`
}

// response is sms.Response: what to do with replies.
type response struct {
	CGIURL                   *string         `json:"cgiUrl"`
	ResponseType             string          `json:"responseType"`
	Text                     *string         `json:"text"`
	TrackingDefaultSMSSender *string         `json:"trackingDefaultSmsSender"`
	TrackingOptions          json.RawMessage `json:"trackingOptions"`
}

func newAccount(name string, credits float64) *account {
	return &account{
		name:        name,
		creditsLeft: credits,
		blocked:     map[string]block{},
		settings: settings{
			SMSResponse: response{ResponseType: "none", TrackingOptions: json.RawMessage("[]")},
			Templates: json.RawMessage(`{"customizedEmailMode":false,"customizedSmsMode":false,` +
				`"emailBody":null,"emailFrom":null,"emailSubject":null,"smsBody":null}`),
		},
	}
}

// accountModel is sms.AccountWithIAM.
func (l *ledger) accountModel(a *account) (any, error) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return struct {
		settings
		Channel               string         `json:"channel"`
		CreditsHoldByQuota    float64        `json:"creditsHoldByQuota"`
		CreditsLeft           float64        `json:"creditsLeft"`
		IAM                   map[string]any `json:"iam"`
		Name                  string         `json:"name"`
		SMPP                  bool           `json:"smpp"`
		Status                string         `json:"status"`
		UserQuantityWithQuota int            `json:"userQuantityWithQuota"`
	}{
		settings: a.settings,
		Channel:  "both", CreditsLeft: a.creditsLeft, Name: a.name, Status: "enable",
		IAM: map[string]any{
			"displayName": a.name, "id": "6f1e0c52-7d0a-4b53-9a51-5a6d0e9b1c01", "state": "OK", "tags": nil,
			"urn": "urn:v1:eu:resource:sms:" + a.name,
		},
	}, nil
}

// changeAccount is PUT: a partial body changes what it names (observed).
// Read-only fields are ignored, since wrappers send whole objects back
// (inferred).
func (l *ledger) changeAccount(a *account, body []byte) (any, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	changed := a.settings
	if err := json.Unmarshal(body, &changed); err != nil {
		return nil, bad("The input provided isn't valid")
	}
	switch changed.SMSResponse.ResponseType {
	case "cgi", "none", "text":
	default:
		return nil, bad(
			"The input provided isn't valid: 'smsResponse.responseType' is not one of cgi, none, text",
		)
	}
	a.settings = changed
	return nil, nil
}

// timeOf writes a datetime as the API does: RFC 3339 with the offset of Paris.
func timeOf(t time.Time) string { return t.In(world.Paris).Format(time.RFC3339) }

func timeOrNull(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	text := timeOf(t)
	return &text
}
