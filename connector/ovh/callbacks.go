package ovh

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"

	"relais/connector"
	"relais/reason"
)

// CallbackRight is what SetCallbacks needs beside Rights. It is asked for apart:
// it also lets a stolen key redirect replies and change alerts.
var CallbackRight = Rule{http.MethodPut, "/sms/*"}

// Callbacks are the addresses that OVH calls for an account; empty: none.
type Callbacks struct {
	Receipt string `json:"receipt"`
	Reply   string `json:"reply"`
	Stop    string `json:"stop"`
}

// CallbacksAt are the addresses under the callback address of an instance.
func CallbacksAt(address string) Callbacks {
	return Callbacks{Receipt: address + receiptPath, Reply: address + replyPath, Stop: address + stopPath}
}

// settings are the fields of sms.Account that hold callbacks (API schema
// sms.json).
type settings struct {
	CallBack     *string  `json:"callBack"`
	StopCallBack *string  `json:"stopCallBack"`
	SMSResponse  response `json:"smsResponse"`
}

type response struct {
	Type string  `json:"responseType"`
	URL  *string `json:"cgiUrl"`
}

func (s *settings) callbacks() Callbacks {
	var set Callbacks
	if s.CallBack != nil {
		set.Receipt = *s.CallBack
	}
	if s.StopCallBack != nil {
		set.Stop = *s.StopCallBack
	}
	if s.SMSResponse.Type == "cgi" && s.SMSResponse.URL != nil {
		set.Reply = *s.SMSResponse.URL
	}
	return set
}

// ReadCallbacks returns what is set on an SMS account.
func ReadCallbacks(ctx context.Context, o LoginOptions, service string) (Callbacks, error) {
	return o.api().readCallbacks(ctx, "/sms/"+url.PathEscape(service))
}

func (a *api) readCallbacks(ctx context.Context, account string) (Callbacks, error) {
	var s settings
	if err := a.get(ctx, account, &s); err != nil {
		return Callbacks{}, fmt.Errorf("read the callbacks: %w", err)
	}
	return s.callbacks(), nil
}

// SetCallbacks sets the addresses on an SMS account; empty ones clear what is
// there. A body of some fields changes those alone (observed).
func SetCallbacks(ctx context.Context, o LoginOptions, service string, c Callbacks) error {
	change := settings{CallBack: &c.Receipt, StopCallBack: &c.Stop, SMSResponse: response{Type: "none"}}
	if c.Reply != "" {
		change.SMSResponse = response{Type: "cgi", URL: &c.Reply}
	}
	body, err := json.Marshal(change)
	if err != nil {
		return fmt.Errorf("write the callbacks: %w", err)
	}
	if _, err := o.api().call(ctx, http.MethodPut, "/sms/"+url.PathEscape(service), body, ""); err != nil {
		if connector.CodeOf(err) == "NOT_GRANTED_CALL" {
			return fmt.Errorf("the consumer key lacks the right %s; relais ovh login --callbacks obtains "+
				"one that has it: %w", CallbackRight, err)
		}
		return fmt.Errorf("set the callbacks: %w", err)
	}
	return nil
}

// checkCallbacks reports whether OVH calls this gateway. It shows no address, for
// each holds a secret.
func (c checkup) checkCallbacks(ctx context.Context) connector.Finding {
	set, err := c.api.readCallbacks(ctx, c.account)
	switch want := CallbacksAt(c.callback); {
	case err != nil:
		return warning("callbacks", foundCallbacksUnreadable, reason.Args{"error": reason.Name(err.Error())})
	case c.callback == "":
		return warning("callbacks", foundCallbacksImpossible,
			reason.Args{"time": reason.Name(plainPause)})
	case set == want:
		return ok("callbacks", foundCallbacks, nil)
	case set == Callbacks{}:
		return warning("callbacks", foundCallbacksNone,
			reason.Args{"time": reason.Name(plainPause)})
	default:
		return warning("callbacks", foundCallbacksDiffer,
			reason.Args{"differing": reason.Names(differing(set, want))})
	}
}

const plainPause = "5 minutes"

func differing(set, want Callbacks) (names []string) {
	for _, one := range []struct{ name, set, want string }{
		{"receipts", set.Receipt, want.Receipt}, {"replies", set.Reply, want.Reply}, {"STOP", set.Stop, want.Stop},
	} {
		if one.set != one.want {
			names = append(names, one.name)
		}
	}
	return names
}
