package ovh

import (
	"math"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// creditsOf are the credits of one segment by country, in the form of CountryEnum.
// Those of fr, gb, ie and in are documented (guides); the others are invented.
var creditsOf = map[string]float64{
	"fr": 1, "gb": 0.5, "ie": 0.8, "in": 0.4,
	"re": 2, "gp": 2, "mq": 2, "gf": 2, "yt": 2, "pm": 2.5, "nc": 3, "pf": 3, "wf": 3,
	"be": 1.5, "ch": 1.2, "de": 1.6, "es": 1.1, "it": 1.3, "lu": 1.2, "nl": 1.7, "pl": 0.6, "pt": 0.9,
}

// currencies are those of the companies of BillingCountryEnum (the enum is
// documented; which one bills in which currency is inferred), and what a credit costs
// there, which is invented.
var currencies = map[string]struct {
	code   string
	credit float64
}{
	"fr": {"EUR", 0.07}, "es": {"EUR", 0.07}, "ie": {"EUR", 0.07},
	"it": {"EUR", 0.07}, "gb": {"GBP", 0.06}, "pl": {"PLN", 0.3},
}

var countryCode = regexp.MustCompile(`^[a-z]{2}$`)

// destinationRates is GET /sms/rates/destinations, sms.DestinationRates. It needs no
// login (documented). The answers about values that are not in the enums are
// inferred, and so is that the country of the bill is France where none is given.
func destinationRates(query url.Values) (any, error) {
	country, billing := query.Get("country"), query.Get("billingCountry")
	if billing == "" {
		billing = "fr"
	}
	bill, billed := currencies[billing]
	switch {
	case country == "":
		return nil, required("country")
	case !countryCode.MatchString(country):
		return nil, bad("The input provided isn't valid: 'country' is not one of the countries")
	case !billed:
		return nil, bad(
			"The input provided isn't valid: 'billingCountry' is not one of es, fr, gb, ie, it, pl",
		)
	}
	credit, ok := creditsOf[country]
	if !ok {
		return nil, unknown("country", country)
	}
	value := math.Round(credit*bill.credit*1e5) / 1e5
	return rates{
		Country: strings.ToUpper(country), CountryCode: country, Credit: credit, VATRate: 20,
		Price: price{
			CurrencyCode: bill.code, Text: strconv.FormatFloat(value, 'f', -1, 64) + " " +
				bill.code, Value: value,
		},
	}, nil
}

type rates struct {
	Country     string  `json:"country"`
	CountryCode string  `json:"countryCode"`
	Credit      float64 `json:"credit"`
	Price       price   `json:"price"`
	VATRate     float64 `json:"vatRate"`
}

// price is order.Price.
type price struct {
	CurrencyCode string  `json:"currencyCode"`
	Text         string  `json:"text"`
	Value        float64 `json:"value"`
}
