package api_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"relais/api"
	"relais/auth"
	"relais/campaign/ledger"
	"relais/gateway"
	"relais/reason"
	"relais/sms"
)

const wishes = `{"name": "Vœux", "class": "transactional", "text": "Bonjour ((nom)), le ((date)).", "options": {"column": "B", "segments": 2}}`

// people is a table with faults.
const people = "Nom;Portable;Date\nZoé;0639980001;3 mai\nLéa;639980002;4 mai\n=1+1;6,12E+08;5 mai\n"

// campaign begins one.
func (d *door) campaign(body string) api.Campaign {
	d.t.Helper()
	return into[api.Campaign](d.t, d.post("/v1/campaigns", body), http.StatusCreated)
}

func put(path, body string) request { return request{method: "PUT", path: path, body: body} }

func TestCampaignDrafts(t *testing.T) {
	d := open(t)
	made := d.campaign(wishes)
	path := "/v1/campaigns/" + made.ID.String()
	if made.Status != ledger.Draft || made.Version != 1 || made.Options.Column != "B" || made.CreatedBy != "api:form" {
		t.Errorf("%+v", made)
	}
	change := request{method: "PATCH", path: path, body: `{"name": "Vœux 2027", "start_at": "2027-01-01T09:00:00+01:00", "options": {"segments": 3}}`}
	changed := into[api.Campaign](t, d.do(withHeader(change, "If-Match", `"1"`)), http.StatusOK)
	if changed.Name != "Vœux 2027" || changed.Text != made.Text || changed.Options.Column != "B" || changed.Options.Segments != 3 ||
		changed.Version != 2 || changed.StartAt == nil || changed.StartAt.Hour() != 8 {
		t.Errorf("what was absent did not stay, or what was there did not change: %+v", changed)
	}
	if got := d.do(withHeader(change, "If-Match", `"1"`)); got.StatusCode != http.StatusPreconditionFailed {
		t.Errorf("a change over one that was not read: %d %s", got.StatusCode, got.body)
	}
	change.body = `{"start_at": null}`
	if gone := into[api.Campaign](t, d.do(withHeader(change, "If-Match", `"2"`)), http.StatusOK); gone.StartAt != nil {
		t.Errorf("null does not take the time away: %+v", gone)
	}
	shown := d.get(path)
	if shown.Header.Get("ETag") != `"3"` {
		t.Errorf("ETag %s", shown.Header.Get("ETag"))
	}
	for range 2 {
		d.campaign(`{"name": "another"}`)
	}
	list := into[api.CampaignList](t, d.get("/v1/campaigns?limit=2&status=draft"), http.StatusOK)
	if len(list.Items) != 2 || list.Next == "" {
		t.Fatalf("%+v", list)
	}
	rest := into[api.CampaignList](t, d.get("/v1/campaigns?cursor="+list.Next), http.StatusOK)
	ids := map[sms.ID]bool{made.ID: true}
	for _, one := range append(list.Items, rest.Items...) {
		ids[one.ID] = true
	}
	if len(rest.Items) != 1 || rest.Next != "" || len(ids) != 3 {
		t.Errorf("%+v", rest)
	}
	if got := d.do(request{method: "DELETE", path: path}); got.StatusCode != http.StatusNoContent {
		t.Errorf("%d %s", got.StatusCode, got.body)
	}
	d.get(path).problem(http.StatusNotFound, "campaign_unknown")
}

