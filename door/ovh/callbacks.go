package ovh

import (
	"context"
	"encoding/json"
	"errors"

	"relais/auth"
	"relais/inbox"
	"relais/reason"
	"relais/sms"
	"relais/webhook"
)

// callbacks are the addresses of an account that are called (documented:
// sms.Account). At OVH they are settings of the account, never of a message.
type callbacks struct {
	Receipts string `json:"callBack"`
	Stops    string `json:"stopCallBack"`
	Response struct {
		Type string `json:"responseType"`
		URL  string `json:"cgiUrl"`
	} `json:"smsResponse"`
}

// replies is the address that gets replies; empty: none.
func (c *callbacks) replies() string {
	if c.Response.Type != "cgi" {
		return ""
	}
	return c.Response.URL
}

// callbacksOf reads what clients set.
func callbacksOf(data []byte) (c callbacks, err error) {
	if len(data) > 0 {
		err = json.Unmarshal(data, &c)
	}
	return c, err
}

// checkCallbacks refuses at once what could not be called: an address, or a
// kind of response, that is wrong.
func (d *Door) checkCallbacks(data []byte) error {
	c, err := callbacksOf(data)
	if err != nil {
		return invalid("callBack, stopCallBack and smsResponse want texts and an object of sms.Response")
	}
	switch c.Response.Type {
	case "", "none", "cgi":
	case "text":
		return notBuilt("Relais does not answer by smsResponse: write a [reply] rule")
	default:
		return invalid("'smsResponse.responseType' is none of cgi, none, text")
	}
	if c.Response.Type == "cgi" && c.Response.URL == "" {
		return invalid("'smsResponse.cgiUrl' is missing: cgi wants an address")
	}
	if c.Stops != "" { // how it is called stands nowhere
		return notBuilt("Relais does not call stopCallBack: read the blacklists, or register a webhook for " +
			"opt_out.added (POST /v1/webhooks)")
	}
	for _, address := range []struct{ field, url string }{
		{"callBack", c.Receipts},
		{"smsResponse.cgiUrl", c.replies()},
	} {
		if address.url == "" {
			continue
		}
		if err := d.CheckURL(address.url); err != nil {
			return wrongAddress(address.field, err)
		}
	}
	return nil
}

func wrongAddress(field string, err error) error {
	if e, ok := errors.AsType[*webhook.Error](err); ok {
		return invalid("'" + field + "' cannot be called: " + e.Reason.In(reason.English))
	}
	return err
}

// Endpoint is where the receipts of an account's messages go; zero: nowhere. The
// message matters more than its receipt: an address that may not be called any
// more is passed over.
func (d *Door) Endpoint(ctx context.Context, account string) (id sms.ID, err error) {
	c, err := d.callbacks(ctx, account)
	if err != nil || c.Receipts == "" {
		return id, err
	}
	return d.endpoint(ctx, account, c.Receipts)
}

// ReplyEndpoints are where a reply goes. A STOP is no incoming SMS at OVH.
func (d *Door) ReplyEndpoints(ctx context.Context, in *inbox.Inbound) ([]sms.ID, error) {
	if in.Intent == inbox.IntentStop {
		return nil, nil
	}
	c, err := d.callbacks(ctx, in.Account)
	if err != nil || c.replies() == "" {
		return nil, err
	}
	id, err := d.endpoint(ctx, in.Account, c.replies())
	if err != nil || id.IsZero() {
		return nil, err
	}
	return []sms.ID{id}, nil
}

func (d *Door) callbacks(ctx context.Context, account string) (callbacks, error) {
	service, err := d.Store.OVHService(ctx, account)
	if errors.Is(err, auth.ErrUnknown) {
		return callbacks{}, nil // no client of OVH's API
	}
	if err != nil {
		return callbacks{}, err
	}
	return callbacksOf(service.Data)
}

func (d *Door) endpoint(ctx context.Context, account, url string) (sms.ID, error) {
	id, err := d.Report(ctx, account, url, Format)
	if e, ok := errors.AsType[*webhook.Error](err); ok {
		d.Log.Warn("a callback of an OVH client may not be called", "account", account, "reason",
			e.Reason.Code.Wire())
		return sms.ID{}, nil
	}
	return id, err
}
