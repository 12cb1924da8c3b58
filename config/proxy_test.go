package config_test

import (
	"strings"
	"testing"

	"relais/config"
)

func TestProxyOfWebhooks(t *testing.T) {
	const example = `such as "http://proxy.town.example:3128" or "http://user:password@proxy.town.example:3128"`
	for _, tc := range []struct {
		name, proxy, want string
	}{
		{"none", "", ""},
		{"with a port", "http://proxy.town.example:3128", ""},
		{"with a slash", "http://10.0.0.9:8080/", ""},
		{"IPv6", "http://[fd00::9]:3128", ""},
		{"with a login", "http://relais:hunter2%40%2F@proxy.town.example:3128", ""},
		{"a user alone", "http://relais@proxy.town.example:3128", ""},
		{"no port", "http://relais:hunter2@proxy.town.example", "want a host with its port, " + example},
		{"port 0", "http://relais:hunter2@proxy.town.example:0", "want a host with its port, " + example},
		{"no host", "http://relais:hunter2@:3128", "want a host with its port, " + example},
		{"no scheme", "hunter2.town.example:3128", "want the http:// address of an HTTP proxy, " + example},
		{"https", "https://relais:hunter2@proxy.town.example:3128", "want the http:// address of an HTTP proxy, " + example},
		{"SOCKS", "socks5://relais:hunter2@proxy.town.example:1080", "want the http:// address of an HTTP proxy, " + example},
		{"a path", "http://proxy.town.example:3128/hunter2", "want nothing behind the port, " + example},
		{"a script", "http://proxy.town.example:3128?hunter2", "want nothing behind the port, " + example},
		{
			"a slash in the password", "http://relais:hunter2/x@proxy.town.example:3128",
			"want a URL " + example + "; in a password %2F stands for /, %23 for #, %3F for ? and %25 for %",
		},
		{
			"a percent sign in the password", "http://relais:hunter2%x@proxy.town.example:3128",
			"want a URL " + example + "; in a password %2F stands for /, %23 for #, %3F for ? and %25 for %",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			inFile := write(t, "relais.toml", "[webhooks]\nproxy = '"+tc.proxy+"'\n", 0o600)
			named := write(t, "relais.toml",
				"[webhooks]\nproxy_file = '"+write(t, "proxy", tc.proxy, 0o600)+"'\n", 0o600)
			environment := func(variable string) (string, bool) {
				return tc.proxy, variable == "RELAIS_WEBHOOKS_PROXY"
			}
			for name, env := range map[string]func(string) (string, bool){
				inFile: noEnvironment, named: noEnvironment, "": environment,
			} {
				if tc.proxy == "" && name == named {
					continue // an empty file is a fault of its own
				}
				got, err := config.Load(name, env, providers())
				if tc.want != "" {
					if err == nil || !strings.Contains(err.Error(), tc.want) ||
						strings.Contains(err.Error(), "hunter2") {
						t.Errorf("%s: %v, want %s", name, err, tc.want)
					}
					continue
				}
				if err != nil {
					t.Errorf("%s: %v", name, err)
				} else if u := got.Webhooks.ProxyURL(); (u == nil) != (tc.proxy == "") || u != nil &&
					u.String() != tc.proxy {
					t.Errorf("%s: proxy %v", name, u)
				} else if strings.Contains(got.Redacted(), "hunter2") {
					t.Errorf("%s: the password shows", name)
				}
			}
		})
	}
}
