package passerelle_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"relais/door/passerelle"
)

// figures are the answer to a question for figures.
type figures struct {
	Labels []string `json:"x_labels"`
	Series []struct {
		Label string `json:"label"`
		Data  []int  `json:"data"`
	} `json:"series"`
}

func (s *site) figures(query string) (f figures) {
	s.t.Helper()
	var answer struct {
		Err  int     `json:"err"`
		Data figures `json:"data"`
	}
	r := s.request(http.MethodGet, "/passerelle/api/statistics/sms_count/?apikey=key-of-codes&"+query, "")
	got, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer got.Body.Close()
	if err := json.NewDecoder(got.Body).Decode(&answer); err != nil || got.StatusCode != http.StatusOK ||
		answer.Err != 0 {
		s.t.Fatalf("status %d, err %d, %v", got.StatusCode, answer.Err, err)
	}
	if len(answer.Data.Series) != 1 || len(answer.Data.Series[0].Data) != len(answer.Data.Labels) {
		s.t.Fatalf("figures %+v", answer.Data)
	}
	return answer.Data
}

// counted sends on three days: 3 to two people each and with a counter, then one.
func counted(t *testing.T) *site {
	t.Helper()
	other := town()
	other.Name, other.Kind = "village", ""
	s := open(t, town(), other)
	send := func(at time.Time, instance, counter string, to ...string) {
		s.clock.set(at)
		body := strings.Replace(order("Bonjour", "M", to...), `"counter":null`, `"counter":"`+counter+`"`, 1)
		if got := s.post(
			"/passerelle/"+instance+"/send?apikey=key-of-codes", body,
		); got.StatusCode != http.StatusOK {
			t.Fatalf("answer %s", got.raw)
		}
	}
	send(vectorTime, "town", "rdv", "0639980001", "0639980002")
	send(vectorTime.Add(time.Hour), "town", "", "0639980003")
	send(vectorTime.Add(48*time.Hour), "village", "rdv", "0639980001", "0639980002", "0639980003")
	send(vectorTime.AddDate(0, 1, 0), "town", "rdv", "0639980001")
	return s
}

func TestStatistics(t *testing.T) {
	s := counted(t)
	for _, tc := range []struct {
		name, query string
		labels      string
		data        []int
	}{
		{"by day", "time_interval=day&start=2025-01-14&end=2025-01-18", "2025-01-14 2025-01-15 2025-01-16 2025-01-17", []int{0, 3, 0, 3}},
		{"by day of an instance", "start=2025-01-15&end=2025-01-18&connector=town", "2025-01-15 2025-01-16 2025-01-17", []int{3, 0, 0}},
		{"by day of a counter", "start=2025-01-15&end=2025-01-18&counter=rdv", "2025-01-15 2025-01-16 2025-01-17", []int{2, 0, 3}},
		{"both", "start=2025-01-15&end=2025-01-18&counter=rdv&connector=village", "2025-01-15 2025-01-16 2025-01-17", []int{0, 0, 3}},
		{"by month", "time_interval=month&start=2025-01-20&end=2025-02-16", "2025-01 2025-02", []int{0, 1}},
		{"by month, whole", "time_interval=month&start=2025-01-01&end=2025-03-01", "2025-01 2025-02", []int{6, 1}},
		{"by year", "time_interval=year", "2024 2025", []int{0, 7}},
		{"by week day", "time_interval=weekday", "Monday Tuesday Wednesday Thursday Friday Saturday Sunday", []int{0, 0, 3, 0, 3, 1, 0}},
		{"of an instance that is not there", "start=2025-01-15&end=2025-01-16&connector=none", "2025-01-15", []int{0}},
		{"of no time", "start=2025-01-15&end=2025-01-15", "", []int{}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := s.figures(tc.query)
			if diff := cmp.Diff(strings.Fields(tc.labels), append([]string{}, got.Labels...)); diff != "" {
				t.Errorf("labels (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tc.data, got.Series[0].Data); diff != "" {
				t.Errorf("data (-want +got):\n%s", diff)
			}
		})
	}
}

