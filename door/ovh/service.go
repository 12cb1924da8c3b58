package ovh

import (
	"encoding/json"
	"maps"
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
func (c *call) credits() (float64, error) { return c.creditsOf(c.ctx(), c.settings) }

// writable are the fields that clients set (documented: sms.Account). What they
// set is kept and shown; of these the description and the callbacks mean
// something here.
var writable = map[string]any{
	"description": "", "automaticRecreditAmount": nil, "creditThresholdForAutomaticRecredit": 0, "callBack": nil, "stopCallBack": nil,
	"smsResponse": map[string]any{"responseType": "none", "text": nil, "cgiUrl": nil, "trackingDefaultSmsSender": nil, "trackingOptions": []string{}},
	"templates": map[string]any{
		"customizedEmailMode": false, "customizedSmsMode": false, "emailBody": nil, "emailFrom": nil, "emailSubject": nil, "smsBody": nil,
	},
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
	shown := maps.Clone(writable)
	if len(service.Data) > 0 {
		if err := json.Unmarshal(service.Data, &shown); err != nil {
			return nil, err
		}
	}
	maps.Copy(shown, map[string]any{
		"name": service.Name, "status": "enable", "channel": "both", "smpp": false, "creditsLeft": left, "creditsHoldByQuota": 0,
		"userQuantityWithQuota": 0, "iam": nil,
	})
	return shown, nil
}

// putService takes whole objects and parts of them; what is read-only is passed
// over, since wrappers send whole objects back.
func putService(c *call) (any, error) {
	var sent map[string]json.RawMessage
	fields := append(slices.Collect(maps.Keys(writable)), "name", "status", "channel", "smpp", "creditsLeft", "creditsHoldByQuota", "userQuantityWithQuota", "iam")
	if err := c.decode(&sent, fields...); err != nil {
		return nil, err
	}
	service, err := c.service()
	if err != nil {
		return nil, err
	}
	kept := map[string]json.RawMessage{}
	if len(service.Data) > 0 {
		if err := json.Unmarshal(service.Data, &kept); err != nil {
			return nil, err
		}
	}
	for key, value := range sent {
		if _, ok := writable[key]; ok {
			kept[key] = value
		}
	}
	data, err := json.Marshal(kept)
	if err != nil {
		return nil, err
	}
	if err := c.checkCallbacks(data); err != nil {
		return nil, err
	}
	const most = 64 << 10
	if len(data) > most {
		return nil, invalid("the fields are larger than 64 KiB together")
	}
	return nil, c.Store.KeepOVHService(c.ctx(), c.app.Account, data)
}

// date reads a filter. A plus sign that was not encoded arrives as a space.
func date(text string) (time.Time, bool) {
	text = strings.Replace(text, " ", "+", 1)
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", time.DateOnly, "20060102T15:04:05", "20060102T150405"} {
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
			return since, until, invalid("'" + bound.key + "' is not a datetime, such as 2026-03-01T00:00:00%2B01:00")
		}
		*bound.into = at
	}
	if !until.IsZero() {
		until = until.Truncate(time.Second).Add(time.Second) // dates are shown in whole seconds
	}
	return since, until, nil
}
