package twilio_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"relais/auth"
	"relais/reason"
	"relais/sms"
)

// TestCreateShowsTheWholeResource compares with the keys of TWO's schema: each is always there.
func TestCreateShowsTheWholeResource(t *testing.T) {
	h := open(t)
	got := h.ask(t, http.MethodPost, "/Messages.json", good("Body", "Réunion à 9 h & <à demain>"))
	if got.status != http.StatusCreated {
		t.Fatalf("%d %s", got.status, got.body)
	}
	sid := got.fields["sid"].(string)
	at := "/2010-04-01/Accounts/" + town + "/Messages/" + sid
	for _, name := range []string{"date_created", "date_updated"} {
		if _, err := time.Parse(time.RFC1123Z, got.fields[name].(string)); err != nil || !strings.HasSuffix(got.fields[name].(string), "+0000") {
			t.Errorf("%s: %v", name, got.fields[name])
		}
		delete(got.fields, name)
	}
	want := map[string]any{
		"account_sid": town, "api_version": "2010-04-01", "body": "Réunion à 9 h & <à demain>", "date_sent": nil,
		"direction": "outbound-api", "error_code": nil, "error_message": nil, "from": "RELAIS",
		"messaging_service_sid": nil, "num_media": "0", "num_segments": "1", "price": nil, "price_unit": "EUR",
		"sid": sid, "status": "queued", "subresource_uris": map[string]any{"media": at + "/Media.json"}, "to": "+33639980001",
		"uri": at + ".json",
	}
	if diff := cmp.Diff(want, got.fields); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	fetched := h.ask(t, http.MethodGet, "/Messages/"+sid+".json", nil)
	delete(fetched.fields, "date_created")
	delete(fetched.fields, "date_updated")
	if diff := cmp.Diff(want, fetched.fields); diff != "" || fetched.status != http.StatusOK {
		t.Errorf("fetched, %d (-want +got):\n%s", fetched.status, diff)
	}
	stored := h.Stored(t, "town")
	if len(stored) != 1 || stored[0].Actor != "twilio:town" || stored[0].Text != "Réunion à 9 h & <à demain>" {
		t.Errorf("stored %+v", stored)
	}
	empty := h.ask(t, http.MethodGet, "/Messages/"+sid+"/Media.json", nil)
	if media, ok := empty.fields["media_list"].([]any); !ok || len(media) != 0 || empty.status != http.StatusOK {
		t.Errorf("media %d %s", empty.status, empty.body)
	}
}

