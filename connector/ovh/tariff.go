package ovh

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"strings"

	"relais/connector"
	"relais/sms"
)

// billingCountries are sms.BillingCountryEnum (documented, schema).
var billingCountries = []string{"fr", "es", "gb", "ie", "it", "pl"}

// destinationRates is what is read of sms.DestinationRates (documented, schema). The
// schema says "price and credits per SMS to one country"; that one SMS is one
// segment, as one credit is, and that the price is without VAT, whose rate stands
// beside it, is inferred. So is that the account pays no less by a contract.
type destinationRates struct {
	CountryCode string `json:"countryCode"`
	Price       struct {
		CurrencyCode string  `json:"currencyCode"`
		Value        float64 `json:"value"`
	} `json:"price"`
}

// Tariff reads GET /sms/rates/destinations, which needs no login (documented,
// schema): it is sent without the keys.
func (c *Client) Tariff(ctx context.Context, country string) (connector.Price, error) {
	code := strings.ToLower(country) // CountryEnum
	query := url.Values{"billingCountry": {c.config.BillingCountry}, "country": {code}}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet,
		c.api.endpoint+"/sms/rates/destinations?"+query.Encode(), http.NoBody)
	if err != nil {
		return connector.Price{}, errAddress
	}
	r.Header["Accept"] = []string{"application/json"}
	answer, err := connector.Exchange(c.api.http, r)
	if err != nil {
		return connector.Price{}, fmt.Errorf("read the price: %w", err)
	}
	switch answer.Status {
	case http.StatusOK:
		return priceIn(answer, code)
	case http.StatusBadRequest, http.StatusNotFound:
		// Inferred: a country that is not in CountryEnum, or that OVH does not serve.
		return connector.Price{}, nil
	default:
		return connector.Price{}, fmt.Errorf("read the price: %w", c.api.refusal(answer, ""))
	}
}

// priceIn reads an answer. One about another country, or without a price above
// zero, names no price (inferred: the schema has no word for a country without one).
func priceIn(answer connector.Answer, code string) (connector.Price, error) {
	var rates destinationRates
	if err := json.Unmarshal(answer.Body, &rates); err != nil {
		return connector.Price{}, fmt.Errorf("price of %d bytes is not the documented JSON (call %s)",
			len(answer.Body), traceOf(answer))
	}
	// A double: rounded to what an amount holds, so that 0.07 is 0.07.
	amount := sms.Money(math.Round(rates.Price.Value * float64(sms.Unit)))
	if !strings.EqualFold(rates.CountryCode, code) || amount <= 0 || rates.Price.Value > dearest {
		return connector.Price{}, nil
	}
	return connector.Price{Segment: amount, Currency: rates.Price.CurrencyCode}, nil
}

// dearest is beyond any price of a segment.
const dearest = 1000
