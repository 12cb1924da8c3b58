package console

import (
	"time"

	"relais/campaign"
	"relais/reason"
	"relais/sms"
)

// campaignForecast is what the gateway says of price, ways and times, in words.
type campaignForecast struct {
	Price  string // empty: not known
	Lacks  string // messages without a price; empty: none
	Times  string // empty: not known
	Long   string // that it lasts more than two days; empty: it does not
	Routes []campaignRoute
	Short  []string // where the credit is not enough
}

// campaignRoute is a connector, and what it carries.
type campaignRoute struct{ Connector, Messages, Segments, Credit string }

// forecast is nil where no gateway was asked.
func (f *frame) forecast(c *campaign.Forecast) *campaignForecast {
	if c == nil {
		return nil
	}
	shown := &campaignForecast{Price: f.amount(c.Price)}
	if c.WithoutPrice > 0 {
		shown.Lacks = f.many("campaigns_without_price", c.WithoutPrice)
	}
	if c.Last != nil {
		shown.Times = reason.Of(Words+"/campaigns_times", reason.Args{
			"start": reason.Name(f.At(c.Start).People), "last": reason.Name(f.At(*c.Last).People),
		}).In(f.Lang)
		const days = 2
		if c.Last.Sub(c.Start) > days*24*time.Hour {
			shown.Long = f.say("campaigns_long")
		}
	}
	for i := range c.Routes {
		one := &c.Routes[i]
		shown.Routes = append(shown.Routes, campaignRoute{
			one.Connector, f.Count(int64(one.Messages)), f.Count(int64(one.Segments)), f.creditLeft(one.Credit),
		})
		if one.Credit != nil && !one.Credit.Enough {
			shown.Short = append(shown.Short, reason.Of(
				Words+"/campaigns_credit_short", reason.Args{"connector": reason.Name(one.Connector)},
			).In(f.Lang))
		}
	}
	return shown
}

// amount is a price in words; empty: it is not known.
func (f *frame) amount(p *campaign.Price) string {
	if p == nil {
		return ""
	}
	m, err := sms.ParseMoney(p.Amount)
	if err != nil {
		return ""
	}
	return f.Money(m)
}

func (f *frame) creditLeft(c *campaign.Credit) string {
	if c == nil {
		return ""
	}
	return reason.Of(Words+"/campaigns_credit", reason.Args{
		"left": reason.Decimal(c.Left), "needed": reason.Decimal(c.Needed), "unit": reason.Name(c.Unit),
	}).In(f.Lang)
}
