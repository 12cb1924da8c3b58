package terms

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
	"relais/number"
	"relais/sms"
	"relais/tariff"
)

// toldPrices are those of an operator that told some of them.
func toldPrices(segment sms.Money, countries ...string) *Prices {
	told := OperatorPrices()
	for _, country := range countries {
		told.put(country, tariff.Told(country, "EUR", segment, time.Now()), time.Hour)
	}
	return told
}

func TestPrice(t *testing.T) {
	told := toldPrices(140_000, "RE")
	for _, tc := range []struct {
		name            string
		prices          *Prices
		country, family string
		want            sms.Money
		told            bool
	}{
		{"two segments", told, "RE", number.FROverseas, 280_000, true},
		{"not told yet", told, "FR", number.FRMetro, 0, true},
		{"no tariff", FixedPrices(nil), "FR", number.FRMetro, 0, false},
		{"no prices at all", nil, "FR", number.FRMetro, 0, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			at := Connector{Name: "ovh", Prices: tc.prices}
			terms := at.Terms(Message{Country: tc.country, Family: tc.family}, nil, time.Now())
			if got := terms.Price(); got.Of(2) != tc.want || got.Decision.IsZero() == tc.told {
				t.Errorf("%s, told by %+v, want %s", got.Of(2), got.Decision, tc.want)
			}
		})
	}
}

// teller tells the price of France, unless it is out of order.
type teller struct {
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
		told := OperatorPrices()
		reading := PriceReading{
			Connector: "ovh", Prices: told, Currency: "EUR", Ask: o.Tariff,
			Log: slog.New(slog.DiscardHandler), Now: time.Now,
		}
		go reading.Run(t.Context())
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
			if price := told.of("FR", number.FRMetro).Segment; price != step.price ||
				o.asked.Load() != step.asked {
				t.Errorf("%s: price %s after %d questions, want %s after %d",
					step.name, price, o.asked.Load(), step.price, step.asked)
			}
			o.broken.Store(step.broken)
		}
	})
}

// TestCostWithAnotherClause moves advertising to an operator whose STOP clause makes
// one segment more.
func TestCostWithAnotherClause(t *testing.T) {
	ovh := Connector{
		Name: "ovh", Facts: connector.Facts{StopClause: "\nSTOP 36184"}, Prices: toldPrices(90_000, "FR"),
	}
	for _, tc := range []struct {
		class  sms.Class
		hidden bool
		want   sms.Money
	}{
		{sms.Marketing, false, 180_000}, {sms.Transactional, false, 90_000}, {sms.Marketing, true, 0},
	} {
		m := Message{
			Class: tc.class, Sender: "MAIRIE", Text: strings.Repeat("a", 155),
			Country: "FR", Family: number.FRMetro, Hidden: tc.hidden,
		}
		terms := ovh.Terms(m, nil, time.Now())
		if got := terms.Cost(1); got != tc.want {
			t.Errorf("%s for %s, want %s", tc.class, got, tc.want)
		}
	}
}
