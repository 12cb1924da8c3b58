package api

import (
	"time"

	"relais/campaign"
)

// CampaignForecast is what the gateway says of the messages of a campaign that was checked.
type CampaignForecast struct {
	Price        *Price          `json:"price,omitempty" doc:"of the messages whose price is known; absent: of none"`
	WithoutPrice int             `json:"without_price" doc:"messages whose price is not known"`
	Routes       []CampaignRoute `json:"routes" doc:"connectors, and what each carries"`
	Start        time.Time       `json:"start" doc:"when the first message leaves, were it started at its time, else at the check"`
	Last         *time.Time      `json:"last,omitempty" doc:"when the last one leaves, by the rates and the hours; absent: not known"`
}

// CampaignRoute is a connector, and what it carries.
type CampaignRoute struct {
	Connector string          `json:"connector" doc:"the instance"`
	Messages  int             `json:"messages" doc:"that it carries"`
	Segments  int             `json:"segments" doc:"of these messages, STOP clause included"`
	PerMinute int             `json:"per_minute,omitempty" doc:"messages at most; absent: not known"`
	Credit    *CampaignCredit `json:"credit,omitempty" doc:"as the operator said last; absent: not known"`
}

// CampaignCredit is what is left at the operator, and whether it is enough.
type CampaignCredit struct {
	Left   float64 `json:"left" doc:"in unit"`
	Unit   string  `json:"unit" doc:"credits, of which one is reckoned for each segment, or a currency"`
	Needed float64 `json:"needed" doc:"in unit"`
	Enough bool    `json:"enough" doc:"for these messages alone"`
}

func forecastOf(f *campaign.Forecast) *CampaignForecast {
	if f == nil {
		return nil
	}
	shown := &CampaignForecast{
		Price: (*Price)(f.Price), WithoutPrice: f.WithoutPrice, Routes: []CampaignRoute{}, Start: f.Start, Last: f.Last,
	}
	for _, r := range f.Routes {
		shown.Routes = append(shown.Routes, CampaignRoute{
			r.Connector, r.Messages, r.Segments, r.PerMinute, (*CampaignCredit)(r.Credit),
		})
	}
	return shown
}