// TestRefusals has each error of the table of docs/migrate/twilio.md.
func TestRefusals(t *testing.T) {
	h := open(t)
	at := func(ahead time.Duration) string { return time.Now().Add(ahead).UTC().Format(time.RFC3339) }
	for _, tc := range []struct {
		name         string
		fields       url.Values
		status, code int
	}{
		{"no To", good("To", ""), 400, 21604},
		{"no E.164", good("To", "0639980001"), 400, 21211},
		{"no number", good("To", "someone"), 400, 21211},
		{"a number that cannot be", good("To", "+33123"), 400, 21211},
		{"another channel", good("To", "whatsapp:+33639980001"), 400, 21211},
		{"a landline", good("To", "+33199000001"), 400, 21614},
		{"no From", good("From", ""), 400, 21603},
		{"a From that is too long", good("From", "MairieDeTresLoin"), 400, 21212},
		{"a From of another channel", good("From", "messenger:1"), 400, 21212},
		{"a From with a sign that is none", good("From", "Mairie\x01"), 400, 21212},
		{"an unknown service", good("From", "", "MessagingServiceSid", foreign), 400, 21701},
		{"an unknown service in From", good("From", foreign), 400, 21701},
		{"no service", good("From", "", "MessagingServiceSid", "x"), 400, 21701},
		{"no Body", good("Body", ""), 400, 21602},
		{"a Body of spaces", good("Body", "  \n"), 400, 21602},
		{"a Body that is too long", good("Body", strings.Repeat("a", 1601)), 400, 21617},
		{"a Body of too many segments", good("Body", strings.Repeat("é€", 790)), 400, 21617},
		{"a Body with a control", good("Body", "a\x00b"), 400, 21619},
		{"media", good("MediaUrl", "https://town.example/a.png"), 400, 21622},
		{"media message", good("SendAsMms", "true"), 400, 21622},
		{"no media message", good("SendAsMms", "false"), 201, 0},
		{"a template", good("ContentSid", "HX0123456789abcdef0123456789abcdef"), 400, 21655},
		{"variables", good("ContentVariables", "{}"), 400, 21656},
		{"an application", good("ApplicationSid", "AP0123456789abcdef0123456789abcdef"), 400, 21218},
		{"an action", good("PersistentAction", "mailto:x"), 400, 21619},
		{"short addresses", good("ShortenUrls", "true"), 400, 21619},
		{"a text that is not kept", good("ContentRetention", "discard"), 400, 30029},
		{"a number that is not kept", good("AddressRetention", "obfuscate"), 400, 30030},
		{"what is kept", good("AddressRetention", "retain", "ContentRetention", "retain"), 201, 0},
		{"validity 0", good("ValidityPeriod", "0"), 400, 21624},
		{"validity of no number", good("ValidityPeriod", "1h"), 400, 21624},
		{"validity too long", good("ValidityPeriod", "36001"), 400, 21624},
		{"validity", good("ValidityPeriod", "36000"), 201, 0},
		{"a callback of no address", good("StatusCallback", "town"), 400, 21609},
		{"a callback by another scheme", good("StatusCallback", "ftp://town.example/"), 400, 21609},
		{"a callback with a user", good("StatusCallback", "https://a:b@town.example/"), 400, 21609},
		{"a callback into the house", good("StatusCallback", "http://127.0.0.1/"), 400, 21609},
		{"a callback that would change", good("StatusCallback", "https://town.example/a|b"), 400, 21609},
		{"a callback with a space", good("StatusCallback", "https://town.example/?a b"), 400, 21609},
		{"a callback that is too long", good("StatusCallback", "https://town.example/"+strings.Repeat("a", 3000)), 400, 21609},
		{"a callback", good("StatusCallback", "https://town.example/?id=7&a=%2B#rc=3"), 201, 0},
		{"a date without a type", good("SendAt", at(time.Hour)), 400, 35126},
		{"another type", good("ScheduleType", "optimize", "SendAt", at(time.Hour)), 400, 35126},
		{"a type without a date", good("ScheduleType", "fixed"), 400, 35111},
		{"a date without a service", good("ScheduleType", "fixed", "SendAt", at(time.Hour)), 400, 35118},
		{"a date that is near", good("ScheduleType", "fixed", "SendAt", at(14*time.Minute), "MessagingServiceSid", service), 400, 35114},
		{"a date that is far", good("ScheduleType", "fixed", "SendAt", at(36*24*time.Hour), "MessagingServiceSid", service), 400, 35114},
		{"a date that is none", good("ScheduleType", "fixed", "SendAt", "tomorrow", "MessagingServiceSid", service), 400, 35114},
		{"hints", good("Attempt", "1", "ProvideFeedback", "true", "MaxPrice", "0.1", "ForceDelivery", "true", "RiskCheck", "disable",
			"TrafficType", "free", "FallbackFrom", "+33639980009", "SmartEncoded", "true"), 201, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			before := len(h.Stored(t, "town"))
			got := h.ask(t, http.MethodPost, "/Messages.json", tc.fields)
			if got.status != tc.status || got.code() != tc.code {
				t.Fatalf("%d %s, want %d %d", got.status, got.body, tc.status, tc.code)
			}
			if stored := len(h.Stored(t, "town")) - before; tc.status != 201 && stored != 0 || tc.status == 201 && stored != 1 {
				t.Errorf("%d were stored", stored)
			}
			if tc.status == 201 {
				return
			}
			if want := fmt.Sprintf("https://www.twilio.com/docs/errors/%d", tc.code); got.fields["more_info"] != want ||
				got.fields["status"] != float64(tc.status) || got.fields["message"] == "" || len(got.fields) != 4 {
				t.Errorf("%s", got.body)
			}
			if strings.Contains(h.Logs.String(), "639980001") {
				t.Error("the log has a number")
			}
		})
	}
}

