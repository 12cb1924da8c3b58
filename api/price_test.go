package api_test

import (
	"net/http"
	"strings"
	"testing"

	"relais/api"
	"relais/gateway"
	"relais/tariff"
)

// priced gives the connector ovh a tariff that knows neither Germany nor any other
// country.
func priced(t *testing.T) func(*gateway.Options, *api.Options) {
	table, err := tariff.Parse([]byte(`
name = "contract"
version = 1
since = 2026-01-01
source = "annex 2"
currency = "EUR"
[segment]
fr-metro = "0.047"
re = "0.09"
`))
	if err != nil {
		t.Fatal(err)
	}
	return func(g *gateway.Options, _ *api.Options) {
		for i := range g.Instances {
			if g.Instances[i].Name == "ovh" {
				g.Instances[i].Tariff, g.Instances[i].Facts.Simulated = table, true
			}
		}
	}
}

func TestPrices(t *testing.T) {
	for _, tc := range []struct{ name, languages, to, total, word string }{
		{"preview of prices", "en", `"+33639980001","0692123456"`, "0.137", "A segment to re costs 0.09 EUR by contract (version 1)."},
		{"preview of a price that is not known", "fr", `"+33639980001","+4915112345678"`, "", "Un segment vers de n'a pas de prix dans contract (version 1)."},
	} {
		t.Run(tc.name, func(t *testing.T) {
			d := open(t, priced(t))
			body := `{"to":[` + tc.to + `],"text":"Bonjour","connector":"ovh"}`
			r := withHeader(request{method: "POST", path: "/v1/messages/preview", body: body},
				"Accept-Language", tc.languages)
			got := d.do(r)
			golden(t, tc.name, transcript(r)+got.transcript())
			var preview api.PreviewAnswer
			got.as(http.StatusOK, &preview)
			if total := preview.Total.Price; (total == nil) != (tc.total == "") || total != nil &&
				total.Amount != tc.total {
				t.Errorf("total %+v, want %q", total, tc.total)
			}
			made := d.submit(body)
			if p := made.Messages[0].Price; p == nil || *p != (api.Price{Amount: "0.047", Currency: "EUR"}) {
				t.Errorf("the accepted message costs %+v", p)
			}
			timeline := d.do(withHeader(get("/v1/messages/"+made.Messages[1].ID.String()),
				"Accept-Language", tc.languages))
			if !strings.Contains(string(timeline.body), tc.word) {
				t.Errorf("the timeline does not say %q: %s", tc.word, timeline.body)
			}
		})
	}
}