// TestARequestBeginsOneCampaign however often it comes, also at the same moment.
func TestARequestBeginsOneCampaign(t *testing.T) {
	d := open(t)
	begin := func(key, body string) answer {
		return d.do(withHeader(request{method: "POST", path: "/v1/campaigns", body: body}, "Idempotency-Key", key))
	}
	const most = 6
	answers, made, fresh := make([]answer, most), make([]sms.ID, most), 0
	var racing sync.WaitGroup
	for i := range most {
		racing.Go(func() { answers[i] = begin("a", wishes) })
	}
	racing.Wait()
	for i := range most {
		made[i] = into[api.Campaign](t, answers[i], http.StatusCreated).ID
		if made[i] != made[0] {
			t.Errorf("%s, and %s", made[0], made[i])
		}
		if answers[i].Header.Get("Idempotency-Replayed") != "true" {
			fresh++
		}
	}
	if fresh != 1 {
		t.Errorf("%d are no replay", fresh)
	}
	begin("a", `{"name": "another"}`).problem(http.StatusConflict, "idempotency_key_reused")
	begin("é", wishes).problem(http.StatusUnprocessableEntity, "idempotency_key_invalid")
	if other := into[api.Campaign](t, begin("b", wishes), http.StatusCreated); other.ID == made[0] {
		t.Error("another key begins no other campaign")
	}
	path := "/v1/campaigns/" + made[0].String()
	change := request{method: "PATCH", path: path, body: `{"name": "Vœux 2027"}`}
	into[api.Campaign](t, d.do(withHeader(change, "If-Match", `"1"`)), http.StatusOK)
	got := begin("a", wishes)
	if now := into[api.Campaign](t, got, http.StatusCreated); now.Name != "Vœux 2027" || got.Header.Get("ETag") != `"2"` {
		t.Errorf("%+v", now)
	}
	d.do(request{method: "DELETE", path: path})
	if again := into[api.Campaign](t, begin("a", wishes), http.StatusCreated); again.ID == made[0] {
		t.Error("one that was dropped is shown")
	}
}

func TestCampaignFile(t *testing.T) {
	d := open(t)
	made := d.campaign(wishes)
	path := "/v1/campaigns/" + made.ID.String()
	got := d.do(withHeader(put(path+"/file?name=inscrits.csv", people), "Content-Type", "text/csv; charset=windows-1252"))
	look := into[api.CampaignLook](t, got, http.StatusOK)
	if look.Format != "csv" || look.Separator != ";" || len(look.Columns) != 3 || !look.Columns[1].Phone {
		t.Errorf("%+v", look)
	}
	again := into[api.CampaignLook](t, d.get(path+"/look"), http.StatusOK)
	if len(again.Columns) != 3 {
		t.Errorf("%+v", again)
	}
	c := into[api.Campaign](t, d.get(path), http.StatusOK)
	if c.File == nil || c.File.Name != "inscrits.csv" || c.File.Size != int64(len(people)) {
		t.Errorf("%+v", c.File)
	}
	if etag := got.Header.Get("ETag"); etag == "" || d.get(path).Header.Get("ETag") != etag {
		t.Errorf("ETag %q", etag)
	}
	d.do(withHeader(put(path+"/file", people), "If-Match", `"1"`)).problem(http.StatusPreconditionFailed, "campaign_outdated")
	checking := into[api.Campaign](t, d.post(path+"/check", ""), http.StatusAccepted)
	if checking.Status != ledger.Checking {
		t.Errorf("%+v", checking)
	}
	events := into[api.CampaignTimeline](t, d.get(path+"/timeline"), http.StatusOK)
	if last := events.Items[len(events.Items)-1]; last.Status != ledger.Checking || last.Actor != "api:form" {
		t.Errorf("%+v", events)
	}
}

// A file of many times the size of other bodies is read as it comes.
func TestLargeFiles(t *testing.T) {
	d := open(t)
	s := d.serve()
	path := "/v1/campaigns/" + d.campaign(wishes).ID.String() + "/file"
	const megabyte = 1 << 20
	const size = 12 * megabyte
	body := io.MultiReader(strings.NewReader(people), io.LimitReader(&spaces{}, size-int64(len(people))))
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPut, s.URL+path, body)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+townKey)
	got, err := s.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer got.Body.Close()
	if got.StatusCode != http.StatusOK {
		t.Errorf("12 MiB: %d", got.StatusCode)
	}
}

