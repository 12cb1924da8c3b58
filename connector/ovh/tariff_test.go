package ovh

import (
	"net/http"
	"strings"
	"testing"

	"relais/connector"
)

const ratesRoute = "GET /1.0/sms/rates/destinations?billingCountry=fr&country=re"

func TestTariff(t *testing.T) {
	const body = `{"country":"La Réunion","countryCode":"re","credit":2,"price":{"currencyCode":"EUR","text":"0.14 €","value":0.14},"vatRate":20}`
	known := connector.Price{Segment: 140_000, Currency: "EUR"}
	for _, tc := range []struct {
		name   string
		status int
		body   string
		want   connector.Price
		fails  bool
	}{
		{"a price", 200, body, known, false},
		{"a double that is not exact", 200, strings.Replace(body, "0.14}", "0.14000000000000001}", 1), known, false},
		{"the country in capitals", 200, strings.Replace(body, `"re"`, `"RE"`, 1), known, false},
		{"another currency", 200, strings.Replace(body, "EUR", "points", 1), connector.Price{Segment: 140_000, Currency: "points"}, false},
		{"another country", 200, strings.Replace(body, `"re"`, `"all"`, 1), connector.Price{}, false},
		{"no price", 200, `{"countryCode":"re","price":null}`, connector.Price{}, false},
		{"a price of nothing", 200, strings.Replace(body, "0.14}", "0}", 1), connector.Price{}, false},
		{"a price below nothing", 200, strings.Replace(body, "0.14}", "-1}", 1), connector.Price{}, false},
		{"a price that is none", 200, strings.Replace(body, "0.14}", "1e300}", 1), connector.Price{}, false},
		{"a country that is not in the list", 400, `{"class":"Client::BadRequest","message":"country"}`, connector.Price{}, false},
		{"a country that is not served", 404, `{"class":"Client::NotFound","message":"country"}`, connector.Price{}, false},
		{"too many calls", 429, `{"class":"Client::TooManyRequests","message":"slow"}`, connector.Price{}, true},
		{"out of order", 500, `<html>`, connector.Price{}, true},
		{"HTML", 200, `<html>`, connector.Price{}, true},
		{"a price as text", 200, strings.Replace(body, "0.14}", `"0.14"}`, 1), connector.Price{}, true},
		{"nothing", 200, ``, connector.Price{}, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			o := newOperator(t)
			o.answer(ratesRoute, tc.status, tc.body)
			got, err := o.open(nil).Tariff(t.Context(), "RE")
			if got != tc.want || (err != nil) != tc.fails {
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
}

// OVH asks for no login here, so none is sent: not even a wrong key may cost the
// prices.
func TestTariffSendsNoKeys(t *testing.T) {
	o := newOperator(t)
	var headers http.Header
	o.handle("GET /1.0/sms/rates/destinations?billingCountry=pl&country=fr", func(w http.ResponseWriter, r *http.Request) {
		headers = r.Header
		w.WriteHeader(http.StatusNotFound)
	})
	c := o.open(func(c *Config) { c.BillingCountry = "pl" })
	if _, err := c.Tariff(t.Context(), "FR"); err != nil || headers == nil {
		t.Fatalf("error %v, headers %v", err, headers)
	}
	for name := range headers {
		if strings.HasPrefix(name, "X-Ovh-") {
			t.Errorf("header %s", name)
		}
	}
}