func TestWhoMayCall(t *testing.T) {
	h := open(t)
	secret := h.Key(t, "town", auth.KeyLimits{})
	reader := h.Key(t, "town", auth.KeyLimits{Rights: []auth.KeyRight{auth.KeyRead}})
	sender := h.Key(t, "town", auth.KeyLimits{Rights: []auth.KeyRight{auth.KeySend}, Senders: []sms.Sender{"RELAIS"}})
	away := h.Key(t, "town", auth.KeyLimits{Networks: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}})
	over := h.Key(t, "town", auth.KeyLimits{Until: time.Now().Add(-time.Hour)})
	theirs := h.Key(t, "other", auth.KeyLimits{})
	h.Key(t, "nobody", auth.KeyLimits{})
	path := "/2010-04-01/Accounts/" + town + "/Messages.json"
	for _, tc := range []struct {
		name, user, password string
		fields               url.Values // nil: the list
		path                 string
		status, code         int
	}{
		{"nobody", "", "", good(), path, 401, 20003},
		{"the token", town, token, good(), path, 201, 0},
		{"another token", town, token + "x", good(), path, 401, 20003},
		{"no token", town, "", good(), path, 401, 20003},
		{"an unknown account", "AC00000000000000000000000000000000", token, good(), path, 401, 20003},
		{"an account in small letters", strings.ToLower(town), token, good(), path, 401, 20003},
		{"another's path", town, token, good(), "/2010-04-01/Accounts/" + other + "/Messages.json", 404, 20404},
		{"an address that may not", shut, token, good(), "/2010-04-01/Accounts/" + shut + "/Messages.json", 401, 20003},
		{"a key", keySid, secret, good(), path, 201, 0},
		{"a key without its sid", "SK1", secret, good(), path, 401, 20003},
		{"a key under the sid of the account", town, secret, good(), path, 401, 20003},
		{"no key", keySid, "relais_x_y", good(), path, 401, 20003},
		{"the token as a key", keySid, token, good(), path, 401, 20003},
		{"another's key", keySid, theirs, good(), path, 404, 20404},
		{"a key that is over", keySid, over, good(), path, 401, 20003},
		{"a key from elsewhere", keySid, away, good(), path, 403, 20003},
		{"a key that may read", keySid, reader, good(), path, 403, 20003},
		{"a key that may read, reads", keySid, reader, nil, path, 200, 0},
		{"a key that may send, reads", keySid, sender, nil, path, 403, 20003},
		{"a key that may send", keySid, sender, good(), path, 201, 0},
		{"a sender that the key may not use", keySid, sender, good("From", "Mairie"), path, 403, 20003},
	} {
		t.Run(tc.name, func(t *testing.T) {
			before := len(h.Stored(t, "town"))
			method := http.MethodPost
			if tc.fields == nil {
				method = http.MethodGet
			}
			got := h.askAs(t, tc.user, tc.password, method, tc.path, tc.fields, nil)
			if got.status != tc.status || got.code() != tc.code {
				t.Fatalf("%d %s, want %d %d", got.status, got.body, tc.status, tc.code)
			}
			if stored := len(h.Stored(t, "town")) - before; stored != 0 && tc.status != 201 {
				t.Errorf("%d were stored", stored)
			}
			if got.status == 401 && got.header.Get("WWW-Authenticate") == "" {
				t.Error("no WWW-Authenticate")
			}
		})
	}
	actors := map[sms.Actor]bool{}
	for _, m := range h.Stored(t, "town") {
		actors[m.Actor] = true
	}
	if want := []sms.Actor{"twilio:forms", "twilio:town"}; !slices.Equal(slices.Sorted(maps.Keys(actors)), want) {
		t.Errorf("actors %v, want %v", actors, want)
	}
	for _, secret := range []string{token, secret, theirs} {
		if strings.Contains(h.Logs.String(), secret) {
			t.Error("the log has a secret")
		}
	}
}

