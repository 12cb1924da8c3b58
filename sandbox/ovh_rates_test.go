package sandbox_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"relais/sandbox/ovh"
)

// The route takes calls without a login, and signed ones as the official client makes.
func TestRates(t *testing.T) {
	s, c := officialClient(t, ovh.ConsumerKey)
	type rates struct {
		CountryCode string  `json:"countryCode"`
		Credit      float64 `json:"credit"`
		Price       struct {
			CurrencyCode string  `json:"currencyCode"`
			Value        float64 `json:"value"`
		} `json:"price"`
	}
	for _, tc := range []struct {
		name, query string
		status      int
		credit      float64
		price       float64
		currency    string
	}{
		{"France", "country=fr", 200, 1, 0.07, "EUR"},
		{"La Réunion", "billingCountry=fr&country=re", 200, 2, 0.14, "EUR"},
		{"by the British company", "billingCountry=gb&country=gb", 200, 0.5, 0.03, "GBP"},
		{"a country that is not served", "country=zz", 404, 0, 0, ""},
		{"a country in capitals", "country=FR", 400, 0, 0, ""},
		{"no country", "", 400, 0, 0, ""},
		{"no such company", "billingCountry=de&country=fr", 400, 0, 0, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			resp, err := http.Get(s.URL() + "/ovh/1.0/sms/rates/destinations?" + tc.query)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			var got rates
			if err := json.NewDecoder(resp.Body).Decode(&got); err != nil {
				t.Fatal(err)
			}
			if resp.StatusCode != tc.status || got.Credit != tc.credit || got.Price.Value != tc.price ||
				got.Price.CurrencyCode != tc.currency {
				t.Errorf("%d %+v", resp.StatusCode, got)
			}
		})
	}
	var signed rates
	if err := c.Get("/sms/rates/destinations?country=de", &signed); err != nil ||
		signed.Price.Value != 0.112 {
		t.Errorf("signed: %+v, %v", signed, err)
	}
}
