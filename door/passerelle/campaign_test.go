package passerelle_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"relais/campaign/engine"
	"relais/campaign/ledger"
	"relais/door/passerelle"
	"relais/gateway"
	"relais/sms"
)

// large is an instance whose sends to twenty or more are campaigns, beside one for codes.
func large() (large, codes passerelle.Instance) {
	large = square()
	large.Name, large.CampaignFrom = "large", 20
	codes = large
	codes.Name, codes.Class = "codes", sms.OTP
	return large, codes
}

// desk makes campaigns in the database of a site.
func (s *site) desk() *engine.Desk {
	return &engine.Desk{
		Store: s.store, Line: s.gateway, Now: s.clock.Now, Rouse: func() {}, Log: slog.New(slog.DiscardHandler),
		Account: func(name string) gateway.Account { return gateway.Account{Name: name, Region: "FR"} },
	}
}

func many(count int) string {
	to := make([]string, count)
	for i := range to {
		to[i] = fmt.Sprintf(`"06399800%02d"`, i)
	}
	return strings.Join(to, ",")
}

// TestASendToManyIsACampaign: the answer keeps the words of Passerelle, names whom it left out, and
// comes once the campaign is kept; what is said of the text stands with each message.
func TestASendToManyIsACampaign(t *testing.T) {
	one, codes := large()
	s := open(t, one, codes)
	body := func(to string) string {
		return `{"message":"Ferm\u00e9\u0001","from":"M","to":[` + to + `],"counter":"alertes"}`
	}
	for path, campaign := range map[string]bool{
		"/passerelle/large/send " + many(19):           false,
		"/passerelle/codes/send " + many(20):           false,
		"/passerelle/large/send " + many(20) + `,"12"`: true,
	} {
		path, to, _ := strings.Cut(path, " ")
		got := s.do(s.request("POST", path, body(to)))
		if got.StatusCode != http.StatusOK || got.Err != 0 || (len(got.Data.Messages) == 0) != campaign {
			t.Fatalf("%s of %d: %s", path, len(to), got.raw)
		}
		if campaign && (got.Warn["unsupported phone numbers"] != "12" || len(got.Data.Rejected) != 1 ||
			!strings.Contains(got.raw, `"recipients":20`) || got.Warn["text cleaned"] == "") {
			t.Error(got.raw)
		}
	}
	all, _, err := s.desk().Campaigns(t.Context(), ledger.Query{Account: "default", Limit: 5})
	if err != nil || len(all) != 1 {
		t.Fatalf("%d campaigns, %v", len(all), err)
	}
	c := &all[0]
	if c.Status != ledger.Running || c.Name != "Publik large 2025-01-15 08:30" || c.StartedBy != "passerelle:large/anybody" ||
		c.Counts != (ledger.Counts{Waiting: 20, Skipped: 1}) || !strings.Contains(c.Options.Order.Metadata, `"counter":"alertes"`) ||
		!strings.Contains(c.Options.Order.Notes, "text_cleaned") {
		t.Errorf("%+v", c)
	}
}

// TestASendToManyThatIsRefused: nothing is kept of what the gateway refuses, and a caller is known as
// before: a signature that was used makes no second campaign.
func TestASendToManyThatIsRefused(t *testing.T) {
	one, _ := large()
	signed := town()
	signed.CampaignFrom = 20
	s := open(t, one, signed)
	for to, want := range map[string]string{
		strings.Repeat(`"12",`, 20) + `"13"`: "is unsupported",
		many(20):                             "text",
	} {
		message := "Bonjour"
		if want == "text" {
			message = " "
		}
		got := s.do(s.request("POST", "/passerelle/large/send", `{"message":"`+message+`","from":"M","to":[`+to+`]}`))
		if got.StatusCode != http.StatusBadRequest || got.Err != 1 || !strings.Contains(got.Desc, want) {
			t.Error(got.raw)
		}
	}
	body := `{"message":"Bonjour","from":"M","to":[` + many(20) + `]}`
	query := sign("", formsHost, vectorKey, "1234567890abcdef", vectorTime)
	for i, want := range []int{200, 403} {
		got := s.do(s.request("POST", "/passerelle/town/send?"+query, body))
		if got.StatusCode != want {
			t.Errorf("call %d: %s", i+1, got.raw)
		}
	}
	all, _, err := s.desk().Campaigns(t.Context(), ledger.Query{Account: "default", Limit: 5})
	if err != nil || len(all) != 1 || all[0].Counts.Waiting != 20 {
		t.Errorf("%d campaigns, %v", len(all), err)
	}
}