func TestServiceChoosesSenderRouteAndClass(t *testing.T) {
	h := open(t)
	sid := h.create(t, "From", "", "MessagingServiceSid", service)
	m := h.Stored(t, "town")[0]
	if m.Sender != "Mairie" || m.Connector != "sfr" || m.Class != sms.OTP {
		t.Errorf("%s by %s, %s", m.Sender, m.Connector, m.Class)
	}
	got := h.ask(t, http.MethodGet, "/Messages/"+sid+".json", nil)
	if got.fields["status"] != "accepted" || got.fields["from"] != nil || got.fields["num_segments"] != "0" || got.fields["messaging_service_sid"] != service {
		t.Errorf("%s", got.body)
	}
	if sid := h.create(t, "From", service); h.ask(t, http.MethodGet, "/Messages/"+sid+".json", nil).fields["messaging_service_sid"] != service {
		t.Error("a service in From is none")
	}
}

// TestTheSameKeySendsOnce has a client that lost an answer.
func TestTheSameKeySendsOnce(t *testing.T) {
	h := open(t)
	path := "/2010-04-01/Accounts/" + town + "/Messages.json"
	keyed := http.Header{"Idempotency-Key": {"order-7"}}
	first := h.askAs(t, town, token, http.MethodPost, path, good(), keyed)
	again := h.askAs(t, town, token, http.MethodPost, path, good(), keyed)
	if first.status != 201 || again.status != 201 || first.body != again.body || again.header.Get("Idempotency-Replayed") != "true" {
		t.Errorf("%d %s, then %d %s", first.status, first.body, again.status, again.body)
	}
	if got := h.askAs(t, town, token, http.MethodPost, path, good("Body", "Bonsoir"), keyed); got.status != 409 || got.code() != 20409 {
		t.Errorf("another body: %d %s", got.status, got.body)
	}
	for _, key := range []http.Header{{"Idempotency-Key": {""}}, {"Idempotency-Key": {"a", "b"}}, {"Idempotency-Key": {"é"}}, {"Idempotency-Key": {strings.Repeat("k", 256)}}} {
		if got := h.askAs(t, town, token, http.MethodPost, path, good(), key); got.status != 400 || got.code() != 20001 {
			t.Errorf("%v: %d %s", key, got.status, got.body)
		}
	}
	if n := len(h.Stored(t, "town")); n != 1 {
		t.Errorf("%d were stored", n)
	}
}