// spaces are blank lines.
type spaces struct{}

func (*spaces) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = '\n'
	}
	return len(p), nil
}

// Rows are shown page by page, with sentences in the language of the caller, and written as
// tables.
func TestCampaignRows(t *testing.T) {
	rows := []ledger.Row{
		{Row: 2, Number: "+33639980001", State: ledger.Ended, Values: map[string]string{"nom": "=Zoé", "date": "3 mai"}, Message: sms.NewID(today), Status: sms.Delivered, Code: "delivered", Segments: 2, At: today},
		{Row: 3, State: ledger.Skipped, Reason: reason.Of("number_scientific", nil), Values: map[string]string{"nom": "Léa", "date": "4 mai"}},
		{Row: 4, Number: "+33639980002", State: ledger.Waiting, Values: map[string]string{"nom": "Noël", "date": "5 mai"}, Reference: "r4"},
	}
	d := open(t, func(_ *gateway.Options, o *api.Options) { o.Campaigns.Store = rowStore{o.Campaigns.Store, rows} })
	path := "/v1/campaigns/" + d.campaign(wishes).ID.String() + "/rows"
	list := into[api.CampaignRowList](t, d.do(withHeader(get(path+"?limit=2"), "Accept-Language", "fr")), http.StatusOK)
	if len(list.Items) != 2 || list.Next != "3" || list.Items[1].Code != "number_scientific" ||
		list.Items[1].Detail != rows[1].Reason.In("fr") || list.Items[0].Status != sms.Delivered {
		t.Errorf("%+v", list)
	}
	rest := into[api.CampaignRowList](t, d.get(path+"?cursor=3"), http.StatusOK)
	if len(rest.Items) != 1 || rest.Items[0].Reference != "r4" || rest.Next != "" {
		t.Errorf("%+v", rest)
	}
	csv := d.get(path + ".csv")
	for _, want := range []string{
		"nom,date,row,sms_number,sms_state,sms_status,", "'=Zoé,3 mai,2,+33639980001,ended,delivered,delivered,,2,,",
		"Léa,4 mai,3,,skipped,,number_scientific,", ",r4,",
	} {
		if !strings.Contains(string(csv.body), want) {
			t.Errorf("%q is missing:\n%s", want, csv.body)
		}
	}
	excel := d.do(withHeader(get(path+".csv?excel=true&state=waiting"), "Accept-Language", "fr"))
	if want := "Noël;5 mai;4;06 39 98 00 02;"; !strings.Contains(string(excel.body), want) || strings.Contains(string(excel.body), "Léa") {
		t.Errorf("%q is missing:\n%s", want, excel.body)
	}
	if book := d.get(path + ".xlsx"); book.StatusCode != http.StatusOK || string(book.body[:2]) != "PK" {
		t.Errorf("%d %q", book.StatusCode, book.body)
	}
	d.get(path+".csv?state=gone").problem(http.StatusUnprocessableEntity, "invalid_parameter")
	d.get(path+".csv?excel=si").problem(http.StatusUnprocessableEntity, "invalid_parameter")
	d.get(path+"?cursor=x").problem(http.StatusUnprocessableEntity, "invalid_parameter")
	d.do(request{method: "DELETE", path: strings.TrimSuffix(path, "/rows")})
	d.get(path).problem(http.StatusNotFound, "campaign_unknown")
	d.get("/v1/campaigns/"+someID+"/rows").problem(http.StatusNotFound, "campaign_unknown")
}

