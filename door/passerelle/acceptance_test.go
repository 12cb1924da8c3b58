package passerelle_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"relais/door/passerelle"
	"relais/search"
)

// The list of what "can replace Passerelle" means, item by item. Items that need
// operators stand in app/passerelle_test.go, the kill in cmd/relais.

// TestAcceptance01 sends what w.c.s. sends, signed as both vectors are.
func TestAcceptance01(t *testing.T) {
	for n := range vectors {
		s := open(t)
		got := s.post(sendPath+"?"+vector(n), order("Bonjour", "MAIRIE", "0639980001"))
		if got.StatusCode != http.StatusOK || got.Err != 0 || len(got.numbers()) != 1 {
			t.Errorf("vector %d: %d %s", n, got.StatusCode, got.raw)
		}
		if computed := sign(
			"nostop=1", formsHost, vectorKey, vectors[n].nonce, vectorTime,
		); computed != vector(n) {
			t.Errorf("the test signs %s, the vector is %s", computed, vector(n))
		}
	}
}

// TestAcceptance02 refuses a used nonce, an old timestamp, an unknown orig and a
// changed byte.
func TestAcceptance02(t *testing.T) {
	s := open(t)
	s.post(sendPath+"?"+vector(0), bonjour())
	for name, query := range map[string]string{
		"used nonce":   vector(0),
		"31 s old":     sign("nostop=1", formsHost, vectorKey, "a1", vectorTime.Add(-31*time.Second)),
		"unknown orig": sign("nostop=1", "elsewhere.example.net", vectorKey, "a2", vectorTime),
		"changed byte": strings.Replace(sign("nostop=1", formsHost, vectorKey, "a3", vectorTime),
			"nostop=1", "nostop=0", 1),
	} {
		if got := s.post(sendPath+"?"+query, bonjour()); got.StatusCode != http.StatusForbidden ||
			got.Err != 1 {
			t.Errorf("%s: %d %s", name, got.StatusCode, got.raw)
		}
	}
	if stored := s.stored(); len(stored) != 1 {
		t.Errorf("%d messages, want that of the first request alone", len(stored))
	}
}

// TestAcceptance03 knows a caller by each way that there is.
func TestAcceptance03(t *testing.T) {
	data := `{"KNOWN_SERVICES":{"wcs":{"eservices":{"url":"https://forms.example.net/","secret":"` +
		vectorKey + `"}}}}`
	platform, err := passerelle.ParseKnownServices([]byte(data))
	if err != nil {
		t.Fatal(err)
	}
	i := town()
	i.Callers = append(i.Callers[1:3:3], platform...)
	i.Callers = append(i.Callers, passerelle.Caller{
		ID: "here", Kind: passerelle.Open, Addresses: networks("192.0.2.0/24"),
	})
	s := open(t, i)
	basic := s.request(http.MethodPost, sendPath, bonjour())
	basic.SetBasicAuth("clerk", "pass of clerk")
	for name, r := range map[string]*http.Request{
		"apikey":   s.request(http.MethodPost, sendPath+"?apikey=key-of-codes", bonjour()),
		"basic":    basic,
		"platform": s.request(http.MethodPost, sendPath+"?"+vector(0), bonjour()),
	} {
		if got := s.do(r); got.StatusCode != http.StatusOK {
			t.Errorf("%s: %d %s", name, got.StatusCode, got.raw)
		}
	}
	if got := s.post(sendPath, bonjour()); got.StatusCode != http.StatusForbidden {
		t.Errorf("from an address that is not allowed: %d", got.StatusCode)
	}
}

// TestAcceptance04 sends what authentic2 sends: one number, no counter. It reads
// the status alone.
func TestAcceptance04(t *testing.T) {
	s := open(t)
	const body = `{"message":"Votre code est 2345abcd","from":"EO","to":[%q]}`
	if got := s.post(
		sendPath+"?apikey=key-of-codes", fmt.Sprintf(body, "+33639980001"),
	); got.StatusCode != http.StatusOK {
		t.Errorf("answer %d %s", got.StatusCode, got.raw)
	}
	if got := s.post(
		sendPath+"?apikey=key-of-codes", fmt.Sprintf(body, "1234"),
	); got.StatusCode != http.StatusBadRequest {
		t.Errorf("a number that is none: %d %s", got.StatusCode, got.raw)
	}
}

// TestAcceptance06 is the number table, entirely.
func TestAcceptance06(t *testing.T) { numbersOfTheTable(t) }

// TestAcceptance09 has Passerelle's words in warn, and sends to the others.
func TestAcceptance09(t *testing.T) {
	i := square()
	i.Families = []string{"fr-metro"}
	s := open(t, i)
	got := s.post(squarePath, order("Bonjour", "MAIRIE", "0639980001", "0891123456", "0899123456",
		"+32470123456", "1234", "06 39 98 00 01"))
	for key, want := range map[string]string{
		"deny premium rate phone numbers": "0891123456, 0899123456",
		"deny foreign phone numbers":      "+32470123456",
		"unsupported phone numbers":       "1234",
		"duplicate phone numbers":         "06 39 98 00 01",
	} {
		if got.Warn[key] != want {
			t.Errorf("warn %q = %q, want %q", key, got.Warn[key], want)
		}
	}
	if numbers := got.numbers(); got.StatusCode != http.StatusOK || len(numbers) != 1 ||
		numbers[0] != "+33639980001" {
		t.Errorf("answer %d %s", got.StatusCode, got.raw)
	}
}

