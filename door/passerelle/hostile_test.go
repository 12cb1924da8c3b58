package passerelle_test

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"relais/door/passerelle"
)

// TestNonceOutlivesClocks: a node whose clock is ahead, and a clock that is set
// back, drop no nonce that a signature can still bring.
func TestNonceOutlivesClocks(t *testing.T) {
	s := open(t)
	replay := "/passerelle/town/send?" + sign("", formsHost, vectorKey, "aa01", vectorTime)
	if got := s.post(replay, order("Bonjour", "M", "0639980001")); got.StatusCode != http.StatusOK {
		t.Fatalf("answer %s", got.raw)
	}
	ahead := vectorTime.Add(5 * time.Minute)
	s.clock.set(ahead)
	if got := s.post("/passerelle/town/send?"+sign(
		"", formsHost, vectorKey, "aa02", ahead,
	), order("Bonjour", "M", "0639980001")); got.StatusCode != http.StatusOK {
		t.Fatalf("answer %s", got.raw)
	}
	s.clock.set(vectorTime.Add(10 * time.Second))
	if got := s.post(replay, order("Autre", "M", "0639980002")); got.StatusCode != http.StatusForbidden {
		t.Errorf("a used nonce opens again: %d %s", got.StatusCode, got.raw)
	}
}

// TestMonthsAreWhole: figures that begin late in a long month leave out no short
// one.
func TestMonthsAreWhole(t *testing.T) {
	s := counted(t)
	for _, tc := range []struct {
		query, labels string
		data          []int
	}{
		{"time_interval=month&start=2025-01-31&end=2025-04-01", "2025-01 2025-02 2025-03", []int{0, 1, 0}},
		{"time_interval=month&start=2024-12-31&end=2025-05-02", "2024-12 2025-01 2025-02 2025-03 2025-04 2025-05", []int{0, 6, 1, 0, 0, 0}},
		{"time_interval=year&start=2024-02-29&end=2025-02-20", "2024 2025", []int{0, 7}},
	} {
		got := s.figures(tc.query)
		if labels := strings.Join(got.Labels, " "); labels != tc.labels {
			t.Errorf("%s: labels %s, want %s", tc.query, labels, tc.labels)
			continue
		}
		for i, want := range tc.data {
			if got.Series[0].Data[i] != want {
				t.Errorf("%s: %v, want %v", tc.query, got.Series[0].Data, tc.data)
				break
			}
		}
	}
}

// TestTooManyRecipientsCostLittle: a request that is refused for its size is not
// read number by number first.
func TestTooManyRecipientsCostLittle(t *testing.T) {
	instance := town()
	instance.Families = []string{"fr-metro"}
	s := open(t, instance)
	to := slices.Repeat([]string{"+32470123456"}, 10_001)
	got := s.post("/passerelle/town/send?apikey=key-of-codes", order("Bonjour", "M", to...))
	if got.StatusCode != http.StatusBadRequest || got.Data.Code != "recipients_too_many" {
		t.Errorf("answer %.200s", got.raw)
	}
}

// TestTwoSlashesAreOne: w.c.s. takes a redirect for a failure.
func TestTwoSlashesAreOne(t *testing.T) {
	s := open(t)
	for _, path := range []string{"//passerelle/town/send", "//sfr-dmc/mairie/send/"} {
		if got := s.post(
			path+"?apikey=key-of-codes", order("Bonjour", "M", "0639980001"),
		); got.StatusCode != http.StatusOK {
			t.Errorf("%s: %d %s", path, got.StatusCode, got.raw)
		}
	}
}

