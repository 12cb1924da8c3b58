package sandbox

import (
	"encoding/json"
	"time"
)

// ovhAccount is an SMS account of the customer.
type ovhAccount struct {
	name        string
	creditsLeft float64 // guarded by ovh.mu, as all below
	settings    ovhSettings
	blocked     map[string]ovhBlock
}

// ovhSettings are the writable fields of sms.Account.
type ovhSettings struct {
	AutomaticRecreditAmount             *string         `json:"automaticRecreditAmount"`
	CallBack                            *string         `json:"callBack"`
	CreditThresholdForAutomaticRecredit float64         `json:"creditThresholdForAutomaticRecredit"`
	Description                         string          `json:"description"`
	SMSResponse                         ovhResponse     `json:"smsResponse"`
	StopCallBack                        *string         `json:"stopCallBack"`
	Templates                           json.RawMessage `json:"templates"`
}

// ovhResponse is sms.Response: what to do with replies.
type ovhResponse struct {
	CGIURL                   *string         `json:"cgiUrl"`
	ResponseType             string          `json:"responseType"`
	Text                     *string         `json:"text"`
	TrackingDefaultSMSSender *string         `json:"trackingDefaultSmsSender"`
	TrackingOptions          json.RawMessage `json:"trackingOptions"`
}

func newOVHAccount(name string, credits float64) *ovhAccount {
	return &ovhAccount{
		name:        name,
		creditsLeft: credits,
		blocked:     map[string]ovhBlock{},
		settings: ovhSettings{
			SMSResponse: ovhResponse{ResponseType: "none", TrackingOptions: json.RawMessage("[]")},
			Templates: json.RawMessage(`{"customizedEmailMode":false,"customizedSmsMode":false,` +
				`"emailBody":null,"emailFrom":null,"emailSubject":null,"smsBody":null}`),
		},
	}
}

// accountModel is sms.AccountWithIAM.
func (o *ovh) accountModel(a *ovhAccount) (any, error) {
	o.mu.RLock()
	defer o.mu.RUnlock()
	return struct {
		ovhSettings
		Channel               string         `json:"channel"`
		CreditsHoldByQuota    float64        `json:"creditsHoldByQuota"`
		CreditsLeft           float64        `json:"creditsLeft"`
		IAM                   map[string]any `json:"iam"`
		Name                  string         `json:"name"`
		SMPP                  bool           `json:"smpp"`
		Status                string         `json:"status"`
		UserQuantityWithQuota int            `json:"userQuantityWithQuota"`
	}{
		ovhSettings: a.settings,
		Channel:     "both", CreditsLeft: a.creditsLeft, Name: a.name, Status: "enable",
		IAM: map[string]any{
			"displayName": a.name, "id": "6f1e0c52-7d0a-4b53-9a51-5a6d0e9b1c01", "state": "OK", "tags": nil,
			"urn": "urn:v1:eu:resource:sms:" + a.name,
		},
	}, nil
}

// changeAccount is PUT: a partial body changes what it names (observed).
// Read-only fields are ignored, since wrappers send whole objects back
// (inferred).
func (o *ovh) changeAccount(a *ovhAccount, body []byte) (any, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	changed := a.settings
	if err := json.Unmarshal(body, &changed); err != nil {
		return nil, ovhBad("The input provided isn't valid")
	}
	switch changed.SMSResponse.ResponseType {
	case "cgi", "none", "text":
	default:
		return nil, ovhBad("The input provided isn't valid: 'smsResponse.responseType' is not one of cgi, none, text")
	}
	a.settings = changed
	return nil, nil
}

// ovhTime writes a datetime as the API does: RFC 3339 with the offset of Paris.
func ovhTime(t time.Time) string { return t.In(paris).Format(time.RFC3339) }

func ovhTimeOrNull(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	text := ovhTime(t)
	return &text
}