// TestAcceptance10 opens what an export of Passerelle holds: the old addresses,
// and the rights of each instance. That the sections of relais import load is
// seen in cmd/relais (import.txtar).
func TestAcceptance10(t *testing.T) {
	data, err := os.ReadFile("testdata/export.json")
	if err != nil {
		t.Fatal(err)
	}
	exported, _, err := passerelle.ParseExport(data)
	if err != nil {
		t.Fatal(err)
	}
	var instances []passerelle.Instance
	for _, e := range exported {
		e.Account, e.Name = "default", e.Kind+"-"+e.Name
		instances = append(instances, e.Instance)
	}
	s := open(t, instances...)
	for _, tc := range []struct {
		path string
		want int
	}{
		{"/sfr-dmc/town/send/?" + vector(0), http.StatusOK},
		{"/sfr-dmc/town/send?apikey=key-of-codes", http.StatusOK},
		{"/passerelle/sfr-dmc-town/send?apikey=key-of-codes", http.StatusOK},
		{"/ovh/town/send?apikey=key-of-codes", http.StatusForbidden}, // the right is of the other instance
		{"/ovh/village/send?apikey=key-of-codes", http.StatusNotFound},
	} {
		if got := s.post(tc.path, bonjour()); got.StatusCode != tc.want {
			t.Errorf("%s: %d %s, want %d", tc.path, got.StatusCode, got.raw, tc.want)
		}
	}
}

// TestAcceptance11Statistics counts by instance and counter. The mail about
// credit is in app/passerelle_test.go.
func TestAcceptance11Statistics(t *testing.T) {
	got := counted(t).figures("time_interval=year&connector=town&counter=rdv")
	if data := got.Series[0].Data; len(data) != 2 || data[1] != 3 {
		t.Errorf("figures %+v, want 3 recipients", got)
	}
}

// The fifteen things that break a replacement.

// TestPoint01: success is 200 exactly, with err 0.
func TestPoint01(t *testing.T) {
	got := open(t).post(squarePath, bonjour())
	if got.StatusCode != http.StatusOK || !strings.Contains(got.raw, `"err":0`) ||
		got.Header.Get("X-Error-Code") != "" {
		t.Errorf("answer %d %s", got.StatusCode, got.raw)
	}
}

// TestPoint02: failure is no 2xx, and err is not 0, whatever went wrong.
func TestPoint02(t *testing.T) {
	s := open(t)
	requests := []*http.Request{
		s.request("POST", squarePath, "{"), s.request("POST", squarePath, order("a", "b", "12")),
		s.request("GET", squarePath, ""),
		s.request("POST", sendPath, bonjour()), s.request("POST", "/passerelle/none/send", bonjour()),
		s.request("POST", squarePath, `{"message":1}`),
	}
	s.gateway.StopClaims()
	for _, r := range requests {
		got := s.do(r)
		if got.StatusCode < 400 || got.Err == 0 || got.Desc == "" || got.Class == "" {
			t.Errorf("%s %s: %d %s", r.Method, r.URL.Path, got.StatusCode, got.raw)
		}
	}
}

// TestPoint03: counter is absent, null or a text.
func TestPoint03(t *testing.T) {
	s := open(t)
	for _, counter := range []string{``, `,"counter":null`, `,"counter":"rdv"`} {
		if got := s.post(
			squarePath, `{"message":"a","from":"M","to":["0639980001"]`+counter+`}`,
		); got.StatusCode != http.StatusOK {
			t.Errorf("%s: %s", counter, got.raw)
		}
	}
}

// TestPoint04: the answer does not wait for the operator, to whom nothing is sent in
// this test.
func TestPoint04(t *testing.T) {
	s := open(t)
	if got := s.post(squarePath, bonjour()); got.StatusCode != http.StatusOK {
		t.Errorf("answer %d", got.StatusCode)
	}
	if m := s.stored()[0]; m.Status != "queued" {
		t.Errorf("the message is %s, want it durable and still to be sent", m.Status)
	}
}

// TestPoint05: the signature covers the query as it came.
func TestPoint05(t *testing.T) {
	for name, query := range map[string]string{
		"another order":           "zz=1&nostop=1&aa=2",
		"lower-case escapes":      "name=%c3%a9t%c3%a9",
		"escapes nobody needs":    "%6eostop=1",
		"a plus and a blank":      "name=a+b%20c",
		"an empty value":          "empty=&nostop",
		"signature inside a name": "mysignature=1",
	} {
		s := open(t)
		if got := s.post(
			sendPath+"?"+sign(query, formsHost, vectorKey, "a1", vectorTime), bonjour(),
		); got.StatusCode != http.StatusOK {
			t.Errorf("%s: %d; log %s", name, got.StatusCode, s.log)
		}
	}
}