// TestSignatureFromElsewhere: a right signature is not enough where the caller has
// addresses, and its nonce is not spent.
func TestSignatureFromElsewhere(t *testing.T) {
	instance := town()
	instance.Callers = []passerelle.Caller{
		{ID: "far", Kind: passerelle.Signature, Orig: "far.example", Secret: vectorKey, Addresses: networks("192.0.2.0/24")},
		{ID: "near", Kind: passerelle.Signature, Orig: "near.example", Secret: vectorKey, Addresses: networks("127.0.0.0/8", "::1/128")},
	}
	s := open(t, instance)
	for orig, want := range map[string]int{
		"far.example": http.StatusForbidden, "near.example": http.StatusOK,
	} {
		query := sign("", orig, vectorKey, "0f", vectorTime)
		if got := s.post(
			"/passerelle/town/send?"+query, order("Bonjour", "M", "0639980001"),
		); got.StatusCode != want {
			t.Errorf("%s: %d %s", orig, got.StatusCode, got.raw)
		}
	}
	if !strings.Contains(s.log.String(), "the source address is not allowed") {
		t.Errorf("the log does not say why:\n%s", s.log)
	}
}

// TestSecretsAreOfOneKind: the key of an address signs nothing, whatever else the
// caller has.
func TestSecretsAreOfOneKind(t *testing.T) {
	instance := town()
	instance.Callers = []passerelle.Caller{
		{ID: "codes", Kind: passerelle.APIKey, Orig: formsHost, Username: "codes", Secret: "key-of-codes"},
	}
	s := open(t, instance)
	body := order("Bonjour", "M", "0639980001")
	if got := s.post(
		"/passerelle/town/send?"+sign("", formsHost, "key-of-codes", "0f", vectorTime), body,
	); got.StatusCode != http.StatusForbidden {
		t.Errorf("signature: %d %s", got.StatusCode, got.raw)
	}
	r := s.request(http.MethodPost, "/passerelle/town/send", body)
	r.SetBasicAuth("codes", "key-of-codes")
	if got := s.do(r); got.StatusCode != http.StatusUnauthorized {
		t.Errorf("basic: %d %s", got.StatusCode, got.raw)
	}
}

// TestEmptySecretsOpenNothing, though the configuration should have refused them.
func TestEmptySecretsOpenNothing(t *testing.T) {
	instance := town()
	instance.Callers = []passerelle.Caller{
		{ID: "key", Kind: passerelle.APIKey},
		{ID: "clerk", Kind: passerelle.Basic, Username: "clerk"},
		{ID: "forms", Kind: passerelle.Signature, Orig: formsHost},
	}
	s := open(t, instance)
	for _, query := range []string{
		"", "?apikey=", "?apikey", "?" + sign("", formsHost, "", "0f", vectorTime),
	} {
		if got := s.post(
			"/passerelle/town/send"+query, order("Bonjour", "M", "0639980001"),
		); got.StatusCode != http.StatusForbidden {
			t.Errorf("%s: %d %s", query, got.StatusCode, got.raw)
		}
	}
	r := s.request(http.MethodPost, "/passerelle/town/send", order("Bonjour", "M", "0639980001"))
	r.SetBasicAuth("clerk", "")
	if got := s.do(r); got.StatusCode != http.StatusUnauthorized {
		t.Errorf("basic: %d %s", got.StatusCode, got.raw)
	}
	if len(s.stored()) != 0 {
		t.Error("a message was stored")
	}
}

// TestForwardedNonsenseComesFromNowhere: a proxy does not vouch for what it did
// not understand.
func TestForwardedNonsenseComesFromNowhere(t *testing.T) {
	instance := square()
	instance.Proxies = networks("127.0.0.0/8")
	instance.Callers[0].Addresses = networks("127.0.0.0/8", "192.0.2.0/24")
	s := open(t, instance)
	for forwarded, want := range map[string]int{
		"": http.StatusOK, "192.0.2.7": http.StatusOK, "::ffff:192.0.2.7": http.StatusOK,
		"203.0.113.9, 192.0.2.7": http.StatusOK,
		"unknown":                http.StatusForbidden, "192.0.2.7:80": http.StatusForbidden,
		"192.0.2.7,":             http.StatusForbidden,
		"192.0.2.7, 203.0.113.9": http.StatusForbidden, "192.0.2.7%eth0": http.StatusForbidden,
	} {
		r := s.request(http.MethodPost, "/passerelle/square/send", order("Bonjour", "M", "0639980001"))
		if forwarded != "" {
			r.Header.Set("X-Forwarded-For", forwarded)
		}
		if got := s.do(r); got.StatusCode != want {
			t.Errorf("%q: %d, want %d", forwarded, got.StatusCode, want)
		}
	}
}