// A key whose senders or connectors are limited makes, changes, starts and resumes campaigns
// that name one of its own.
func TestCampaignsOfLimitedKeys(t *testing.T) {
	d := open(t, limited(map[string]auth.KeyLimits{"own": {Senders: []sms.Sender{"MAIRIE"}, Connectors: []string{"sfr"}}}))
	const own = `"sender": "Mairie", "connector": "sfr"`
	as := func(r request) request { r.key = "own"; return r }
	create := func(body string) request {
		return as(request{method: "POST", path: "/v1/campaigns", body: `{"name": "a", ` + body + `}`})
	}
	made := into[api.Campaign](t, d.do(create(own)), http.StatusCreated)
	path := "/v1/campaigns/" + made.ID.String()
	change := func(body string) request {
		return as(withHeader(request{method: "PATCH", path: path, body: body}, "If-Match", `"1"`))
	}
	other := "/v1/campaigns/" + d.campaign(`{"name": "a", "sender": "ECOLE"}`).ID.String()
	for _, tc := range []struct {
		request           request
		code, field, says string
	}{
		{create(`"sender": "ECOLE", "connector": "sfr"`), "sender_not_of_key", "/sender", "ECOLE is not among those of this key: MAIRIE."},
		{create(`"sender": "MAIRIE", "connector": "ovh"`), "connector_not_of_key", "/connector", "ovh is not among those of this key: sfr."},
		{create(`"connector": "sfr"`), "sender_not_of_key", "/sender", "The campaign names no sender"},
		{create(`"sender": "MAIRIE"`), "connector_not_of_key", "/connector", "The campaign names no connector"},
		{change(`{"sender": "ECOLE"}`), "sender_not_of_key", "/sender", "ECOLE"},
		{change(`{"connector": ""}`), "connector_not_of_key", "/connector", "The campaign names no connector"},
		{as(request{method: "POST", path: other + "/start", body: `{"check": "c_1"}`}), "sender_not_of_key", "/sender", "ECOLE"},
		{as(request{method: "POST", path: other + "/resume"}), "sender_not_of_key", "/sender", "ECOLE"},
	} {
		p := d.do(tc.request).problem(http.StatusUnprocessableEntity, tc.code)
		if len(p.Errors) != 1 || p.Errors[0].Field != tc.field || !strings.Contains(p.Detail, tc.says) {
			t.Errorf("%s %s: %+v", tc.request.path, tc.request.body, p)
		}
	}
	into[api.Campaign](t, d.do(change(`{"text": "Bonjour"}`)), http.StatusOK)
	d.do(as(request{method: "POST", path: path + "/start", body: `{"check": "c_1"}`})).problem(http.StatusConflict, "campaign_status")
	d.do(as(request{method: "POST", path: other + "/cancel"})).problem(http.StatusConflict, "campaign_status")
}

// rowStore has rows of its own.
type rowStore struct {
	ledger.Store

	rows []ledger.Row
}

func (s rowStore) CampaignRows(_ context.Context, q ledger.RowQuery) (found []ledger.Row, more bool, err error) {
	for _, r := range s.rows {
		if r.Row <= q.After || q.State != "" && r.State != q.State {
			continue
		}
		if len(found) == q.Limit {
			return found, true, nil
		}
		found = append(found, r)
	}
	return found, false, nil
}

