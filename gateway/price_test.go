package gateway

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"relais/connector"
	"relais/duty"
	"relais/number"
	"relais/sms"
	"relais/tariff"
)

func TestPriceOf(t *testing.T) {
	g := &Gateway{currency: "EUR"}
	told := newPrices(Instance{TariffOfOperator: true})
	told.put("RE", tariff.Told("RE", "EUR", 140_000, time.Now()), time.Hour)
	for _, tc := range []struct {
		name   string
		prices *prices
		to     string
		want   sms.Money
	}{
		{"two segments", told, "+262692123456", 280_000},
		{"not told yet", told, "+33639980001", 0},
		{"no tariff", newPrices(Instance{}), "+33639980001", 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			n, err := number.Parse(tc.to, "FR")
			if err != nil {
				t.Fatal(err)
			}
			if got := g.priceOf(&lane{prices: tc.prices}, n, 2); got != tc.want {
				t.Errorf("%s, want %s", got, tc.want)
			}
		})
	}
}

// teller tells the price of France, unless it is out of order.
type teller struct {
	connector.Connector
	asked  atomic.Int32
	broken atomic.Bool
}

func (o *teller) Tariff(context.Context, string) (connector.Price, error) {
	o.asked.Add(1)
	if o.broken.Load() {
		return connector.Price{}, errors.New("out of order")
	}
	return connector.Price{Segment: 70_000, Currency: "EUR"}, nil
}

func TestOperatorIsAskedDailyAndAfterFailures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &teller{}
		o.broken.Store(true)
		g := &Gateway{currency: "EUR", log: slog.New(slog.DiscardHandler), clock: duty.NewClock(time.Now)}
		l := newLane(Instance{Name: "ovh", Connector: o, TariffOfOperator: true}, Health{}, time.Now())
		go g.watchTariff(t.Context(), l)
		paris := number.Parsed{Country: "FR", Family: number.FRMetro}
		for _, step := range []struct {
			name   string
			after  time.Duration
			broken bool // from then on
			price  sms.Money
			asked  int32
		}{
			{"out of order: asked at once and after 1 min", 2 * time.Minute, false, 0, 2},
			{"it answers after 2 min more", 2 * time.Minute, false, 70_000, 3},
			{"within the day", 23 * time.Hour, true, 70_000, 3},
			{"out of order a day later: its last word stays", 2 * time.Hour, true, 70_000, 9},
			{"then each hour", 24 * time.Hour, true, 70_000, 33},
		} {
			time.Sleep(step.after)
			synctest.Wait()
			if price := g.priceOf(l, paris, 1); price != step.price || o.asked.Load() != step.asked {
				t.Errorf("%s: price %s after %d questions, want %s after %d", step.name, price, o.asked.Load(), step.price, step.asked)
			}
			o.broken.Store(step.broken)
		}
	})
}

func TestPriceOfASecondChance(t *testing.T) {
	dear := newPrices(Instance{TariffOfOperator: true})
	dear.put("FR", tariff.Told("FR", "EUR", 90_000, time.Now()), time.Hour)
	g := &Gateway{lanes: map[string]*lane{"dear": {prices: dear}, "free": {prices: newPrices(Instance{})}}}
	for _, tc := range []struct {
		name, connector string
		to              sms.Number
		want            sms.Money
		decisions       int
	}{
		{"the price of the other connector", "dear", "+33639980001", 180_000, 1},
		{"a connector without a tariff", "free", "+33639980001", 0, 0},
		{"a number that a pseudonym stands for", "dear", NoNumber, 0, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			d := Draft{Message: sms.Message{To: tc.to, Connector: tc.connector, Segments: 2, Price: 47_000}}
			g.priceAgain(&d)
			if d.Price != tc.want || len(d.Decisions) != tc.decisions {
				t.Errorf("price %s, decisions %+v", d.Price, d.Decisions)
			}
		})
	}
}

// TestPriceWithAnotherClause moves advertising to an operator whose STOP clause makes
// one segment more.
func TestPriceWithAnotherClause(t *testing.T) {
	told := newPrices(Instance{TariffOfOperator: true})
	told.put("FR", tariff.Told("FR", "EUR", 90_000, time.Now()), time.Hour)
	l := newLane(Instance{Name: "ovh", Connector: &teller{}, Facts: connector.Facts{StopClause: "\nSTOP 36184"}}, Health{}, time.Now())
	l.prices = told
	g := &Gateway{lanes: map[string]*lane{"ovh": l}, account: func(string) Account { return Account{} }}
	m := sms.Message{To: "+33639980001", Text: strings.Repeat("a", 155), Sender: "MAIRIE", Segments: 1}
	for class, want := range map[sms.Class]sms.Money{sms.Marketing: 180_000, sms.Transactional: 90_000} {
		m.Class = class
		if got := g.priceAt("ovh", &m); got != want {
			t.Errorf("%s for %s, want %s", class, got, want)
		}
	}
}

// BenchmarkPrice: what an accept pays for the price of its messages.
func BenchmarkPrice(b *testing.B) {
	told := newPrices(Instance{TariffOfOperator: true})
	for _, country := range []string{"FR", "RE"} {
		told.put(country, tariff.Told(country, "EUR", 90_000, time.Now()), time.Hour)
	}
	g := &Gateway{lanes: map[string]*lane{"ovh": {prices: told}, "free": {prices: newPrices(Instance{})}}}
	for _, size := range []struct {
		name, connector string
		recipients      int
	}{{"one", "ovh", 1}, {"hundred", "ovh", 100}, {"one without a tariff", "free", 1}, {"hundred without a tariff", "free", 100}} {
		r := Result{Messages: make([]Draft, size.recipients)}
		for i := range r.Messages {
			d := &r.Messages[i]
			d.Connector, d.Segments, d.country, d.family = size.connector, 1, "FR", number.FRMetro
			if i%2 == 1 {
				d.country, d.family = "RE", number.FROverseas
			}
		}
		b.Run(size.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				r.Common = nil
				g.price(&r)
			}
		})
	}
}