// TestListInPages walks through a list as clients do, by next_page_uri.
func TestListInPages(t *testing.T) {
	h := open(t)
	var want []string
	for i := range 7 {
		want = append(want, h.create(t, "To", fmt.Sprintf("+3363998000%d", i), "From", []string{"RELAIS", "Mairie"}[i%2]))
	}
	slices.Reverse(want)
	walk := func(query string) (sids []string, pages int) {
		t.Helper()
		for next := "/2010-04-01/Accounts/" + town + "/Messages.json?" + query; next != ""; pages++ {
			got := h.askAs(t, town, token, http.MethodGet, next, nil, nil)
			if got.status != 200 || got.fields["page"] != float64(pages) {
				t.Fatalf("%s: %d %s", next, got.status, got.body)
			}
			for _, m := range got.fields["messages"].([]any) {
				sids = append(sids, m.(map[string]any)["sid"].(string))
			}
			next, _ = got.fields["next_page_uri"].(string)
			if pages > 20 {
				t.Fatal("it never ends")
			}
		}
		return sids, pages
	}
	today := time.Now().UTC().Format(time.DateOnly)
	for _, tc := range []struct {
		query string
		want  []string
		pages int
	}{
		{"", want, 1},
		{"PageSize=3", want, 3},
		{"PageSize=7", want, 1},
		{"PageSize=5000", want, 1},
		{"PageSize=2&From=Mairie", []string{want[1], want[3], want[5]}, 2},
		{"To=%2B33639980006", want[:1], 1},
		{"To=nobody", nil, 1},
		{"DateSent=" + today, want, 1},
		{"DateSent%3E=" + today, want, 1},
		{"DateSent=" + today + "T12:00:00Z", want, 1},
		{"DateSent=" + today + "&DateSent%3E=2099-01-01", nil, 1},
		{"DateSent=2001-01-01&DateSent%3E=" + today, nil, 1},
		{"DateSent=" + today + "&DateSent%3C=2001-01-01", nil, 1},
		{"DateSent=2001-01-01", nil, 1},
		{"DateSent%3C=2001-01-01T00:00:00Z", nil, 1},
	} {
		if got, pages := walk(tc.query); !slices.Equal(got, tc.want) || pages != tc.pages {
			t.Errorf("%s: %d pages of %v, want %d of %v", tc.query, pages, got, tc.pages, tc.want)
		}
	}
	second := h.ask(t, http.MethodGet, "/Messages.json?PageSize=3&Page=1", nil)
	if got := second.fields["messages"].([]any); len(got) != 3 || got[0].(map[string]any)["sid"] != want[3] || second.fields["previous_page_uri"] == nil {
		t.Errorf("the second page by its number: %s", second.body)
	}
	for _, query := range []string{"PageSize=0", "PageSize=x", "Page=-1", "PageToken=x", "PageToken=PA" + town, "DateSent=x", "To=a&To=b", "Page=1000000", "PageSize=1000&Page=100", "PageSize=1000&Page=11", "PageSize=1000&Page=2147483", "Page=1048576&PageToken=PA" + want[0], "%zz"} {
		if got := h.ask(t, http.MethodGet, "/Messages.json?"+query, nil); got.status != 400 || got.code() != 20001 {
			t.Errorf("%s: %d %s", query, got.status, got.body)
		}
	}
	if got := h.askAs(t, other, "another token", http.MethodGet, "/2010-04-01/Accounts/"+other+"/Messages.json", nil, nil); len(got.fields["messages"].([]any)) != 0 {
		t.Errorf("another account sees %s", got.body)
	}
}