func TestCampaignRefusals(t *testing.T) {
	d := open(t)
	create := func(body string) request { return request{method: "POST", path: "/v1/campaigns", body: body} }
	bare := d.campaign(`{"name": "bare", "class": "transactional"}`).ID.String()
	checking := d.campaign(wishes).ID.String()
	into[api.CampaignLook](t, d.do(put("/v1/campaigns/"+checking+"/file", people)), http.StatusOK)
	into[api.Campaign](t, d.post("/v1/campaigns/"+checking+"/check", ""), http.StatusAccepted)
	filed := d.campaign(`{"name": "without a text", "class": "transactional"}`).ID.String()
	into[api.CampaignLook](t, d.do(put("/v1/campaigns/"+filed+"/file", people)), http.StatusOK)
	file := func(body string) request { return put("/v1/campaigns/"+bare+"/file", body) }
	change := request{method: "PATCH", path: "/v1/campaigns/" + bare, body: `{"name": "b"}`}
	for _, tc := range []refusal{
		{"campaign without a name", 422, "campaign_name_missing", "/name", create(`{"text": "a"}`)},
		{"campaign for codes", 422, "campaign_class", "/class", create(`{"name": "a", "class": "otp"}`)},
		{"campaign name too long", 422, "campaign_too_long", "/name", create(`{"name": "` + strings.Repeat("a", 101) + `"}`)},
		{"campaign control character", 422, "campaign_forbidden_character", "/text", create(`{"name": "a", "text": "\u0007"}`)},
		{"campaign option unknown", 422, "campaign_option", "/options/duplicates", create(`{"name": "a", "options": {"duplicates": "all"}}`)},
		{"campaign end", 422, "campaign_end", "/options/end_by", create(`{"name": "a", "options": {"end_by": "tomorrow"}}`)},
		{"campaign end past", 422, "campaign_end_past", "/options/end_by", create(`{"name": "a", "start_at": "2027-01-02T09:00:00Z", "options": {"end_by": "2027-01-02T09:00:00Z"}}`)},
		{"campaign hours", 422, "campaign_hours", "/options/hours", create(`{"name": "a", "options": {"hours": "9-12"}}`)},
		{"campaign days", 422, "campaign_hours", "/options/days", create(`{"name": "a", "options": {"days": "lundi"}}`)},
		{"appointment rule", 422, "appointment_rule", "/options/appointments/rules", create(`{"name": "a", "options": {"appointments": {"rules": "2h, soon"}}}`)},
		{"appointment zone", 422, "appointment_zone", "/options/appointments/zone", create(`{"name": "a", "options": {"appointments": {"rules": "2h", "zone": "Paris"}}}`)},
		{"appointment start", 422, "appointment_own_times", "/start_at", create(`{"name": "a", "start_at": "2027-01-02T09:00:00Z", "options": {"appointments": {"rules": "2h"}}}`)},
		{"appointment option that is none", 422, "unknown_field", "/options/appointments/rule", create(`{"name": "a", "options": {"appointments": {"rule": "2h"}}}`)},
		{"campaign guard", 422, "campaign_guard", "/options/guards/errors", create(`{"name": "a", "options": {"guards": {"errors": 101}}}`)},
		{"campaign guard that is none", 422, "unknown_field", "/options/guards/error", create(`{"name": "a", "options": {"guards": {"error": 10}}}`)},
		{"campaign option that is none", 422, "unknown_field", "/options/colum", create(`{"name": "a", "options": {"colum": "B"}}`)},
		{"campaign start at the zero time", 422, "start_at_invalid", "/start_at", create(`{"name": "a", "start_at": "0001-01-01T00:00:00Z"}`)},
		{"campaign end at the zero time", 422, "campaign_end", "/options/end_by", create(`{"name": "a", "options": {"end_by": "0001-01-01T00:00:00Z"}}`)},
		{"campaign start unreadable", 422, "start_at_invalid", "/start_at", create(`{"name": "a", "start_at": "tomorrow"}`)},
		{"campaign without If-Match", 428, "if_match_missing", "If-Match", change},
		{"campaign outdated", 412, "campaign_outdated", "If-Match", withHeader(change, "If-Match", `"7"`)},
		{"campaign unknown", 404, "campaign_unknown", "", get("/v1/campaigns/" + someID)},
		{"campaign without a file", 422, "campaign_without_file", "", request{method: "POST", path: "/v1/campaigns/" + bare + "/check"}},
		{"campaign without a text", 422, "campaign_without_text", "/text", request{method: "POST", path: "/v1/campaigns/" + filed + "/check"}},
		{"campaign not checked", 409, "campaign_not_checked", "", get("/v1/campaigns/" + bare + "/report")},
		{"campaign file empty", 400, "body_empty", "", file("")},
		{"campaign file unreadable", 422, "file_unreadable", "", file("%PDF-1.7\n")},
		{"campaign file without rows", 422, "no_rows", "", file("Nom;Portable\n")},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := d.do(tc.request)
			var p api.Problem
			if err := json.Unmarshal(got.body, &p); err != nil || got.StatusCode != tc.status || p.Code != tc.code ||
				tc.field != "" && (len(p.Errors) == 0 || p.Errors[0].Field != tc.field) {
				t.Errorf("%d %s; want %d %s at %s", got.StatusCode, got.body, tc.status, tc.code, tc.field)
			}
			shown := transcript(tc.request) + got.transcript()
			golden(t, tc.name, strings.NewReplacer(bare, someID, checking, someID, filed, someID).Replace(shown))
		})
	}
	t.Run("campaign file too large", func(t *testing.T) {
		head := "PUT /v1/campaigns/" + bare + "/file HTTP/1.1\r\nHost: relais.example\r\nAuthorization: Bearer " + townKey +
			"\r\nContent-Length: 104857601\r\n\r\n"
		got := d.in(t).raw(d.serve(), head, true)
		got.problem(http.StatusRequestEntityTooLarge, "file_too_large")
		golden(t, "campaign file too large", dated.ReplaceAllString(got.transcript(), ""))
	})
	running := open(t, func(_ *gateway.Options, o *api.Options) { o.Campaigns.Store = runningStore{o.Campaigns.Store} })
	drop := request{method: "DELETE", path: "/v1/campaigns/" + someID}
	got := running.do(drop)
	got.problem(http.StatusConflict, "campaign_status")
	golden(t, "campaign status", transcript(drop)+got.transcript())
}

