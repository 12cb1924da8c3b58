package ovh

import (
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// services are the names of the accounts that the caller acts for: one.
func services(c *call) (any, error) {
	service, err := c.service()
	if err != nil {
		return nil, err
	}
	return []string{service.Name}, nil
}

// credits are those of the account's connector, where they are known; else the
// configured ones.
func (c *call) credits() (float64, error) { return c.door.creditsOf(c.ctx(), c.settings) }

// serviceData are the fields that clients set (documented: sms.Account). What
// they set is kept and shown; of these the description and the callbacks mean
// something here.
// A body is decoded over what was kept, so that null and what is left out change
// nothing.
type serviceData struct {
	Description  string        `json:"description"`
	Recredit     *string       `json:"automaticRecreditAmount"`
	Threshold    amount        `json:"creditThresholdForAutomaticRecredit"`
	CallBack     *string       `json:"callBack"`
	StopCallBack *string       `json:"stopCallBack"`
	Response     replyHandling `json:"smsResponse"`
	Templates    templates     `json:"templates"`
}

// replyHandling is what to do with replies (documented: sms.Response).
type replyHandling struct {
	Type     string     `json:"responseType"`
	Text     *string    `json:"text"`
	URL      *string    `json:"cgiUrl"`
	Sender   *string    `json:"trackingDefaultSmsSender"`
	Tracking []tracking `json:"trackingOptions"`
}

// tracking is a copy of replies (documented: sms.ResponseTrackingOptions).
type tracking struct {
	Media  string `json:"media"`
	Sender string `json:"sender"`
	Target string `json:"target"`
}

// templates are the texts of alerts (documented: sms.Templates).
type templates struct {
	CustomizedEmail bool    `json:"customizedEmailMode"`
	CustomizedSMS   bool    `json:"customizedSmsMode"`
	EmailBody       *string `json:"emailBody"`
	EmailFrom       *string `json:"emailFrom"`
	EmailSubject    *string `json:"emailSubject"`
	SMSBody         *string `json:"smsBody"`
}

var writable = []string{
	"description", "automaticRecreditAmount", "creditThresholdForAutomaticRecredit",
	"callBack", "stopCallBack",
	"smsResponse", "templates",
}

// data is what clients set of a service, over the defaults.
func (s *Service) data() (serviceData, error) {
	d := serviceData{Response: replyHandling{Type: "none", Tracking: []tracking{}}}
	if len(s.Data) == 0 {
		return d, nil
	}
	return d, json.Unmarshal(s.Data, &d)
}

func getService(c *call) (any, error) {
	service, err := c.service()
	if err != nil {
		return nil, err
	}
	left, err := c.credits()
	if err != nil {
		return nil, err
	}
	d, err := service.data()
	return struct {
		serviceData
		readOnly
	}{d, readOnly{Name: service.Name, Status: "enable", Channel: "both", Left: left}}, err
}

// readOnly are the fields that clients do not set.
type readOnly struct {
	Name    string  `json:"name"`
	Status  string  `json:"status"`
	Channel string  `json:"channel"`
	SMPP    bool    `json:"smpp"`
	Left    float64 `json:"creditsLeft"`
	Held    float64 `json:"creditsHoldByQuota"` // there are no quotas
	Users   int64   `json:"userQuantityWithQuota"`
	IAM     *string `json:"iam"`
}

// putService takes whole objects and parts of them; what is read-only is passed
// over, since wrappers send whole objects back.
func putService(c *call) (any, error) {
	service, err := c.service()
	if err != nil {
		return nil, err
	}
	d, err := service.data()
	if err != nil {
		return nil, err
	}
	fields := append(slices.Clone(writable), "name", "status", "channel", "smpp", "creditsLeft",
		"creditsHoldByQuota", "userQuantityWithQuota", "iam")
	if err := c.decode(&d, fields...); err != nil {
		return nil, err
	}
	d.CallBack, d.StopCallBack = unlessEmpty(d.CallBack), unlessEmpty(d.StopCallBack)
	data, err := json.Marshal(d)
	if err != nil {
		return nil, err
	}
	if err := c.door.checkCallbacks(data); err != nil {
		return nil, err
	}
	const most = 64 << 10
	if len(data) > most {
		return nil, invalid("the fields are larger than 64 KiB together")
	}
	return nil, c.Store.KeepOVHService(c.ctx(), c.app.Account, data)
}

// unlessEmpty reads an empty text as none: clients clear an address with either.
func unlessEmpty(text *string) *string {
	if text == nil || *text == "" {
		return nil
	}
	return text
}

// date reads a filter. A plus sign that was not encoded arrives as a space.
func date(text string) (time.Time, bool) {
	text = strings.Replace(text, " ", "+", 1)
	for _, layout := range []string{
		time.RFC3339, "2006-01-02T15:04:05", time.DateOnly, "20060102T15:04:05",
		"20060102T150405",
	} {
		if at, err := time.ParseInLocation(layout, text, time.Local); err == nil {
			return at, true
		}
	}
	return time.Time{}, false
}

// period reads the filters creationDatetime.from and .to, both inclusive.
func (c *call) period() (since, until time.Time, err error) {
	const from, to = "creationDatetime.from", "creationDatetime.to"
	for _, bound := range []struct {
		key  string
		into *time.Time
	}{{from, &since}, {to, &until}} {
		text := c.query.Get(bound.key)
		if text == "" {
			continue
		}
		at, ok := date(text)
		if !ok {
			return since, until, invalid("'" + bound.key +
				"' is not a datetime, such as 2026-03-01T00:00:00%2B01:00")
		}
		*bound.into = at
	}
	if !until.IsZero() {
		until = until.Truncate(time.Second).Add(time.Second) // dates are shown in whole seconds
	}
	return since, until, nil
}
