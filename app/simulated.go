package app

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"

	"relais/auth"
	"relais/config"
	"relais/connector"
	"relais/connector/ovh"
	"relais/connector/sfrdmc"
	"relais/connector/smpp"
	"relais/sandbox"
	"relais/sandbox/dmc"
	simovh "relais/sandbox/ovh"
	"relais/sandbox/smsc"
)

// SandboxKey is the API key of a gateway that runs beside simulated operators.
const SandboxKey = "sandbox"

// sandboxAccount is the one of SandboxKey.
const sandboxAccount = "sandbox"

// sandboxRate lets the simulated OVH show what the gateway can do; the real one
// has a default of its own.
const sandboxRate, sandboxConcurrency = 10_000, 64

// sandboxPoll is how often simulated operators are polled: trials are short.
const sandboxPoll = 10 * time.Second

// Simulated returns the instances ovh, sfr and smsc that point at a sandbox.
func Simulated(address string) []config.Connector {
	o := ovh.Provider().NewConfig().(*ovh.Config)
	o.Endpoint = address + "/ovh/1.0"
	o.ApplicationKey = simovh.ApplicationKey
	o.ApplicationSecret = connector.Secret(simovh.ApplicationSecret)
	o.ConsumerKey = connector.Secret(simovh.ConsumerKey)
	o.Service, o.Sender = simovh.Service, simovh.Sender
	o.CallsPerSecond, o.Concurrency = sandboxRate, sandboxConcurrency
	s := sfrdmc.Provider().NewConfig().(*sfrdmc.Config)
	s.BaseURL = address + "/dmc"
	s.ServiceID, s.ServicePassword, s.SpaceID = dmc.ServiceID, connector.Secret(dmc.Password),
		dmc.SpaceID
	s.Sender = dmc.Sender
	m := smpp.Provider().NewConfig().(*smpp.Config)
	m.Address = net.JoinHostPort(hostOf(address), smscPort)
	m.Locate = func(ctx context.Context) (string, error) { return smscAddress(ctx, address) }
	m.SystemID, m.Password, m.TLS = smsc.SystemID, connector.Secret(smsc.Password), false
	m.Flash, m.Binary, m.Sender = "coding", true, simovh.Sender
	poll := sandboxPoll
	return []config.Connector{
		{Name: "ovh", Provider: "ovh", Section: o, PollEvery: &poll, Account: sandboxAccount},
		{Name: "sfr", Provider: "sfrdmc", Section: s, PollEvery: &poll, Account: sandboxAccount},
		{Name: "smsc", Provider: "smpp", Section: m, Account: sandboxAccount},
	}
}

// smscPort is the one of the SMSC beside a sandbox at its usual address.
const smscPort = "2776"

// hostOf is the host of a sandbox, without a port.
func hostOf(sandboxURL string) string {
	u, err := url.Parse(sandboxURL)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// smscAddress asks a sandbox where its SMSC listens: beside another address than the usual one it
// has any free port, a new one after each start. A sandbox that listens everywhere tells no host
// to call.
func smscAddress(ctx context.Context, sandboxURL string) (string, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, sandboxURL+"/", nil)
	if err != nil {
		return "", err
	}
	client := connector.NewHTTPClient(1)
	defer client.CloseIdleConnections()
	answer, err := connector.Exchange(client, r)
	if err != nil {
		return "", fmt.Errorf("ask the sandbox for its SMSC: %w", err)
	}
	var help sandbox.Help
	if err := json.Unmarshal(answer.Body, &help); err != nil {
		return "", fmt.Errorf("ask the sandbox for its SMSC: %w", err)
	}
	_, port, err := net.SplitHostPort(help.Credentials["smsc_address"])
	if err != nil {
		return "", fmt.Errorf("the sandbox at %s has no SMSC: %w", sandboxURL, err)
	}
	return net.JoinHostPort(hostOf(sandboxURL), port), nil
}

// sandboxKeys are the keys that work beside the stored ones. Anybody knows
// them, so they work only where nobody else can reach the gateway.
func sandboxKeys(c config.Config) map[string]auth.Key {
	if !usesSandbox(c) || !loopback(c.Listen) {
		return nil
	}
	return map[string]auth.Key{SandboxKey: {
		ID: "sandbox", Account: sandboxAccount, Name: "sandbox", Limits: auth.KeyLimits{Rights: auth.KeyRights()},
	}}
}

func usesSandbox(c config.Config) bool { return c.Sandbox || c.SandboxAt != "" }

func loopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