// A start that nothing would come of is refused, each with its reason.
func TestCampaignStartRefusals(t *testing.T) {
	ready := ledger.Campaign{Status: ledger.Ready, Check: "c_1"}
	full := ready
	full.Counts.Waiting = 1
	late, past := full, full
	late.StartAt, past.StartAt = today.AddDate(2, 0, 0), today.AddDate(-2, 0, 0)
	for name, tc := range map[string]struct {
		campaign ledger.Campaign
		status   int
		code     string
	}{
		"campaign start outdated":     {full, http.StatusConflict, "check_outdated"},
		"campaign start without rows": {ready, http.StatusConflict, "campaign_without_rows"},
		"campaign start past":         {past, http.StatusUnprocessableEntity, "campaign_start_past"},
		"campaign start too far":      {late, http.StatusUnprocessableEntity, "campaign_start_too_far"},
	} {
		t.Run(name, func(t *testing.T) {
			d := open(t, func(_ *gateway.Options, o *api.Options) {
				o.Campaigns.Store = oneStore{o.Campaigns.Store, tc.campaign}
			})
			check := "c_1"
			if tc.code == "check_outdated" {
				check = "c_2"
			}
			start := request{method: "POST", path: "/v1/campaigns/" + someID + "/start", body: `{"check": "` + check + `"}`}
			got := d.do(start)
			got.problem(tc.status, tc.code)
			golden(t, name, transcript(start)+got.transcript())
		})
	}
}

// TestCampaignSentBefore: what was sent a while ago is sent once more by a key that may approve.
func TestCampaignSentBefore(t *testing.T) {
	full := ledger.Campaign{Account: "town", Status: ledger.Ready, Check: "c_1", StartedAt: today}
	full.Name, full.Counts.Waiting = "Vœux", 1
	d := open(t, func(_ *gateway.Options, o *api.Options) {
		o.Campaigns.Store = sentStore{oneStore{o.Campaigns.Store, full}}
	})
	start := request{method: "POST", path: "/v1/campaigns/" + someID + "/start", body: `{"check": "c_1"}`}
	got := d.do(start)
	got.problem(http.StatusConflict, "sent_before")
	golden(t, "campaign sent before", transcript(start)+got.transcript())

	again := `{"check": "c_1", "force": true}`
	d.do(request{method: "POST", path: start.path, body: again, key: otherKey}).problem(http.StatusForbidden, "key_right")
	if got := d.post("/v1/campaigns/"+someID+"/start", again); !strings.HasPrefix(got.Status, "200") {
		t.Errorf("%s", got.transcript())
	}
	d.post("/v1/campaigns/"+someID+"/start", `{"check": "c_1", "force": "yes"}`).problem(http.StatusUnprocessableEntity, "wrong_type")
}