// TestChange cancels, redacts and deletes.
func TestChange(t *testing.T) {
	h := open(t)
	later := time.Now().Add(time.Hour).UTC().Format(time.RFC3339)
	sid := h.create(t, "ScheduleType", "fixed", "SendAt", later, "MessagingServiceSid", service)
	path := "/Messages/" + sid + ".json"
	if got := h.ask(t, http.MethodGet, path, nil); got.fields["status"] != "scheduled" {
		t.Errorf("%s", got.body)
	}
	for _, tc := range []struct {
		name, method, path string
		fields             url.Values
		status, code       int
	}{
		{"redact too early", http.MethodPost, path, url.Values{"Body": {""}}, 400, 20009},
		{"delete too early", http.MethodDelete, path, nil, 400, 20009},
		{"another text", http.MethodPost, path, url.Values{"Body": {"x"}}, 400, 20001},
		{"both", http.MethodPost, path, url.Values{"Body": {""}, "Status": {"canceled"}}, 400, 20001},
		{"nothing", http.MethodPost, path, url.Values{}, 400, 20001},
		{"another status", http.MethodPost, path, url.Values{"Status": {"sent"}}, 400, 20001},
		{"cancel", http.MethodPost, path, url.Values{"Status": {"canceled"}}, 200, 0},
		{"cancel again", http.MethodPost, path, url.Values{"Status": {"canceled"}}, 200, 0},
		{"redact", http.MethodPost, path, url.Values{"Body": {""}}, 200, 0},
		{"redact again", http.MethodPost, path, url.Values{"Body": {""}}, 200, 0},
		{"delete", http.MethodDelete, path, nil, 204, 0},
		{"delete again", http.MethodDelete, path, nil, 404, 20404},
		{"fetch", http.MethodGet, path, nil, 404, 20404},
		{"cancel what is not there", http.MethodPost, path, url.Values{"Status": {"canceled"}}, 404, 20404},
		{"no sid", http.MethodGet, "/Messages/SM1.json", nil, 404, 20404},
		{"a sid of nothing", http.MethodGet, "/Messages/SM0123456789abcdef0123456789abcdef.json", nil, 404, 20404},
	} {
		got := h.ask(t, tc.method, tc.path, tc.fields)
		if got.status != tc.status || got.code() != tc.code {
			t.Errorf("%s: %d %s, want %d %d", tc.name, got.status, got.body, tc.status, tc.code)
		}
		if tc.name == "cancel" && got.fields["status"] != "canceled" || tc.name == "redact" && got.fields["body"] != "" {
			t.Errorf("%s: %s", tc.name, got.body)
		}
	}
	if got := h.ask(t, http.MethodGet, "/Messages.json", nil); len(got.fields["messages"].([]any)) != 0 {
		t.Errorf("the list has what was deleted: %s", got.body)
	}
	for _, m := range h.Stored(t, "town") {
		if m.Text != "" || m.To != "~" {
			t.Errorf("stored %q to %q", m.Text, m.To)
		}
	}
}

// TestNobodyElsesMessage asks for one with another account's credentials, under both paths.
func TestNobodyElsesMessage(t *testing.T) {
	h := open(t)
	sid := h.create(t)
	for _, account := range []string{town, other} {
		for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodDelete} {
			got := h.askAs(t, other, "another token", method, "/2010-04-01/Accounts/"+account+"/Messages/"+sid+".json", url.Values{"Status": {"canceled"}}, nil)
			if got.status != 404 || got.code() != 20404 || strings.Contains(got.body, "Bonjour") {
				t.Errorf("%s: %d %s", method, got.status, got.body)
			}
		}
	}
	if m := h.Stored(t, "town")[0]; m.Status != sms.Queued {
		t.Errorf("it is %s", m.Status)
	}
}

func TestAccountAndBalance(t *testing.T) {
	h := open(t)
	got := h.askAs(t, town, token, http.MethodGet, "/2010-04-01/Accounts/"+town+".json", nil, nil)
	if got.status != 200 || got.fields["sid"] != town || got.fields["status"] != "active" || strings.Contains(got.body, token) {
		t.Errorf("%d %s", got.status, got.body)
	}
	if got := h.ask(t, http.MethodGet, "/Balance.json", nil); got.status != 404 || got.code() != 20404 {
		t.Errorf("the credit of no operator: %d %s", got.status, got.body)
	}
}

func TestUnknownParametersAreNoted(t *testing.T) {
	h := open(t)
	sid := h.create(t, "Colour", "red", "+33639980002", "x")
	if sid == "" || len(h.Stored(t, "town")) != 1 {
		t.Fatal("it was not taken")
	}
	id := h.Stored(t, "town")[0].ID
	_, decisions, err := h.Store.Timeline(t.Context(), "town", id)
	if err != nil {
		t.Fatal(err)
	}
	var noted []string
	for _, why := range decisions {
		if why.Code == "twilio_ignored" {
			noted = append(noted, why.In(reason.English))
		}
	}
	if want := []string{"The parameter Colour counts for nothing: nobody here knows it."}; !slices.Equal(noted, want) {
		t.Errorf("noted %q, want %q", noted, want)
	}
}
