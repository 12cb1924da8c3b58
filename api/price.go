package api

import "relais/sms"

// Price is what a message costs.
type Price struct {
	Amount   string `json:"amount" doc:"of all segments, with a point" example:"0.094"`
	Currency string `json:"currency" doc:"ISO 4217" example:"EUR"`
}

// priceOf is nil where the price is not known.
func priceOf(m sms.Money, currency string) *Price {
	if m == 0 {
		return nil
	}
	return &Price{Amount: m.String(), Currency: currency}
}
