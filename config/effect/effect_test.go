package effect_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"relais/config/effect"
)

// TestDiffer: what is told of a difference is what mends it.
func TestDiffer(t *testing.T) {
	p := func(value string) effect.Print { return effect.Print{Value: value} }
	running := map[string]effect.Print{
		"currency": p("EUR"), "database": p("x"), "limits.segments": p("10"), "log.level": p("info"),
		"listen": {Value: "127.0.0.1:1", Outside: true}, "account.old.weight": p("1"),
	}
	read := map[string]effect.Print{
		"currency": p("CHF"), "database": p("x"), "limits.segments": p("1"), "log.level": p("warn"),
		"listen": p("127.0.0.1:2"), "account.new.weight": p("1"),
	}
	got := effect.Differ(running, read, []string{"currency", "database", "listen", "log"})
	want := effect.Pending{
		Reload:  []string{"account.new.weight", "account.old.weight", "limits.segments"},
		Restart: []string{"currency", "log.level"}, Outside: []string{"listen"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got.None() {
		t.Error("nothing is said to be pending")
	}
	same := effect.Differ(read, read, nil)
	if !same.None() {
		t.Errorf("the same differs: %+v", same)
	}
}

// memory is a Store.
type memory map[string]string

func (m memory) Setting(_ context.Context, name string) (string, error) { return m[name], nil }
func (m memory) SetSetting(_ context.Context, name, value string) error {
	m[name] = value
	return nil
}

func (m memory) Settings(_ context.Context, prefix string) (map[string]string, error) {
	found := map[string]string{}
	for name, value := range m {
		if strings.HasPrefix(name, prefix) {
			found[name] = value
		}
	}
	return found, nil
}

func (m memory) DropSetting(_ context.Context, name string) error {
	delete(m, name)
	return nil
}

// TestNodes: nodes that are there are compared, those that have gone are not, and those
// that have gone long ago are forgotten.
func TestNodes(t *testing.T) {
	now, s, ctx := time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC), memory{}, t.Context()
	for _, n := range []effect.Node{
		{Name: "b", Digest: "1", SeenAt: now.Add(-time.Second)},
		{Name: "a", Digest: "1", SeenAt: now},
		{Name: "gone", Digest: "2", SeenAt: now.Add(-time.Hour)},
		{Name: "long", Digest: "3", SeenAt: now.Add(-48 * time.Hour)},
	} {
		if err := effect.Tell(ctx, s, n); err != nil {
			t.Fatal(err)
		}
		if err := effect.TellPrints(ctx, s, n.Name, map[string]effect.Print{"listen": {Value: n.Digest}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := effect.Forget(ctx, s, now); err != nil {
		t.Fatal(err)
	}
	all, err := effect.All(ctx, s)
	names := []string{}
	for _, n := range all {
		names = append(names, n.Name)
	}
	if diff := cmp.Diff([]string{"a", "b", "gone"}, names); diff != "" || err != nil {
		t.Errorf("(-want +got):\n%s%v", diff, err)
	}
	if all.Differ(now) {
		t.Error("a node that has gone differs from the others")
	}
	all[1].Digest = "2"
	if !all.Differ(now) {
		t.Error("nodes that differ are not told")
	}
	if prints, err := effect.PrintsOf(ctx, s, "a"); prints["listen"].Value != "1" || err != nil {
		t.Errorf("the values of a node are %v, %v", prints, err)
	}
	if prints, err := effect.PrintsOf(ctx, s, "long"); prints != nil || err != nil {
		t.Errorf("the values of a node that is forgotten are %v, %v", prints, err)
	}
	if _, told, err := effect.Of(ctx, s, "long"); told || err != nil {
		t.Errorf("a node that is forgotten tells: %v, %v", told, err)
	}
}
