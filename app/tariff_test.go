package app_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"relais/client"
	"relais/sandbox"
)

// startPriced starts a gateway whose connector ovh has a tariff.
func startPriced(t *testing.T, tariff string) *gateway {
	t.Helper()
	operators := simulate(t, sandbox.Options{})
	priced := strings.Replace(toml, "[connector.ovh]\n",
		"[connector.ovh]\ntariff = "+fmt.Sprintf("%q", tariff)+"\n", 1)
	a, settings, logs := run(t, func(data string) string {
		return fmt.Sprintf(priced, data, operators.URL())
	})
	return &gateway{client.New(a.URL(), newKey(t, settings.Data)), a, operators, logs, settings.Data}
}

// everywhere is Paris, La Réunion and Germany.
var everywhere = []string{"+33639980001", "+262692123456", "+4915112345678"}

// prices previews and returns the price of each message, of all, and what the
// decisions of each say of prices.
func (g *gateway) prices(
	t *testing.T, r client.SubmitRequest,
) (each []string, total string, decisions []string) {
	t.Helper()
	answer, err := g.Preview(t.Context(), client.PreviewRequest{SubmitRequest: r})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range answer.Messages {
		each = append(each, shown(m.Price))
		for _, d := range m.Decisions {
			if d.Code == "price" {
				decisions = append(decisions, d.Detail)
			}
		}
	}
	return each, shown(answer.Total.Price), decisions
}

func shown(p *client.Price) string {
	if p == nil {
		return "not known"
	}
	return p.Amount + " " + p.Currency
}

func TestPricesByAFile(t *testing.T) {
	t.Parallel()
	file, err := filepath.Abs(filepath.Join("..", "examples", "tariffs", "contract.toml"))
	if err != nil {
		t.Fatal(err)
	}
	g := startPriced(t, file)
	two := client.SubmitRequest{To: everywhere, Text: strings.Repeat("a", 161), Connector: "ovh"}
	each, total, decisions := g.prices(t, two)
	want := []string{"0.094 EUR", "0.18 EUR", "0.157 EUR"}
	if diff := cmp.Diff(want, each); diff != "" || total != "0.431 EUR" {
		t.Errorf("total %s, messages (-want +got):\n%s", total, diff)
	}
	told := []string{
		"A segment to fr-metro costs 0.047 EUR by contract (version 1).",
		"A segment to re costs 0.09 EUR by contract (version 1).",
		"A segment to de costs 0.0785 EUR by contract (version 1).",
	}
	if diff := cmp.Diff(told, decisions); diff != "" {
		t.Errorf("decisions (-want +got):\n%s", diff)
	}
	answer, err := g.Submit(t.Context(), two)
	if err != nil {
		t.Fatal(err)
	}
	for i, m := range answer.Messages {
		if shown(m.Price) != want[i] {
			t.Errorf("accepted message %d costs %s, want %s", i, shown(m.Price), want[i])
		}
	}
	two.Connector = "sfr" // which has no tariff
	if each, total, decisions := g.prices(t, two); each[0] != "not known" || total != "not known" ||
		decisions != nil {
		t.Errorf("without a tariff: %v, %s, %v", each, total, decisions)
	}
}

// The STOP clause that OVH adds makes a text of two segments out of one of 160
// characters, and doubles its price.
func TestPriceCountsTheStopClause(t *testing.T) {
	t.Parallel()
	file, err := filepath.Abs(filepath.Join("..", "examples", "tariffs", "contract.toml"))
	if err != nil {
		t.Fatal(err)
	}
	g := startPriced(t, file)
	for class, want := range map[string]string{"transactional": "0.047 EUR", "marketing": "0.094 EUR"} {
		r := client.SubmitRequest{
			To: everywhere[:1], Text: strings.Repeat("a", 160), Class: class, Connector: "ovh",
		}
		if _, total, _ := g.prices(t, r); total != want {
			t.Errorf("%s: %s, want %s", class, total, want)
		}
	}
}

func TestPricesOfTheOperator(t *testing.T) {
	t.Parallel()
	g := startPriced(t, "operator")
	r := client.SubmitRequest{To: everywhere, Text: "Bonjour", Connector: "ovh"}
	before := g.sandbox.Stats().OVH.Accepted
	var each, decisions []string
	var total string
	await(t, "every price", patience, func() bool {
		each, total, decisions = g.prices(t, r)
		return total != "not known"
	})
	want := []string{"0.07 EUR", "0.14 EUR", "0.112 EUR"} // one credit, two, and 1.6
	if diff := cmp.Diff(want, each); diff != "" || total != "0.322 EUR" {
		t.Errorf("total %s, messages (-want +got):\n%s", total, diff)
	}
	if len(decisions) != 3 || !strings.HasPrefix(
		decisions[1], "A segment to re costs 0.14 EUR by the operator's prices of 20",
	) {
		t.Errorf("decisions %q", decisions)
	}
	if after := g.sandbox.Stats().OVH.Accepted; after != before {
		t.Errorf("the preview sent %d messages", after-before)
	}
	states, err := g.Connectors(t.Context())
	if err != nil || !strings.Contains(strings.Join(states.Items[0].Capabilities, " "), "tariff") {
		t.Errorf("connectors %+v, %v", states, err)
	}
}
