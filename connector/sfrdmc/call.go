package sfrdmc

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"relais/connector"
	"relais/sms"
)

// instance is a configured service and space. Calls may overlap.
type instance struct {
	config Config
	env    connector.Env

	turns       turns       // of SupervisionWS
	schedule    schedule    // what the poller's turns are for
	unexplained unexplained // failures that were pushed without a reason
}

// Methods of the JSON API, as they stand in its addresses.
const (
	addSingleCall    = "MessagesUnitairesWS/addSingleCall"    // DMC developer guide v1.7, 2.5.1
	batchSingleCall  = "MessagesUnitairesWS/batchSingleCall"  // 2.5.2
	getSingleCallCra = "MessagesUnitairesWS/getSingleCallCra" // 2.5.4
	findSpaces       = "AdminWS/findSpaces"                   // 2.7.1
	findServiceOadc  = "AdminWS/findServiceOadc"              // 2.7.1
)

// authentication travels with every call (DMC developer guide v1.7, 1.1.6.3).
type authentication struct {
	ServiceID       string `json:"serviceId"`
	ServicePassword string `json:"servicePassword"`
	SpaceID         string `json:"spaceId,omitempty"`
	Lang            string `json:"lang"`
}

func (i *instance) authentication() authentication {
	return authentication{
		ServiceID:       i.config.ServiceID,
		ServicePassword: i.config.ServicePassword.Reveal(),
		SpaceID:         i.config.SpaceID,
		Lang:            i.config.Lang,
	}
}

// call makes one request and returns the value of "response". Messages are
// those that the request is about, which errors must not repeat.
func (i *instance) call(
	ctx context.Context, method string, parameters map[string]any, messages ...sms.Message,
) (json.RawMessage, error) {
	r, err := i.request(ctx, method, parameters)
	if err != nil {
		return nil, err
	}
	answer, err := connector.Exchange(i.env.HTTP, r)
	if err != nil {
		return nil, fmt.Errorf("call %s: %w", method, err)
	}
	value, err := i.valueOf(answer, messages)
	if err != nil {
		return nil, fmt.Errorf("call %s: %w", method, err)
	}
	return value, nil
}

// request puts each parameter, as JSON, in a form body. The guide's examples
// put them in the URL; DMC takes both (SFR online help, "creation-diffusion"),
// and a URL ends up in the logs of every proxy.
func (i *instance) request(
	ctx context.Context, method string, parameters map[string]any,
) (*http.Request, error) {
	form, err := encodeForm(parameters)
	if err != nil {
		return nil, &connector.Error{
			Fault: connector.Rejected, Detail: "the message cannot be written as JSON",
		}
	}
	address := strings.TrimRight(i.config.BaseURL, "/") + "/DmcWS/" + i.config.Version +
		"/JsonService/" + method
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(form))
	if err != nil {
		return nil, &connector.Error{Fault: connector.Blocked, Detail: "base_url and version make no address"}
	}
	// Tomcat reads a form without a charset as ISO 8859-1 (Servlet 3.1, 3.12).
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8")
	return r, nil
}

// encodeForm writes blanks as %20, not as "+": then no plus sign is left on
// the wire, whichever decoder reads it. DMC drops a number whose "+" became a
// blank, and answers success (observed).
func encodeForm(parameters map[string]any) (string, error) {
	form := make(url.Values, len(parameters))
	for name, value := range parameters {
		text, err := encodeJSON(value)
		if err != nil {
			return "", fmt.Errorf("write parameter %s: %w", name, err)
		}
		form.Set(name, text)
	}
	return strings.ReplaceAll(form.Encode(), "+", "%20"), nil
}

// encodeJSON leaves <, > and & as they are: DMC's dynamic parts are written
// with them.
func encodeJSON(value any) (string, error) {
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return "", err
	}
	return strings.TrimSuffix(buffer.String(), "\n"), nil
}