// TestUsedNonceWhereAllMayCall: the door stands open anyway, but nobody is taken
// for the one who signed.
func TestUsedNonceWhereAllMayCall(t *testing.T) {
	instance := square()
	instance.Callers = append(instance.Callers,
		passerelle.Caller{ID: "forms", Kind: passerelle.Signature, Orig: formsHost, Secret: vectorKey})
	s := open(t, instance)
	path := "/passerelle/square/send?" + sign("", formsHost, vectorKey, "0f", vectorTime)
	for range 2 {
		if got := s.post(path, order("Bonjour", "M", "0639980001")); got.StatusCode != http.StatusOK {
			t.Fatalf("answer %s", got.raw)
		}
	}
	var actors []string
	for _, m := range s.stored() {
		events, _, err := s.store.Timeline(t.Context(), m.Account, m.ID)
		if err != nil {
			t.Fatal(err)
		}
		actors = append(actors, string(events[0].Actor))
	}
	if got := strings.Join(actors, " "); got != "passerelle:square/forms passerelle:square/anybody" {
		t.Errorf("actors %s", got)
	}
}

// TestSignedStatisticsOfAllInstances: one nonce is for the whole question.
func TestSignedStatisticsOfAllInstances(t *testing.T) {
	village := town()
	village.Name, village.Kind = "village", ""
	s := open(t, town(), village)
	answer, err := http.DefaultTransport.RoundTrip(s.request(http.MethodGet,
		"/passerelle/api/statistics/?"+sign("", formsHost, vectorKey, "0f", vectorTime), ""))
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(answer.Body)
	if err != nil || !strings.Contains(string(raw), `{"id":"town"`) ||
		!strings.Contains(string(raw), `{"id":"village"`) {
		t.Errorf("%d %s, %v", answer.StatusCode, raw, err)
	}
}

// TestMetadataIsCutBetweenCharacters.
func TestMetadataIsCutBetweenCharacters(t *testing.T) {
	s := open(t)
	for _, counter := range []string{
		strings.Repeat("é", 1000), "a" + strings.Repeat("é", 1000), "a" + strings.Repeat("€", 1000),
	} {
		body := strings.Replace(order("Bonjour", "M", "0639980001"), `"counter":null`,
			`"counter":"`+counter+`"`, 1)
		got := s.post("/passerelle/town/send?apikey=key-of-codes", body)
		if got.StatusCode != http.StatusOK || got.Warn["metadata cut"] == "" {
			t.Fatalf("answer %.300s", got.raw)
		}
		all := s.stored()
		kept := all[len(all)-1].Metadata["counter"]
		if len(kept) > 1500 || len(kept) < 1497 || !strings.HasPrefix(counter, kept) {
			t.Errorf("%d bytes kept, ending in %q", len(kept), kept[len(kept)-4:])
		}
	}
}

// TestDatabaseThatDoesNotConfirm: 503 does not promise that nothing was stored
// where nobody knows, or a person would send it again.
func TestDatabaseThatDoesNotConfirm(t *testing.T) {
	s := open(t)
	if err := s.store.Close(); err != nil {
		t.Fatal(err)
	}
	got := s.post("/passerelle/square/send", order("Bonjour", "M", "0639980001"))
	if got.StatusCode != http.StatusServiceUnavailable || strings.Contains(got.Desc, "nothing was stored") ||
		!strings.Contains(got.Desc, "may be stored") {
		t.Errorf("answer %s", got.raw)
	}
}
