package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"

	"relais/config"
	"relais/connector"
	"relais/connector/httpapi"
	"relais/console"
	"relais/internal/trial"
	"relais/reason"
	"relais/sandbox/declared"
	"relais/webhook"
)

// presets are the operators that come with the program, for the console: who runs the gateway
// chooses one there and tries it. Beside simulated operators each is tried at its simulated one.
type presets struct{ generation *generation }

// Presets implements console.Presets.
func (presets) Presets() []connector.Preset { return httpapi.DescribedAll() }

// Section implements console.Presets.
func (p presets) Section(c connector.Choice) (connector.Written, error) {
	written, err := httpapi.Section(c)
	return written, errors.Join(p.wrong(c), err)
}

// wrong says what is wrong with the name of a choice, and with an address that somebody typed.
func (p presets) wrong(c connector.Choice) error {
	var all []error
	why := config.CheckInstanceName(c.Instance)
	if _, taken := configuredSecret(p.generation.config, c.Instance); taken {
		why = reason.Of(whyNameTaken, nil)
	}
	if !why.IsZero() {
		all = append(all, &connector.ConfigError{Key: "name", Reason: why})
	}
	if base := c.Given["base_url"]; p.generation.sandboxURL == "" && connector.OnThisMachine(base) {
		all = append(all, &connector.ConfigError{Key: "base_url", Reason: reason.Of(whyNotPublic, nil)})
	}
	return errors.Join(all...)
}

// Try implements console.Presets.
func (p presets) Try(ctx context.Context, c connector.Choice) (connector.Tried, error) {
	if err := p.wrong(c); err != nil {
		return connector.Tried{}, err
	}
	client := connector.NewHTTPClient(connectionsOfTrial)
	defer client.CloseIdleConnections()
	typed := c.Given["base_url"] != ""
	if p.generation.sandboxURL != "" {
		c.Given = maps.Clone(c.Given)
		c.Given["base_url"] = p.generation.sandboxURL + declared.Prefix + c.Preset
	} else if typed {
		toPublic(client)
	}
	return httpapi.Try(ctx, c, connector.Env{
		Instance: c.Instance, HTTP: client, Log: p.generation.log.With("part", "console"), Now: trial.Now,
		CallbackURL: p.CallbackURL(c.Instance),
	})
}

// connectionsOfTrial to one operator: it is asked one thing after the other.
const connectionsOfTrial = 1

// toPublic has a client call public addresses alone, and no proxy, which nobody could judge: the
// address was typed by a person who may not configure the gateway. It is judged once its name was
// looked up.
func toPublic(client *http.Client) {
	const patience = 10 * time.Second
	dialer := &net.Dialer{Timeout: patience, ControlContext: func(_ context.Context, _, address string, _ syscall.RawConn) error {
		at, err := netip.ParseAddrPort(address)
		if err != nil || !(webhook.Policy{}).Allows(at.Addr()) {
			return connector.ErrNotPublic
		}
		return nil
	}}
	client.Transport = &http.Transport{
		DialContext: dialer.DialContext, TLSHandshakeTimeout: patience, ForceAttemptHTTP2: true, MaxIdleConnsPerHost: connectionsOfTrial,
	}
}

// CallbackURL implements console.Presets: the address that the operator of a connector calls which
// is not configured yet. Its secret comes from the name.
func (p presets) CallbackURL(instance string) string {
	base := p.generation.config.PublicURL
	if base == "" && p.generation.sandboxURL != "" {
		base = p.generation.url()
	}
	if base == "" {
		return ""
	}
	return base + "/callbacks/" + instance + "/" + derivedSecret(p.generation.sealer, instance)
}

// mostCredentials bounds what a sandbox tells of its operators: it has some kilobytes.
const mostCredentials = 1 << 20

// Simulated implements console.Presets.
func (p presets) Simulated(ctx context.Context, preset string) (map[string]string, error) {
	at := p.generation.sandboxURL
	if at == "" {
		return map[string]string{}, nil
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, at+"/operators", nil)
	if err != nil {
		return nil, err
	}
	client := connector.NewHTTPClient(connectionsOfTrial)
	defer client.CloseIdleConnections()
	answer, err := client.Do(r)
	if err != nil {
		return nil, fmt.Errorf("ask the sandbox for its operators: %w", err)
	}
	defer answer.Body.Close()
	var all map[string]declared.Account
	if err := json.NewDecoder(io.LimitReader(answer.Body, mostCredentials)).Decode(&all); err != nil {
		return nil, fmt.Errorf("ask the sandbox for its operators: %w", err)
	}
	return all[preset].Settings, nil
}

var _ console.Presets = presets{}
