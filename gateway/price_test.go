package gateway

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"relais/connector"
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

func TestDecisionAboutAPlaceThatNobodyTells(t *testing.T) {
	d := decidePrice(tariff.Told("", "EUR", 0, time.Date(2026, 11, 26, 0, 0, 0, 0, time.UTC)), 0, "")
	if d.Detail != "A segment to a place that the number does not tell has no price in the operator's prices of 2026-11-26." ||
		d.French != "Un segment vers un lieu que le numéro ne dit pas n'a pas de prix dans les prix de l'opérateur du 2026-11-26." {
		t.Errorf("%+v", d)
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
		g := &Gateway{currency: "EUR", log: slog.New(slog.DiscardHandler), clock: newClock(time.Now)}
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
