//go:build oracle

package app_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
)

// TestNodeOVHBehindRealProxies has OVH's own client for Node.js, unchanged, call through
// nginx and Caddy. It speaks TLS alone, signs the host without its port, and writes what
// is not ASCII as escapes.
func TestNodeOVHBehindRealProxies(t *testing.T) {
	module, err := filepath.Abs("../internal/oracle/node_modules/ovh")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(module); err != nil {
		t.Fatalf("%v: run `scripts/deps node`", err)
	}
	c := startOVHClientWith(t, behindGateway)
	for _, name := range []string{"nginx", "caddy"} {
		p := startProxy(t, name, c.app.URL())
		for _, way := range []struct {
			name string
			set  map[string]any
		}{
			{"host alone", map[string]any{"host": "sms.town.example"}},
			{"host and path", map[string]any{"host": "sms.town.example", "basePath": "/v1"}},
			{"the endpoint of OVH", map[string]any{"endpoint": "ovh-eu"}},
			{"a path that the proxy changes", map[string]any{"host": "api.town.example", "basePath": "/gateway/sms-api"}},
		} {
			t.Run(name+" "+way.name, func(t *testing.T) {
				way.set["port"], way.set["consumerKey"] = p.port, c.issued.ConsumerKey
				way.set["appKey"], way.set["appSecret"] = c.issued.ApplicationKey, c.issued.ApplicationSecret
				asked, err := json.Marshal(map[string]any{
					"module": module, "client": way.set,
					"service": c.issued.Service, "tag": name + " & " + way.name,
				})
				if err != nil {
					t.Fatal(err)
				}
				command := exec.CommandContext(t.Context(), "node", "testdata/node-ovh.js", string(asked))
				command.Env = append(os.Environ(), "NODE_EXTRA_CA_CERTS="+p.file, "NODE_NO_WARNINGS=1")
				var out, failure bytes.Buffer
				command.Stdout, command.Stderr = &out, &failure
				if err := command.Run(); err != nil {
					t.Fatalf("%v: %s", err, failure.String())
				}
				var got struct{ Sent, Found []int64 }
				if err := json.Unmarshal(out.Bytes(), &got); err != nil || len(got.Sent) != 1 ||
					!slices.Contains(got.Found, got.Sent[0]) {
					t.Errorf("%s, %v", out.String(), err)
				}
			})
		}
	}
}
