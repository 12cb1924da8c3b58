package app

import (
	"net"
	"time"

	"relais/auth"
	"relais/config"
	"relais/connector"
	"relais/connector/ovh"
	"relais/connector/sfrdmc"
	"relais/sandbox/dmc"
	simovh "relais/sandbox/ovh"
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

// Simulated returns the instances ovh and sfr that point at a sandbox.
func Simulated(url string) []config.Connector {
	o := ovh.Provider().NewConfig().(*ovh.Config)
	o.Endpoint = url + "/ovh/1.0"
	o.ApplicationKey = simovh.ApplicationKey
	o.ApplicationSecret = connector.Secret(simovh.ApplicationSecret)
	o.ConsumerKey = connector.Secret(simovh.ConsumerKey)
	o.Service, o.Sender = simovh.Service, simovh.Sender
	o.CallsPerSecond, o.Concurrency = sandboxRate, sandboxConcurrency
	s := sfrdmc.Provider().NewConfig().(*sfrdmc.Config)
	s.BaseURL = url + "/dmc"
	s.ServiceID, s.ServicePassword, s.SpaceID = dmc.ServiceID, connector.Secret(dmc.Password),
		dmc.SpaceID
	s.Sender = dmc.Sender
	poll := sandboxPoll
	return []config.Connector{
		{Name: "ovh", Provider: "ovh", Section: o, PollEvery: &poll, Account: sandboxAccount},
		{Name: "sfr", Provider: "sfrdmc", Section: s, PollEvery: &poll, Account: sandboxAccount},
	}
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
