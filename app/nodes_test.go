package app_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"relais/app"
	"relais/auth"
	"relais/client"
	"relais/console/consoletest"
	"relais/internal/pgtest"
	"relais/sandbox"
)

// nodes are two gateways on one PostgreSQL.
type nodes struct {
	text        string // of the configuration that both read
	directories [2]string
	all         [2]*consoletest.World
}

func startNodes(t *testing.T, more ...string) *nodes {
	t.Helper()
	n := &nodes{text: fmt.Sprintf("database = %q\nsandbox_at = %q\nseal_key = %q\n", pgtest.Database(t),
		simulate(t, sandbox.Options{}).URL(), strings.Repeat("0f", 32)) + strings.Join(more, "")}
	for i := range n.all {
		n.directories[i] = filepath.Join(t.TempDir(), "data")
		n.start(t, i)
	}
	return n
}

func (n *nodes) start(t *testing.T, i int) {
	t.Helper()
	n.all[i] = consoletest.StartNode(t, n.text, n.directories[i])
}

// connector is what a node says of a connector.
func (n *nodes) connector(t *testing.T, node int, name string) client.Connector {
	t.Helper()
	list, err := n.all[node].API.Connectors(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range list.Items {
		if c.Name == name {
			return c
		}
	}
	t.Fatalf("node %d does not know %s", node, name)
	return client.Connector{}
}

// holder is the node that sends through a connector, once there is one.
func (n *nodes) holder(t *testing.T, name string) (node int) {
	t.Helper()
	await(t, "a node sends through "+name, patience, func() bool {
		for node = range n.all {
			if n.connector(t, node, name).State == "running" {
				return true
			}
		}
		return false
	})
	return node
}

func (n *nodes) send(t *testing.T, node int, to, connector string) string {
	t.Helper()
	answer, err := n.all[node].API.Submit(t.Context(),
		client.SubmitRequest{To: []string{to}, Text: "Bonjour", Connector: connector})
	if err != nil {
		t.Fatal(err)
	}
	return answer.Messages[0].ID
}

func (n *nodes) status(t *testing.T, node int, id string) client.Status {
	t.Helper()
	m, err := n.all[node].API.Message(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return m.Status
}

// paused holds that nothing leaves through ovh on any node, while sfr sends.
func (n *nodes) paused(t *testing.T, id string) {
	t.Helper()
	await(t, "every node knows of the pause", patience, func() bool {
		return n.connector(t, 0, "ovh").Pause != nil && n.connector(t, 1, "ovh").Pause != nil
	})
	for node := range n.all {
		other := n.send(t, node, "+33639980002", "sfr")
		await(t, "what another connector sends", patience, func() bool {
			return n.status(t, node, other) == client.Delivered
		})
		if got := n.status(t, node, id); got != client.Queued {
			t.Fatalf("node %d: a message of the connector that is paused is %s", node, got)
		}
	}
}

// TestPauseHoldsOnEveryNode: a pause is asked for at the node that does not send through
// the connector; the other obeys, after a restart of both too, and resumes.
func TestPauseHoldsOnEveryNode(t *testing.T) {
	n := startNodes(t)
	holder := n.holder(t, "ovh")
	elsewhere := 1 - holder
	if _, err := n.all[elsewhere].API.Pause(t.Context(), "ovh", client.PauseRequest{Why: "maintenance"}); err != nil {
		t.Fatal(err)
	}
	await(t, "the node that sends knows of the pause", patience, func() bool {
		return n.connector(t, holder, "ovh").Pause != nil
	})
	waits := n.send(t, holder, "+33639980001", "ovh")
	n.paused(t, waits)
	for i := range n.all {
		if err := n.all[i].App.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for i := range n.all {
		n.start(t, i)
	}
	n.paused(t, waits)
	if c := n.connector(t, elsewhere, "ovh"); c.Pause.Why != "maintenance" || c.Pause.By != "api:sandbox" {
		t.Errorf("after the restart: %+v", c.Pause)
	}
	if _, err := n.all[holder].API.Resume(t.Context(), "ovh"); err != nil {
		t.Fatal(err)
	}
	for node := range n.all {
		await(t, "what waited for the end of the pause", patience, func() bool {
			return n.status(t, node, waits) == client.Delivered && n.connector(t, node, "ovh").Pause == nil
		})
	}
}

// TestNodesThatDifferAreTold: one node reads another file. Each tells of it: the console,
// the API, the metrics and what config check asks.
func TestNodesThatDifferAreTold(t *testing.T) {
	n := startNodes(t)
	var browsers [2]*consoletest.Browser
	for i, name := range []string{"ops", "ada"} {
		n.all[0].User(name, auth.Grant{Role: auth.Operator})
		browsers[i] = n.all[i].SignedIn("fr", name)
	}
	told := func(differ bool) {
		t.Helper()
		for i, w := range n.all {
			await(t, fmt.Sprintf("node %d tells of the configurations", i), patience, func() bool {
				c, err := w.API.Configuration(t.Context())
				return err == nil && len(c.Nodes) == 2 && c.Differ == differ
			})
			if p := browsers[i].Get("/console/"); p.Has("Les nœuds n'ont pas lu la même configuration") != differ {
				t.Errorf("node %d, differ %v: %s", i, differ, p.HTML)
			}
			b, err := app.RunningBeside(t.Context(), consoletest.NodeSettings(t, n.text, n.directories[i]))
			if err != nil || len(b.Nodes) != 2 || b.Name != b.Nodes[0].Name && b.Name != b.Nodes[1].Name {
				t.Errorf("node %d: %+v, %v", i, b, err)
			}
		}
	}
	told(false)
	version := func(node int) string {
		c, err := n.all[node].API.Configuration(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, one := range c.Nodes {
			if one.Here {
				return one.Version
			}
		}
		return ""
	}
	series := func(node int) string { return fmt.Sprintf(`relais_config_info{version=%q}`, version(node)) }
	if series(0) != series(1) {
		t.Errorf("%s and %s of the same file", series(0), series(1))
	}
	before := series(0)
	changed := consoletest.NodeSettings(t, n.text+"[limits]\nsegments = 7\n", n.directories[0])
	if _, err := n.all[0].App.Reload(t.Context(), changed); err != nil {
		t.Fatal(err)
	}
	told(true)
	if now := series(0); now == before || metric(t, n.all[0].App.URL(), now) != "1" ||
		metric(t, n.all[1].App.URL(), before) != "1" {
		t.Errorf("the metrics have %s and %s", now, series(1))
	}
	changed = consoletest.NodeSettings(t, n.text+"[limits]\nsegments = 7\n", n.directories[1])
	if _, err := n.all[1].App.Reload(t.Context(), changed); err != nil {
		t.Fatal(err)
	}
	told(false)
}

// TestPasskeysOfAnotherHostAreLogged at the start and at a reload of another public_url.
func TestPasskeysOfAnotherHostAreLogged(t *testing.T) {
	data, text := filepath.Join(t.TempDir(), "data"), fmt.Sprintf("sandbox_at = %q\n", simulate(t, sandbox.Options{}).URL())
	w := consoletest.StartNode(t, text, data)
	anne := w.User("anne")
	if err := w.Store.ChangeUser(t.Context(), anne.ID, func(r *auth.Record) (auth.Change, error) {
		r.Passkeys, r.PasskeyCount = []auth.Passkey{{ID: "a", Credential: []byte("a"), Public: []byte("{}"), Host: "localhost"}}, 1
		return auth.Change{}, nil
	}); err != nil {
		t.Fatal(err)
	}
	const told = "passkeys were made for another host"
	text += "public_url = \"https://sms.town.example\"\n"
	if _, err := w.App.Reload(t.Context(), consoletest.NodeSettings(t, text, data)); err != nil {
		t.Fatal(err)
	}
	if said := w.Logs.String(); !strings.Contains(said, told) || !strings.Contains(said, "sms.town.example") {
		t.Errorf("after the reload: %s", said)
	}
	if err := w.App.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if said := consoletest.StartNode(t, text, data).Logs.String(); !strings.Contains(said, told) {
		t.Errorf("after the start: %s", said)
	}
}