// TestPoint06: 30 s either way, and a nonce once even when many come at once.
func TestPoint06(t *testing.T) {
	s := open(t)
	for n, off := range []time.Duration{-30, 30, -31, 31} {
		query := sign("", formsHost, vectorKey, fmt.Sprintf("a%d", n), vectorTime.Add(off*time.Second))
		if got, fits := s.post(
			sendPath+"?"+query, bonjour(),
		), n < 2; (got.StatusCode == http.StatusOK) != fits {
			t.Errorf("%d s: %d", off, got.StatusCode)
		}
	}
	before := len(s.stored())
	var all sync.WaitGroup
	for range 10 {
		all.Go(func() {
			r, err := http.Post(s.url+sendPath+"?"+vector(0), "application/json",
				strings.NewReader(bonjour()))
			if err == nil {
				r.Body.Close()
			}
		})
	}
	if all.Wait(); len(s.stored()) != before+1 {
		t.Errorf("%d messages of one nonce, want 1", len(s.stored())-before)
	}
}

// TestPoint07: numbers come as people write them, and rubbish stops nobody else.
func TestPoint07(t *testing.T) {
	got := open(t).post(squarePath,
		order("Bonjour", "M", "0601020304", "06 01 02 03 05", "+33601020306", "0033601020307",
			"0692123456", "000", "1234"))
	if len(got.numbers()) != 5 || got.Warn["unsupported phone numbers"] != "000, 1234" {
		t.Errorf("answer %s", got.raw)
	}
}

// TestPoint08: the country code of a French number follows from its digits.
func TestPoint08(t *testing.T) {
	for in, code := range map[string]string{
		"0639012345": "+262", "0690001234": "+590", "0691221234": "+590", "0692123456": "+262",
		"0693201234": "+262", "0694201234": "+594",
		"0696201234": "+596", "0697271234": "+596", "0262123456": "+262", "0263123456": "+262",
		"0269123456": "+262", "0590123456": "+590",
		"0594101234": "+594", "0596101234": "+596", "0695123456": "+33",
		"0698123456": "+33", "0699123456": "+33",
	} {
		got := open(t).post(squarePath, order("Bonjour", "M", in))
		if numbers := got.numbers(); len(numbers) != 1 || numbers[0] != code+in[1:] {
			t.Errorf("%s: %s", in, got.raw)
		}
	}
}

// TestPoint09: nobody outside metropolitan France is left out by default.
func TestPoint09(t *testing.T) {
	got := open(t).post(squarePath,
		order("Bonjour", "M", "0692123456", "+590690001234", "+508551234", "+687751234", "+68987123456",
			"+681821234", "+32470123456", "+447700900123"))
	if len(got.numbers()) != 8 || len(got.Warn) != 0 {
		t.Errorf("answer %s", got.raw)
	}
}

// TestPoint13: nostop in the address makes it transactional, without a clause.
func TestPoint13(t *testing.T) {
	i := square()
	i.Class = "marketing"
	s := open(t, i)
	s.post(squarePath+"?nostop=1", bonjour())
	s.post(squarePath, bonjour())
	if stored := s.stored(); stored[0].Class != "transactional" || stored[1].Class != "marketing" {
		t.Errorf("classes %s, %s", stored[0].Class, stored[1].Class)
	}
}

// TestPoint14: from is a name or a number, and no obstacle where it is ignored.
func TestPoint14(t *testing.T) {
	for _, connector := range []string{"sfr", "names"} {
		i := square()
		i.Connector = connector
		s := open(t, i)
		for _, from := range []string{"MAIRIE", "36111", "+33612345678", "Mairie d’Été"} {
			if got := s.post(
				squarePath, order("Bonjour", from, "0639980001"),
			); got.StatusCode != http.StatusOK {
				t.Errorf("%s by %s: %s", from, connector, got.raw)
			}
		}
	}
}

// TestPoint15: all recipients come in one request, hundreds of them.
func TestPoint15(t *testing.T) {
	s := open(t)
	var to []string
	for n := range 900 {
		to = append(to, fmt.Sprintf("063998%04d", n))
	}
	got := s.post(squarePath, order("Bonjour", "MAIRIE", append(to, to[0])...))
	if len(got.numbers()) != 900 || got.Warn["duplicate phone numbers"] != to[0] {
		t.Errorf("%d messages, warn %q", len(got.numbers()), got.Warn)
	}
	page, more, err := s.store.Search(t.Context(),
		search.Query{Account: "default", Metadata: []search.Metadatum{
			{Key: "passerelle", Value: "square"},
		}, Limit: 900})
	if err != nil || len(page) != 900 || more {
		t.Errorf("%d messages stored, more %v, %v", len(page), more, err)
	}
	if raw, err := json.Marshal(got.Data.Messages[0]); err != nil ||
		!strings.Contains(string(raw), page[899].ID.String()) {
		t.Errorf("the first answer is not of the first message: %s, %v", raw, err)
	}
}