func TestStatisticsThatAreRefused(t *testing.T) {
	s := open(t, town())
	for _, tc := range []struct {
		name, path string
		want       int
	}{
		{"no right", "/passerelle/api/statistics/", 403},
		{"no right to figures", "/passerelle/api/statistics/sms_count/?apikey=other", 403},
		{"no date", "/passerelle/api/statistics/sms_count/?apikey=key-of-codes&start=yesterday", 400},
		{"end before the start", "/passerelle/api/statistics/sms_count/?apikey=key-of-codes&start=2025-02-01&end=2025-01-01", 400},
		{"a century", "/passerelle/api/statistics/sms_count/?apikey=key-of-codes&start=1925-02-01&end=2025-01-01", 400},
		{"unknown interval", "/passerelle/api/statistics/sms_count/?apikey=key-of-codes&time_interval=hour", 400},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := s.do(s.request(http.MethodGet, tc.path, "")); got.StatusCode != tc.want {
				t.Errorf("answer %d %s, want %d", got.StatusCode, got.raw, tc.want)
			}
		})
	}
}

func TestCatalogueOfStatistics(t *testing.T) {
	s := open(t)
	s.post(squarePath, `{"message":"a","from":"M","to":["0639980001"],"counter":"rdv"}`)
	s.post(squarePath, bonjour())
	r := s.request(http.MethodGet, "/passerelle/api/statistics/?"+vector(0), "")
	got, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer got.Body.Close()
	var answer struct {
		Data []struct {
			ID, URL string
			Filters []struct {
				ID      string
				Options []struct{ ID string }
			}
		}
	}
	if err := json.NewDecoder(got.Body).Decode(&answer); err != nil || len(answer.Data) != 1 ||
		len(answer.Data[0].Filters) != 3 {
		t.Fatalf("catalogue %+v, %v", answer, err)
	}
	where, err := url.Parse(answer.Data[0].URL)
	if err != nil || where.Path != "/passerelle/api/statistics/sms_count/" || "http://"+where.Host != s.url {
		t.Errorf("url %s, %v", answer.Data[0].URL, err)
	}
	if options := answer.Data[0].Filters[2].Options; len(options) != 1 || options[0].ID != "rdv" {
		t.Errorf("counters %+v, want that of the last year", options)
	}
	if options := answer.Data[0].Filters[1].Options; len(options) != 2 || options[1].ID != "town" {
		t.Errorf("instances %+v, want those that the caller may use", options)
	}
}

func TestUp(t *testing.T) {
	lost := square()
	lost.Name, lost.Connector = "lost", "nowhere"
	by := square()
	by.Name, by.Connector = "by", "names"
	s := open(t, square(), lost, by)
	for path, want := range map[string]int{
		"/passerelle/square/up": 200, "/passerelle/square/up/": 200, "/passerelle/by/up": 200,
		"/passerelle/lost/up": 503,
	} {
		got := s.do(s.request(http.MethodGet, path, ""))
		state := map[int]string{200: "up", 503: "down"}[want]
		if got.StatusCode != want || got.Data.State != state {
			t.Errorf("%s: %d %s, want %s", path, got.StatusCode, got.raw, state)
		}
	}
}

func TestKnownServices(t *testing.T) {
	callers, err := passerelle.ParseKnownServices([]byte(`{"KNOWN_SERVICES": {
		"wcs": {"eservices": {"title": "Forms", "url": "https://forms.example.net/", "secret": "0123456789abcdef", "orig": "gateway.example.net"}},
		"authentic": {"idp": {"url": "https://idp.example.net/", "secret": "key-of-idp", "verif_orig": "connexion.example.net"}},
		"passerelle": {"self": {"url": "https://gateway.example.net/"}}
	}}`))
	if err != nil || len(callers) != 2 {
		t.Fatalf("callers %v, %v; want those with a secret", len(callers), err)
	}
	i := town()
	i.Callers = callers
	s := open(t, i)
	for _, tc := range []struct {
		name, query string
		want        int
	}{
		{"by its host", vector(0), 200},
		{"by its name", sign("", "connexion.example.net", "key-of-idp", "a1", vectorTime), 200},
		{"with the secret of another", sign("", "connexion.example.net", vectorKey, "a2", vectorTime), 403},
		{"the name that we call by", sign("", "gateway.example.net", vectorKey, "a3", vectorTime), 403},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := s.post(sendPath+"?"+tc.query, bonjour()); got.StatusCode != tc.want {
				t.Errorf("answer %d %s, want %d", got.StatusCode, got.raw, tc.want)
			}
		})
	}
	for _, text := range []string{"", "[]", `{"wcs": "key-of-idp"}`} {
		if _, err := passerelle.ParseKnownServices([]byte(text)); err == nil ||
			strings.Contains(err.Error(), "key-of") {
			t.Errorf("%s: %v", text, err)
		}
	}
}
