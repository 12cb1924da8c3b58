package api_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"relais/api"
	"relais/auth"
	"relais/config/effect"
	"relais/gateway"
	"relais/reason"
)

// nodes tell which configuration they have in effect.
type nodes struct{ all effect.Nodes }

func (n nodes) Nodes(context.Context) (effect.Nodes, error) { return n.all, nil }
func (n nodes) Node() string                                { return "one" }

// TestConfigurationInEffect: versions that differ are told, and a node that has gone is not
// compared.
func TestConfigurationInEffect(t *testing.T) {
	now := time.Now()
	told := nodes{effect.Nodes{
		{Name: "one", Program: "1.2", Digest: "0123456789ab", Since: today, TriedAt: today, SeenAt: now},
		{
			Name: "two", Digest: "ba9876543210", Since: today, TriedAt: today, SeenAt: now, NeedRestart: []string{"listen"},
			Refused: "limits are wrong", Why: map[reason.Language]string{"fr": "limits est faux"},
		},
		{Name: "three", Digest: "000000000000", Since: today, TriedAt: today, SeenAt: now.Add(-time.Hour)},
	}}
	const operator, manager = "an-operator", "a-manager"
	keys := limited(map[string]auth.KeyLimits{
		operator: {Rights: []auth.KeyRight{auth.KeyOperate}}, manager: {Rights: []auth.KeyRight{auth.KeyManage}},
	})
	d := open(t, keys, func(_ *gateway.Options, o *api.Options) { o.Configuration = told })
	got := d.do(withHeader(withKey(get("/v1/configuration"), operator), "Accept-Language", "fr"))
	var c api.Configuration
	got.as(http.StatusOK, &c)
	if !c.Differ || len(c.Nodes) != 3 || !c.Nodes[0].Here || c.Nodes[1].Here || !c.Nodes[2].Silent ||
		c.Nodes[0].Version != "0123456789ab" || c.Nodes[1].Refused != "limits est faux" || c.Nodes[1].NeedRestart[0] != "listen" {
		t.Errorf("%s", got.body)
	}
	if d.do(withKey(get("/v1/configuration"), manager)).StatusCode != http.StatusForbidden {
		t.Error("a key that manages an account reads the configuration of the gateway")
	}
	told.all[1].Digest = told.all[0].Digest
	if got := d.do(withKey(get("/v1/configuration"), operator)); !strings.Contains(string(got.body), `"differ":false`) {
		t.Errorf("%s", got.body)
	}
}
