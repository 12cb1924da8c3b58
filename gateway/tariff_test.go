package gateway_test

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"relais/connector"
	"relais/duty"
	"relais/gateway"
	"relais/lane"
	"relais/reason"
	"relais/tariff"
)

// pricer is an operator that tells prices.
type pricer struct {
	operator
	asked  []string
	prices map[string]connector.Price
}

func (p *pricer) Tariff(_ context.Context, country string) (connector.Price, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked = append(p.asked, country)
	return p.prices[country], nil
}

// questions are the countries it was asked about, sorted: two of one submission are
// asked about at once.
func (p *pricer) questions() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Join(slices.Sorted(slices.Values(p.asked)), " ")
}

// pricers is a line whose operator ovh tells prices, and whose sfr has a table.
func pricers(t *testing.T, p *pricer, log *slog.Logger) *line {
	t.Helper()
	table, err := tariff.Parse([]byte(`
name = "contract"
version = 3
since = 2026-01-01
source = "annex 2"
currency = "EUR"
[segment]
fr-metro = "0.047"
all = "0.12"
`))
	if err != nil {
		t.Fatal(err)
	}
	facts := connector.Facts{Simulated: true}
	l := prepareOptions(t, t.TempDir(), nil, facts, func(s gateway.Store) gateway.Store {
		return s
	}, func(o *gateway.Options) {
		o.Instances = []lane.Instance{
			{Name: "ovh", Provider: "scripted", Connector: p, Facts: facts, TariffOfOperator: true},
			{Name: "sfr", Provider: "scripted", Connector: &operator{}, Facts: facts, Tariff: table},
			{Name: "free", Provider: "scripted", Connector: &operator{}, Facts: facts},
		}
		if log != nil {
			o.Log = log
		}
	})
	if err := l.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	return l
}

// previewed returns the prices of a preview and its decisions about them.
func (l *line) previewed(
	t *testing.T, connector, text string, to ...string,
) (prices, english, french []string) {
	t.Helper()
	r, err := l.Preview(t.Context(),
		gateway.Submission{Account: "default", Connector: connector, Text: text, To: to}, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	told := r.Common
	for _, m := range r.Messages {
		prices = append(prices, m.Price.String())
		told = append(told, m.Decisions...)
	}
	for _, d := range told {
		if d.Is("price") && !slices.Contains(english, d.In(reason.English)) {
			english, french = append(english, d.In(reason.English)), append(french, d.In("fr"))
		}
	}
	return prices, english, french
}

func same(t *testing.T, what string, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func TestPriceByATable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := pricers(t, &pricer{}, nil)
		defer l.stop(t)
		long := strings.Repeat("a", 161)
		prices, english, french := l.previewed(t, "sfr", long, "+33639980001", "+447700900001",
			"+33639980002", "+4915112345678")
		same(t, "prices of two segments", []string{"0.094", "0.24", "0.094", "0.24"}, prices)
		same(t, "decisions", []string{
			"A segment to fr-metro costs 0.047 EUR by contract (version 3).",
			"A segment to any other destination costs 0.12 EUR by contract (version 3).",
		}, english)
		same(t, "in French", []string{
			"Un segment vers fr-metro coûte 0,047 EUR d'après contract (version 3).",
			"Un segment vers toute autre destination coûte 0,12 EUR d'après contract (version 3).",
		}, french)
		if sent := l.submit(t, gateway.Submission{Connector: "sfr", Text: long}); sent[0].Price != 94_000 {
			t.Errorf("the accepted message costs %s", sent[0].Price)
		}
		prices, english, _ = l.previewed(t, "free", long, "+33639980001")
		same(t, "prices without a tariff", []string{"0.00"}, prices)
		same(t, "decisions without a tariff", []string(nil), english)
	})
}

func TestPriceOfTheOperator(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &pricer{prices: map[string]connector.Price{
			"FR": {Segment: 70_000, Currency: "EUR"}, "RE": {Segment: 140_000, Currency: "EUR"}, "DE": {Segment: 110_000, Currency: "GBP"},
		}}
		var logs strings.Builder
		l := pricers(t, p, slog.New(slog.NewTextHandler(&logs, nil)))
		defer l.stop(t)
		synctest.Wait()
		day := time.Now().Format(time.DateOnly)
		to := []string{"+33639980001", "+262692123456", "+4915112345678"}
		prices, english, french := l.previewed(t, "ovh", "Bonjour", to...)
		same(t, "prices at first", []string{"0.07", "0.00", "0.00"}, prices)
		same(t, "decisions at first", []string{
			"A segment to fr-metro costs 0.07 EUR by the operator's prices of " + day + ".",
			"A segment to re has no known price yet: the operator has not told it.",
			"A segment to de has no known price yet: the operator has not told it.",
		}, english)
		same(t, "the last one in French",
			"Un segment vers de n'a pas encore de prix connu\u00a0: l'opérateur ne l'a pas indiqué.", french[2])
		synctest.Wait()
		prices, english, french = l.previewed(t, "ovh", "Bonjour", to...)
		same(t, "prices then", []string{"0.07", "0.14", "0.00"}, prices)
		same(t, "the last decision", "A segment to de has no price in the operator's prices of "+day+".",
			english[2])
		same(t, "in French", "Un segment vers re coûte 0,14 EUR d'après les prix de l'opérateur du "+day+".",
			french[1])
		same(t, "questions", "DE FR RE", p.questions())
		if log := logs.String(); strings.Count(log, "another currency") != 1 ||
			!strings.Contains(log, "currency=GBP wanted=EUR") {
			t.Errorf("log %s", log)
		}
	})
}

func TestOperatorThatCannotTell(t *testing.T) {
	_, err := gateway.New(gateway.Options{
		Instances: []lane.Instance{{Name: "sfr", Connector: &operator{}, TariffOfOperator: true}},
		Clock:     duty.NewClock(time.Now),
		Metrics:   gateway.NewMetrics(prometheus.NewRegistry()), Log: slog.New(slog.DiscardHandler),
	})
	if err == nil || !strings.Contains(
		err.Error(), "connector sfr: its operator cannot tell its prices; give tariff the name of a file",
	) {
		t.Errorf("error %v", err)
	}
}