// sentStore has one campaign, which sends what another one sent.
type sentStore struct{ oneStore }

func (s sentStore) MoveCampaign(_ context.Context, _ string, _ sms.ID, m ledger.Move) (ledger.Campaign, error) {
	if m.SentSince.IsZero() {
		return s.campaign, nil
	}
	return s.campaign, &ledger.SentBeforeError{Campaign: s.campaign.ID}
}

// oneStore has one campaign.
type oneStore struct {
	ledger.Store

	campaign ledger.Campaign
}

func (s oneStore) Campaign(context.Context, string, sms.ID) (ledger.Campaign, error) {
	return s.campaign, nil
}

// dated is the header that a real server adds.
var dated = regexp.MustCompile(`Date: .*\n`)

// runningStore has one campaign, which runs.
type runningStore struct{ ledger.Store }

func (runningStore) Campaign(context.Context, string, sms.ID) (ledger.Campaign, error) {
	return ledger.Campaign{Status: ledger.Running}, nil
}

func (runningStore) DropCampaign(context.Context, string, sms.ID) error { return ledger.ErrStatus }

// trialStore has one campaign that was checked, with one row; tests of it were used up.
type trialStore struct {
	oneStore

	row ledger.Row
}

func (s trialStore) CampaignRows(context.Context, ledger.RowQuery) ([]ledger.Row, bool, error) {
	return []ledger.Row{s.row}, false, nil
}

func (trialStore) NoteTest(context.Context, string, sms.ID, ledger.Mark, time.Time, int) error {
	return ledger.ErrTests
}

// A row is shown as it would leave, and sent to whoever asks, or it is said why not.
func TestCampaignTrials(t *testing.T) {
	row := ledger.Row{Row: 3, Number: "+33639980001", State: ledger.Waiting, Text: "Bonjour Zoé", Values: map[string]string{"nom": "Zoé"}}
	ready := ledger.Campaign{
		ID: sms.NewID(today), Account: "town", Status: ledger.Ready, Check: "c_1", Content: ledger.Content{
			Text: "Bonjour ((nom))", Class: sms.Marketing, Connector: "ovh",
		},
	}
	forgotten := row
	forgotten.Text = ""
	with := func(row ledger.Row, used bool) setting {
		return func(_ *gateway.Options, o *api.Options) {
			if store := (trialStore{oneStore{o.Campaigns.Store, ready}, row}); used {
				o.Campaigns.Store = store
			} else {
				o.Campaigns.Store = untestedStore{store}
			}
		}
	}
	path := "/v1/campaigns/" + someID
	d := open(t, with(row, false))
	p := into[api.CampaignPreview](t, d.get(path+"/rows/3/preview"), http.StatusOK)
	if p.Refused != nil || p.Row.To != row.Number || p.Preview == nil || p.Preview.Text.Written.Text != row.Text ||
		len(p.Preview.Messages) != 1 || p.Preview.Messages[0].Connector != "ovh" || len(p.Preview.Messages[0].Decisions) == 0 {
		t.Errorf("%+v", p)
	}
	const body = `{"row": 3, "to": "06 39 98 00 09"}`
	sent := into[api.SubmitAnswer](t, d.post(path+"/test", body), http.StatusAccepted)
	if len(sent.Messages) != 1 || sent.Messages[0].To != "+33639980009" || sent.Messages[0].Reference != "" {
		t.Errorf("%+v", sent)
	}
	skipped := row
	skipped.State, skipped.Reason = ledger.Skipped, reason.Of("duplicate", reason.Args{"row": reason.Count(2)})
	left := into[api.CampaignPreview](t, open(t, with(skipped, false)).get(path+"/rows/3/preview"), http.StatusOK)
	if left.Preview != nil || left.Refused == nil || left.Refused.Code != "duplicate" || left.Row.State != ledger.Skipped {
		t.Errorf("%+v", left)
	}
	test := request{method: "POST", path: path + "/test", body: body}
	for name, tc := range map[string]struct {
		door    setting
		request request
		status  int
		code    string
	}{
		"campaign row unknown":   {with(row, false), get(path + "/rows/4/preview"), http.StatusNotFound, "campaign_row_unknown"},
		"campaign row forgotten": {with(forgotten, false), get(path + "/rows/3/preview"), http.StatusConflict, "campaign_row_forgotten"},
		"campaign tests used up": {with(row, true), test, http.StatusConflict, "campaign_tests_used_up"},
		"campaign row skipped":   {with(skipped, false), test, http.StatusUnprocessableEntity, "campaign_row_skipped"},
	} {
		t.Run(name, func(t *testing.T) {
			got := open(t, tc.door).do(tc.request)
			got.problem(tc.status, tc.code)
			golden(t, name, transcript(tc.request)+got.transcript())
		})
	}
}

