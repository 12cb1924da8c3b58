package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"relais/api"
	"relais/gateway"
	"relais/policy"
)

// ruled gives every account the rules of the charter of 2026.
func ruled(g *gateway.Options, _ *api.Options) {
	rules, _ := policy.Builtin("fr-2026-03")
	g.Account = func(name string) gateway.Account {
		return gateway.Account{
			Name: name, Region: "FR", Policy: rules,
		}
	}
	g.Instances[1].Facts.Simulated = true
}

// saturday asks of a Saturday evening in Paris, for Paris, La Réunion and Tahiti.
const saturday = `{"to":["+33639980001","0692123456","+68987123456"],"text":"Soldes !","class":"marketing","connector":"ovh",
	"at":"2026-11-28T21:45:00+01:00"}`

func TestSaturdayEveningInThreePlaces(t *testing.T) {
	for _, tc := range []struct{ name, languages, word string }{
		{"preview of saturday evening", "", "Waits until Monday 30 November 2026, 08:00 (Réunion time)."},
		{"preview of saturday evening in french", "fr-FR,fr;q=0.9,en;q=0.5", "Attend jusqu'au lundi 30 novembre 2026 à 8 h 00 (heure de La Réunion)."},
	} {
		t.Run(tc.name, func(t *testing.T) {
			d := open(t, ruled)
			r := request{method: "POST", path: "/v1/messages/preview", body: saturday}
			if tc.languages != "" {
				r = withHeader(r, "Accept-Language", tc.languages)
			}
			got := d.do(r)
			golden(t, tc.name, transcript(r)+got.transcript())
			var preview api.PreviewAnswer
			got.as(http.StatusOK, &preview)
			var due []string
			for _, m := range preview.Messages {
				due = append(due, m.DueAt.Format(time.RFC3339))
			}
			want := []string{"2026-11-30T07:00:00Z", "2026-11-30T04:00:00Z", "2026-11-28T20:45:00Z"}
			if diff := cmp.Diff(want, due); diff != "" {
				t.Errorf("due (-want +got):\n%s", diff)
			}
			if !strings.Contains(string(got.body), tc.word) {
				t.Errorf("the answer does not say %q", tc.word)
			}
		})
	}
}

// What the preview says, the timeline says: the message itself is stored with both
// languages.
func TestWindowInTheAnswerAndTheTimeline(t *testing.T) {
	d := open(t, ruled)
	body := `{"to":"+33639980001","text":"Soldes !","class":"marketing","connector":"ovh","send_at":"2026-11-28T21:45:00+01:00"}`
	made := d.submit(body)
	m := made.Messages[0]
	if want := time.Date(2026, 11, 30, 7, 0, 0, 0, time.UTC); !m.DueAt.Equal(want) ||
		!m.ExpiresAt.Equal(want.Add(48*time.Hour)) {
		t.Errorf("due %s, expires %s", m.DueAt, m.ExpiresAt)
	}
	if len(made.Warnings) != 1 || made.Warnings[0].Code != "deferred" ||
		!strings.HasPrefix(made.Warnings[0].Detail, "Waits until Monday 30 November 2026") {
		t.Errorf("warnings %+v", made.Warnings)
	}
	for _, tc := range []struct{ languages, begins string }{
		{"", "Waits until Monday 30"},
		{"de, fr;q=0.3", "Attend jusqu'au lundi 30"},
		{"de", "Waits until Monday 30"},
		{"nonsense;;q=x", "Waits until Monday 30"},
	} {
		var read api.MessageWithTimeline
		d.do(withHeader(get("/v1/messages/"+m.ID.String()),
			"Accept-Language", tc.languages)).as(http.StatusOK, &read)
		last := read.Decisions[len(read.Decisions)-1]
		if last.Code != "window" || !strings.HasPrefix(last.Detail, tc.begins) {
			t.Errorf("%s: %+v, want window that begins with %s", tc.languages, last, tc.begins)
		}
	}
	var preview api.PreviewAnswer
	d.post("/v1/messages/preview", body).as(http.StatusOK, &preview)
	var read api.MessageWithTimeline
	d.get("/v1/messages/"+m.ID.String()).as(http.StatusOK, &read)
	if diff := cmp.Diff(preview.Messages[0].Decisions, read.Decisions); diff != "" {
		t.Errorf("decisions of the preview and of the timeline differ (-preview +timeline):\n%s", diff)
	}
}

func TestRulesRefuse(t *testing.T) {
	d := open(t, ruled)
	for _, tc := range []struct {
		name string
		request
	}{
		{"sender that the rules forbid", message(`{"to":"+33639980001","text":"Bonjour","sender":"+33639980002"}`)},
		{"validity that ends before the hours", withHeader(message(`{"to":["+33639980001"],"text":"Soldes !","class":"marketing","connector":"ovh","send_at":"2026-11-28T21:45:00+01:00","valid_for":"12h"}`), "Accept-Language", "fr")},
	} {
		got := d.do(tc.request)
		golden(t, tc.name, transcript(tc.request)+got.transcript())
		if got.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("%s: answer %d, want 422", tc.name, got.StatusCode)
		}
	}
}
