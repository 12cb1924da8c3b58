package smsgate

import (
	"net/http"
	"slices"
	"strings"

	"relais/webhook"
)

// hook is a webhook as clients register it (documented: SGC, Webhook).
type hook struct {
	ID       string  `json:"id"`
	DeviceID *string `json:"deviceId"`
	URL      string  `json:"url"`
	Event    string  `json:"event"`
}

// events are what a webhook may be told of, and what stands for it here.
var events = map[string][]webhook.Type{
	"sms:received":  {webhook.InboundReceived},
	"sms:sent":      {webhook.MessageSubmitted},
	"sms:delivered": {webhook.MessageDelivered},
	"sms:failed":    {webhook.MessageUndelivered, webhook.MessageExpired, webhook.MessageRejected},
}

// eventOf is the event of an endpoint.
func eventOf(types []webhook.Type) string {
	for name, of := range events {
		if slices.Contains(types, of[0]) {
			return name
		}
	}
	return ""
}

// keyPrefix begins the key of an endpoint; the id that the client has for it follows.
const keyPrefix = Format + " webhook "

// idOf is the id of an endpoint as clients know it.
func idOf(e *webhook.Endpoint) string {
	if id, given := strings.CutPrefix(e.Key, keyPrefix); given {
		return id
	}
	return e.ID.String()
}

func (c *call) hookOf(e *webhook.Endpoint) hook {
	return hook{ID: idOf(e), DeviceID: new(c.device()), URL: e.URL, Event: eventOf(e.Events)}
}

// registered are the endpoints of the account that this door registered.
func (c *call) registered() ([]webhook.Endpoint, error) {
	all, err := c.Reader.Endpoints(c.ctx(), c.user.Account)
	return slices.DeleteFunc(all, func(e webhook.Endpoint) bool { return e.Format != Format }), err
}

func (c *call) webhooks() (int, any, error) {
	all, err := c.registered()
	if err != nil {
		return 0, nil, err
	}
	shown := []hook{}
	for i := range all {
		shown = append(shown, c.hookOf(&all[i]))
	}
	return http.StatusOK, shown, nil
}

// register adds a webhook, or puts another one in the place of one with its id (documented: SGS).
func (c *call) register() (int, any, error) {
	var asked hook
	if _, err := c.readBody(&asked); err != nil {
		return 0, nil, err
	}
	types, known := events[asked.Event]
	switch {
	case asked.ID != "" && !isID(asked.ID):
		return 0, nil, errID
	case !known:
		return 0, nil, bad("invalid event type: want sms:received, sms:sent, sms:delivered or sms:failed; no other happens here")
	case asked.DeviceID != nil && *asked.DeviceID != "" && *asked.DeviceID != c.device():
		return 0, nil, bad("device not found: leave deviceId out, or take the one of /devices")
	}
	all, err := c.registered()
	if err != nil {
		return 0, nil, err
	}
	if i := slices.IndexFunc(all, func(e webhook.Endpoint) bool { return asked.ID != "" && idOf(&e) == asked.ID }); i >= 0 {
		changed, err := c.Webhooks.Change(c.ctx(), c.user.Account, all[i].ID, webhook.Change{URL: &asked.URL, Events: &types})
		if err != nil {
			return 0, nil, err
		}
		return http.StatusCreated, c.hookOf(&changed), nil
	}
	key := ""
	if asked.ID != "" {
		key = keyPrefix + asked.ID
	}
	made, err := c.Webhooks.Subscribe(c.ctx(), c.user.Account, asked.URL, Format, types, key)
	if err != nil {
		return 0, nil, err
	}
	return http.StatusCreated, c.hookOf(&made.Endpoint), nil
}

// unregister drops a webhook; one that is not there is dropped already (documented: SGS).
func (c *call) unregister() (int, any, error) {
	all, err := c.registered()
	if err != nil {
		return 0, nil, err
	}
	for i := range all {
		if idOf(&all[i]) != c.value {
			continue
		}
		if err := c.Webhooks.Remove(c.ctx(), c.user.Account, all[i].ID); err != nil {
			return 0, nil, err
		}
	}
	return http.StatusNoContent, nil, nil
}