// untestedStore takes every test.
type untestedStore struct{ trialStore }

func (untestedStore) NoteTest(context.Context, string, sms.ID, ledger.Mark, time.Time, int) error {
	return nil
}

// endedStore has one campaign that ended, and no row of it.
type endedStore struct{ oneStore }

func (endedStore) CampaignRows(context.Context, ledger.RowQuery) ([]ledger.Row, bool, error) {
	return nil, false, nil
}

// A campaign that ended goes on in another one, or it is said why not.
func TestCampaignsThatGoOn(t *testing.T) {
	over := ledger.Campaign{
		ID: sms.NewID(today), Account: "town", Status: ledger.Finished, Content: ledger.Content{Name: "Vœux", Class: sms.Marketing},
	}
	with := func(c ledger.Campaign) setting {
		return func(_ *gateway.Options, o *api.Options) {
			o.Campaigns.Store = endedStore{oneStore{o.Campaigns.Store, c}}
		}
	}
	running := over
	running.Status = ledger.Running
	reminders := over
	reminders.Options.Appointments.Rules = "2h"
	retry := request{method: "POST", path: "/v1/campaigns/" + someID + "/retry", body: `{}`}
	other := retry
	other.body = `{"outcomes": ["uncertain"]}`
	correct := request{method: "POST", path: "/v1/campaigns/" + someID + "/correction"}
	for name, tc := range map[string]struct {
		campaign ledger.Campaign
		request  request
		status   int
		code     string
	}{
		"campaign nothing to retry": {over, retry, http.StatusConflict, "campaign_nothing_to_retry"},
		"campaign outcome unknown":  {over, other, http.StatusUnprocessableEntity, "campaign_outcome_unknown"},
		"campaign running retried":  {running, retry, http.StatusConflict, "campaign_status"},
		"appointment no retry":      {reminders, retry, http.StatusConflict, "appointment_no_retry"},
		"campaign running mended":   {running, correct, http.StatusConflict, "campaign_status"},
	} {
		t.Run(name, func(t *testing.T) {
			got := open(t, with(tc.campaign)).do(tc.request)
			got.problem(tc.status, tc.code)
			if tc.code != "campaign_status" {
				golden(t, name, transcript(tc.request)+got.transcript())
			}
		})
	}
	d := open(t)
	made := d.campaign(`{"name": "a", "options": {"column": "B"}}`)
	d.do(request{method: "POST", path: "/v1/campaigns/" + made.ID.String() + "/correction"}).problem(http.StatusConflict, "campaign_status")
	d.post("/v1/campaigns", `{"name": "a", "options": {"from": {}}}`).problem(http.StatusUnprocessableEntity, "unknown_field")
}
