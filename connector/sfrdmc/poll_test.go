package sfrdmc_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"relais/connector"
	"relais/connector/sfrdmc"
	"relais/sms"
)

const (
	noItems = `{"success":true,"response":{"list":[],"total":0}}`
	noCras  = `{"success":true,"response":[]}`
)

// watch is a clock that tests move.
type watch struct{ moved atomic.Int64 }

func (w *watch) now() time.Time          { return clock.Add(time.Duration(w.moved.Load())) }
func (w *watch) forward(d time.Duration) { w.moved.Add(int64(d)) }

// pollOnce gathers what one round tells.
func pollOnce(
	t *testing.T, c connector.Connector, from string,
) (news connector.News, next string, err error) {
	t.Helper()
	next, err = connector.CapabilitiesOf(c).NewsPoller.PollNews(t.Context(), from, func(n connector.News) error {
		news.Receipts = append(news.Receipts, n.Receipts...)
		news.Inbounds = append(news.Inbounds, n.Inbounds...)
		news.Blocks = append(news.Blocks, n.Blocks...)
		return nil
	})
	return news, next, err
}

// mustPoll is pollOnce where nothing may fail.
func mustPoll(t *testing.T, c connector.Connector, from string) (connector.News, string) {
	t.Helper()
	news, next, err := pollOnce(t, c, from)
	if err != nil {
		t.Fatal(err)
	}
	return news, next
}

// methods are the last parts of the addresses that were called.
func methods(calls []asked) []string {
	var names []string
	for _, call := range calls {
		names = append(names, call.path[strings.LastIndex(call.path, "/")+1:])
	}
	return names
}

// last returns the last call of a method.
func (o *operator) last(t *testing.T, method string) asked {
	t.Helper()
	calls := o.asked(t)
	for _, call := range slices.Backward(calls) {
		if strings.HasSuffix(call.path, "/"+method) {
			return call
		}
	}
	t.Fatalf("%s was not called", method)
	return asked{}
}

// pushFailure lets the instance know of a failure without a reason.
func pushFailure(t *testing.T, c connector.Connector, ids ...int64) {
	t.Helper()
	var items []string
	for _, id := range ids {
		items = append(items, fmt.Sprintf(`{"contact_id":%d,"space_id":"70145","status":"ERROR"}`, id))
	}
	body := `{"status_report":{"username":"4100220033","sms":[` + strings.Join(items, ",") + `]}}`
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(body))
	if _, err := connector.CapabilitiesOf(c).NewsParser.ParseNews(r); err != nil {
		t.Fatal(err)
	}
}

var (
	attempted = time.UnixMilli(1772359146000).UTC()
	changed   = time.UnixMilli(1772359149000).UTC()
)

func TestPollReadsUnitsAndStops(t *testing.T) {
	ref := sms.NewID(clock)
	o := newOperator(t, map[string]string{
		"getSingleCallCra": strings.ReplaceAll(testdata(t, "cra-units.json"), "{ref}", ref.String()),
		"getResponsesSMS":  testdata(t, "cra-stops.json"),
	})
	c := o.connect(t, func(c *sfrdmc.Config) { c.Lang = "en_GB" })
	news, next := mustPoll(t, c, "")
	reply := news.Inbounds[0].ProviderID
	stop := news.Inbounds[1].ProviderID
	want := connector.News{
		Receipts: []sms.Receipt{
			{ProviderID: "3104455001", Ref: ref, Status: sms.Delivered, Code: "CRA_SMS_RECEIVED", Text: "Reçu", At: changed},
			{ProviderID: "3104455002", Status: sms.Undelivered, Reason: sms.ReasonAbsent, Code: "CRA_SMS_FALSENUMBER", Text: "Abonné absent", At: attempted},
			{ProviderID: "3104455003", Status: sms.Submitted, Code: "CRA_SMS_SENT", Text: "Envoyé", At: attempted},
			{ProviderID: "3104455004", Status: sms.Rejected, Reason: sms.ReasonOptedOut, Code: "CRA_SMS_BLACKLIST", Text: "CRA_SMS_BLACKLIST{0}"},
		},
		Inbounds: []sms.Inbound{
			{ProviderID: reply, From: "+33639980101", Text: "Merci", AnswersID: "3104455001", Ref: ref},
			{ProviderID: stop, From: "+33639980104", Text: "Stop", AnswersID: "3104455004"},
		},
		Blocks: []sms.Block{{Number: "+33639980104", AnswersID: "3104455004", At: attempted}},
	}
	if diff := cmp.Diff(want, news); diff != "" {
		t.Errorf("news (-want +got):\n%s", diff)
	}
	for _, secret := range []string{"Merci", "Stop", "6399801", "Votre"} {
		if strings.Contains(next, secret) {
			t.Errorf("the cursor %s holds %q", next, secret)
		}
	}
	if diff := cmp.Diff([]string{"getSingleCallCra", "getResponsesSMS"}, methods(o.asked(t))); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
	units, stops := o.last(t, "getSingleCallCra").form, o.last(t, "getResponsesSMS").form
	for name, want := range map[string]string{
		"beginDate": millis(clock.Add(-30 * time.Hour)), "endDate": millis(clock),
		"paging": `{"offSet":0,"size":500}`,
	} {
		if got := units.Get(name); got != want {
			t.Errorf("getSingleCallCra: %s = %s, want %s", name, got, want)
		}
	}
	for name, want := range map[string]string{
		"beginDate": millis(clock.Add(-30 * time.Hour)), "endDate": millis(clock), "stopOnly": "true",
	} {
		if got := stops.Get(name); got != want {
			t.Errorf("getResponsesSMS: %s = %s, want %s", name, got, want)
		}
	}
	for _, form := range []url.Values{units, stops} {
		if !strings.Contains(form.Get("authenticate"), `"lang":"fr_FR"`) {
			t.Errorf("labels are not asked for in French: %s", form.Get("authenticate"))
		}
	}
}

func millis(at time.Time) string { return strconv.FormatInt(at.UnixMilli(), 10) }

// A window of several pages takes several rounds, one call each; the next window
// reaches back behind its end.
func TestPollReadsOnePageInARound(t *testing.T) {
	const total = 1200
	o := newOperator(t, nil)
	o.respond = func(method string, form url.Values) string {
		if method != "getSingleCallCra" {
			return noItems
		}
		var paging struct{ OffSet, Size int }
		_ = json.Unmarshal([]byte(form.Get("paging")), &paging)
		var items []string
		for n := paging.OffSet; n < min(paging.OffSet+paging.Size, total); n++ {
			items = append(items, fmt.Sprintf(`{"messageId":%d,"lastResult":"Reçu","status":"DONE"}`, n+1))
		}
		return fmt.Sprintf(`{"success":true,"response":{"list":[%s],"total":%d}}`,
			strings.Join(items, ","), total)
	}
	var w watch
	c := o.connectAt(t, w.now, nil)
	seen, cursor := map[string]bool{}, ""
	for n, want := range []struct {
		offset     int
		begin, end time.Duration
	}{
		{0, -30 * time.Hour, 0},
		{500, -30 * time.Hour, 0},
		{1000, -30 * time.Hour, 0},
		{0, -6 * time.Hour, 3 * time.Minute}, // the overlap before the end of the first window
	} {
		before := len(o.asked(t))
		news, next := mustPoll(t, c, cursor)
		cursor = next
		for _, r := range news.Receipts {
			seen[r.ProviderID] = true
		}
		pages := slices.DeleteFunc(methods(o.asked(t)[before:]), func(m string) bool {
			return m != "getSingleCallCra"
		})
		if len(pages) != 1 {
			t.Errorf("round %d: %d calls of getSingleCallCra, want 1", n, len(pages))
		}
		form := o.last(t, "getSingleCallCra").form
		got := []string{form.Get("beginDate"), form.Get("endDate"), form.Get("paging")}
		asked := []string{millis(clock.Add(want.begin)), millis(clock.Add(want.end)), fmt.Sprintf(
			`{"offSet":%d,"size":500}`, want.offset,
		)}
		if diff := cmp.Diff(asked, got); diff != "" {
			t.Errorf("round %d: begin, end and page (-want +got):\n%s", n, diff)
		}
		w.forward(time.Minute)
	}
	if len(seen) != total {
		t.Errorf("%d of %d messages were told", len(seen), total)
	}
}

// What was not stored is read again, and nothing else is asked for meanwhile.
func TestPollStaysWhereNewsIsNotStored(t *testing.T) {
	full := errors.New("the disk is full")
	for _, tc := range []struct {
		name    string
		answers map[string]string
		refused func(connector.News) bool // what the store does not take
		calls   []string
		change  func(*sfrdmc.Config)
	}{
		{
			"units",
			map[string]string{
				"getSingleCallCra": testdata(t, "cra-units.json"),
				"getResponsesSMS":  testdata(t, "cra-stops.json"),
			},
			func(n connector.News) bool { return len(n.Receipts) > 0 },
			[]string{"getSingleCallCra"},
			nil,
		},
		{
			"stops",
			map[string]string{"getSingleCallCra": noItems, "getResponsesSMS": testdata(t, "cra-stops.json")},
			func(n connector.News) bool { return len(n.Blocks) > 0 },
			[]string{"getSingleCallCra", "getResponsesSMS"},
			nil,
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			o := newOperator(t, tc.answers)
			var w watch
			c := o.connectAt(t, w.now, tc.change)
			refuse := func(n connector.News) error {
				if tc.refused(n) {
					return full
				}
				return nil
			}
			poller := connector.CapabilitiesOf(c).NewsPoller
			next, err := poller.PollNews(t.Context(), "", refuse)
			if !errors.Is(err, full) {
				t.Errorf("error = %v, want that of the store", err)
			}
			if diff := cmp.Diff(tc.calls, methods(o.asked(t))); diff != "" {
				t.Errorf("calls (-want +got):\n%s", diff)
			}
			first := o.last(t, tc.calls[len(tc.calls)-1]).form.Get("beginDate")
			told := false
			for range 20 { // until its turn comes again
				w.forward(time.Minute)
				next, err = poller.PollNews(t.Context(), next, func(n connector.News) error {
					told = told || tc.refused(n)
					return nil
				})
				if told || err != nil {
					break
				}
			}
			again := o.last(t, tc.calls[len(tc.calls)-1]).form.Get("beginDate")
			if err != nil || !told || first != again {
				t.Errorf("told again: %t from %s, %v; want it from %s", told, again, err, first)
			}
		})
	}
}

// No call of SupervisionWS comes within a minute of another, and neither the
// poller nor the reader goes without.
func TestSupervisionIsCalledOnceAMinute(t *testing.T) {
	var w watch
	o := newOperator(t, nil)
	type call struct {
		at     time.Time
		method string
	}
	var calls []call
	o.respond = func(method string, _ url.Values) string {
		if method == "getSingleCallCra" {
			return noItems
		}
		calls = append(calls, call{w.now(), method})
		return noCras
	}
	c := o.connectAt(t, w.now, func(c *sfrdmc.Config) { c.BroadcastID = "901000" })
	reader := connector.CapabilitiesOf(c).StatusReader
	cursor, reads, throttled := "", 0, 0
	for n := range 360 { // 2 hours in steps of 20 s
		pushFailure(t, c, 3104455000+int64(n))
		if n%3 == 0 {
			_, cursor = mustPoll(t, c, cursor)
		}
		if n%3 == 1 {
			_, err := reader.ReadStatus(t.Context(), []sms.Message{{ProviderID: "3104450000"}})
			switch {
			case err == nil:
				reads++
			case connector.FaultOf(err) == connector.Throttled:
				throttled++
			default:
				t.Fatal(err)
			}
		}
		w.forward(20 * time.Second)
	}
	count := map[string]int{}
	for n, c := range calls {
		count[c.method]++
		if n > 0 && c.at.Sub(calls[n-1].at) < time.Minute {
			t.Errorf("%s comes %s after %s", c.method, c.at.Sub(calls[n-1].at), calls[n-1].method)
		}
	}
	if reads < 20 || reads+throttled != 120 || len(calls)-reads < 20 {
		t.Errorf("the reader had %d turns of %d, the poller %d", reads, len(calls), len(calls)-reads)
	}
	// Failures come without end here, and the STOPs have their turns all the same.
	if count["getResponsesSMS"] < 10 {
		t.Errorf("calls %v, want STOPs and replies among them", count)
	}
}

func TestReaderIsToldWhenToComeBack(t *testing.T) {
	var w watch
	o := newOperator(
		t, map[string]string{"getSingleCallCra": noItems, "getResponsesSMS": noItems, "findCraByIds": noCras},
	)
	c := o.connectAt(t, w.now, nil)
	_, cursor := mustPoll(t, c, "") // uses the turn for STOPs
	w.forward(20 * time.Second)
	read := func() error {
		_, err := connector.CapabilitiesOf(c).StatusReader.ReadStatus(t.Context(),
			[]sms.Message{{ProviderID: "1"}})
		return err
	}
	throttled, ok := errors.AsType[*connector.Error](read())
	if !ok || throttled.Fault != connector.Throttled || throttled.RetryAfter != 40*time.Second {
		t.Fatalf("error = %v, want throttled for 40 s", throttled)
	}
	w.forward(time.Minute)
	before := len(o.asked(t))
	if _, cursor = mustPoll(t, c, cursor); len(o.asked(t)) != before+1 {
		t.Errorf("calls %v: the poller takes the turn that it owes", methods(o.asked(t)[before:]))
	}
	w.forward(time.Minute)
	if err := read(); err != nil {
		t.Errorf("the reader has no turn: %v", err)
	}
	w.forward(time.Minute)
	before = len(o.asked(t))
	if mustPoll(t, c, cursor); len(o.asked(t)) != before+2 {
		t.Errorf("calls %v, want a turn of the poller", methods(o.asked(t)[before:]))
	}
}

// A failure that was pushed is asked for first, until the report has ended.
func TestPushedFailuresAreExplained(t *testing.T) {
	ref := sms.NewID(clock)
	running := `{"success":true,"response":[{"contactId":3104455003,"callResult":"Envoyé","callResultCode":"CRA_SMS_SENT","status":"RUNNING"}]}`
	explained := strings.ReplaceAll(testdata(t, "cra-by-id.json"), "{ref}", ref.String())
	want := sms.Receipt{
		ProviderID: "3104455003", Ref: ref, Status: sms.Rejected, Reason: sms.ReasonOptedOut,
		Code: "CRA_SMS_BLACKLIST", Text: "Numéro blacklisté", At: changed,
	}
	for _, tc := range []struct {
		name    string
		answers []string // of findCraByIds, the last one for ever
		asked   int
		told    bool
	}{
		{"at once", []string{explained}, 1, true},
		{"when it has ended", []string{running, noCras, explained}, 3, true},
		{"after an answer without sense", []string{"<html>", refusal("no_space_found", "", false), explained}, 3, true},
		{"never: the reports that are polled tell", []string{noCras}, 5, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var w watch
			asked := 0
			o := newOperator(t, nil)
			o.respond = func(method string, form url.Values) string {
				if method != "findCraByIds" {
					return noItems
				}
				if got := form.Get("contactIds"); got != `["3104455003"]` || form.Has("contactExtRefs") {
					t.Errorf("asked for %s and %s", got, form.Get("contactExtRefs"))
				}
				asked++
				return tc.answers[min(asked, len(tc.answers))-1]
			}
			c := o.connectAt(t, w.now, nil)
			pushFailure(t, c, 3104455003, 3104455003)
			cursor, told := "", false
			for n := range 30 {
				news, next, _ := pollOnce(t, c, cursor)
				if n == 0 && asked != 1 {
					t.Error("it is not asked for first")
				}
				told = told || slices.ContainsFunc(news.Receipts, func(r sms.Receipt) bool {
					return r == want
				})
				cursor = next
				w.forward(time.Minute)
			}
			if asked != tc.asked || told != tc.told {
				t.Errorf("asked %d times, told: %t; want %d, %t", asked, told, tc.asked, tc.told)
			}
		})
	}
}

func TestFailuresAreAskedForByTheHundred(t *testing.T) {
	var w watch
	o := newOperator(
		t, map[string]string{"getSingleCallCra": noItems, "getResponsesSMS": noItems, "findCraByIds": noCras},
	)
	c := o.connectAt(t, w.now, nil)
	for n := range 250 {
		pushFailure(t, c, 3104455000+int64(n))
	}
	seen, cursor := map[string]bool{}, ""
	for range 8 {
		_, cursor = mustPoll(t, c, cursor)
		w.forward(time.Minute)
	}
	for _, call := range o.asked(t) {
		var ids []string
		_ = json.Unmarshal([]byte(call.form.Get("contactIds")), &ids)
		if len(ids) > 100 {
			t.Errorf("%d ids in one call", len(ids))
		}
		for _, id := range ids {
			seen[id] = true
		}
	}
	if len(seen) != 250 {
		t.Errorf("%d of 250 were asked for", len(seen))
	}
}

// An explanation that was not stored is asked for again.
func TestFailuresThatAreNotStoredAreAskedForAgain(t *testing.T) {
	var w watch
	o := newOperator(t, map[string]string{
		"getSingleCallCra": noItems, "getResponsesSMS": noItems,
		"findCraByIds": testdata(t, "cra-by-id.json"),
	})
	c := o.connectAt(t, w.now, nil)
	pushFailure(t, c, 3104455003)
	poller, full := connector.CapabilitiesOf(c).NewsPoller, errors.New("the disk is full")
	cursor, err := poller.PollNews(t.Context(), "", func(connector.News) error { return full })
	if !errors.Is(err, full) {
		t.Fatalf("error = %v, want that of the store", err)
	}
	told := 0
	for range 10 {
		w.forward(time.Minute)
		news, next := mustPoll(t, c, cursor)
		told, cursor = told+len(news.Receipts), next
	}
	if told != 2 {
		t.Errorf("%d receipts, want the two of the sample, once", told)
	}
}

// STOPs of a time when nobody asked are not lost.
func TestStopsAreReadFromTheLastTimeOn(t *testing.T) {
	var w watch
	o := newOperator(t, map[string]string{"getSingleCallCra": noItems, "getResponsesSMS": noItems})
	_, cursor := mustPoll(t, o.connectAt(t, w.now, nil), "")
	w.forward(72 * time.Hour)
	mustPoll(t, o.connectAt(t, w.now, nil), cursor) // another process
	form := o.last(t, "getResponsesSMS").form
	got := []string{form.Get("stopOnly"), form.Get("beginDate"), form.Get("endDate")}
	want := []string{"true", millis(clock.Add(-6 * time.Hour)), millis(clock.Add(72 * time.Hour))}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("question (-want +got):\n%s", diff)
	}
}

func TestRepliesAreAnOption(t *testing.T) {
	reply := strings.Replace(testdata(t, "cra-stops.json"), "Stop", "Merci", 1)
	for _, tc := range []struct {
		name, answer string
		asked        int // in two hours
		told         bool
		wantErr      bool
	}{
		{"with it", reply, 24, true, false},
		{"without it", refusal("OPTION_NOT_PRESENT", "", false), 1, false, false},
		{"another refusal", refusal("no_space_found", "", false), 24, false, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var w watch
			asked := 0
			o := newOperator(t, nil)
			o.respond = func(_ string, form url.Values) string {
				if form.Get("stopOnly") == "false" {
					asked++
					return tc.answer
				}
				return noItems
			}
			c := o.connectAt(t, w.now, nil)
			var cursor string
			var told connector.News
			failed := false
			for range 120 {
				news, next, err := pollOnce(t, c, cursor)
				told.Inbounds = append(told.Inbounds, news.Inbounds...)
				told.Blocks = append(told.Blocks, news.Blocks...)
				cursor, failed = next, failed || err != nil
				w.forward(time.Minute)
			}
			if asked != tc.asked || failed != tc.wantErr || (len(told.Inbounds) > 0) != tc.told ||
				len(told.Blocks) > 0 {
				t.Errorf("asked %d times, failed: %t, told %+v; want %d, %t, a reply: %t",
					asked, failed, told, tc.asked, tc.wantErr, tc.told)
			}
		})
	}
}

func TestPollGoesOnWhereOneListCannotBeRead(t *testing.T) {
	stops := testdata(t, "cra-stops.json")
	for _, tc := range []struct {
		name, units, stops string
		blocks             int
	}{
		{"no units", "<html>", stops, 1},
		{"units refused", refusal("AUTHENTICATION_FAILED", "", false), stops, 1},
		{"units without a list", `{"success":true,"response":7}`, stops, 1},
		{"units that are no objects", `{"success":true,"response":[1,"a"]}`, stops, 1},
		{"no stops", noItems, "", 0},
		{"stops without a list", noItems, `{"success":true}`, 0},
		{"nothing", "", "KO", 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			o := newOperator(t, map[string]string{"getSingleCallCra": tc.units, "getResponsesSMS": tc.stops})
			news, next, err := pollOnce(t, o.connect(t, nil), "")
			if err == nil || len(news.Blocks) != tc.blocks || len(news.Receipts) > 0 {
				t.Errorf("news %+v, %v; want an error and %d blocks", news, err, tc.blocks)
			}
			// What failed is read from the same moment on.
			_, _, _ = pollOnce(t, o.connect(t, nil), next)
			if tc.units != noItems {
				form := o.last(t, "getSingleCallCra").form
				if got := form.Get("beginDate"); got != millis(clock.Add(-30*time.Hour)) {
					t.Errorf("beginDate = %s after a failure", got)
				}
			}
		})
	}
}

// Each page goes on behind the last report of the one before.
func TestPollFollowsChanges(t *testing.T) {
	type cra struct {
		ContactID int64  `json:"contactId"`
		Changed   int64  `json:"statusLastChange"`
		Code      string `json:"callResultCode"`
		Status    string `json:"status"`
	}
	var all []cra
	for n := range int64(120) {
		all = append(all, cra{3104455001 + n, clock.UnixMilli() - 10_000 + n/3, "CRA_SMS_RECEIVED", "DONE"})
	}
	var w watch
	o := newOperator(t, nil)
	o.respond = func(method string, form url.Values) string {
		if method != "findLastModifiedCra" {
			return noItems
		}
		since, _ := strconv.ParseInt(form.Get("dSince"), 10, 64)
		id, _ := strconv.ParseInt(strings.Trim(form.Get("idSince"), `"`), 10, 64)
		if form.Get("broadcastId") != `"901000"` || form.Get("taille") != "50" {
			t.Errorf("asked for broadcast %s, %s rows", form.Get("broadcastId"), form.Get("taille"))
		}
		page := slices.DeleteFunc(slices.Clone(all), func(c cra) bool {
			return c.Changed < since || c.Changed == since && c.ContactID < id // the last one comes again
		})
		text, _ := json.Marshal(page[:min(50, len(page))])
		return `{"success":true,"response":` + string(text) + `}`
	}
	c := o.connectAt(t, w.now, func(c *sfrdmc.Config) { c.BroadcastID = "901000" })
	seen, cursor := map[string]int{}, ""
	for range 12 {
		news, next := mustPoll(t, c, cursor)
		for _, r := range news.Receipts {
			seen[r.ProviderID]++
		}
		cursor = next
		w.forward(time.Minute)
	}
	if len(seen) != len(all) {
		t.Errorf("%d of %d messages were told", len(seen), len(all))
	}
	form := o.last(t, "findLastModifiedCra").form
	if got, want := form.Get("dSince")+form.Get("idSince"), fmt.Sprintf(
		`%d"%d"`, all[119].Changed, all[119].ContactID,
	); got != want {
		t.Errorf("the last question goes on from %s, want %s", got, want)
	}
}

// More changes at one moment than a page holds do not stop the poll.
func TestPollPassesAFullMoment(t *testing.T) {
	var w watch
	o := newOperator(t, nil)
	moment := clock.UnixMilli() - 5000
	var asked []string
	o.respond = func(method string, form url.Values) string {
		if method != "findLastModifiedCra" {
			return noItems
		}
		asked = append(asked, form.Get("dSince"))
		if since, _ := strconv.ParseInt(form.Get("dSince"), 10, 64); since > moment {
			return noCras
		}
		item := fmt.Sprintf(`{"contactId":7,"statusLastChange":%d,"callResult":"Reçu","status":"DONE"}`,
			moment)
		return `{"success":true,"response":[` + strings.Repeat(item+",", 49) + item + `]}`
	}
	c := o.connectAt(t, w.now, func(c *sfrdmc.Config) { c.BroadcastID = "901000" })
	cursor := ""
	for range 10 {
		_, cursor = mustPoll(t, c, cursor)
		w.forward(time.Minute)
	}
	if last := asked[len(asked)-1]; last != strconv.FormatInt(moment+1, 10) {
		t.Errorf("asked from %v; the moment %d is never left", asked, moment)
	}
}

func TestReadStatus(t *testing.T) {
	ref := sms.NewID(clock)
	o := newOperator(t, map[string]string{"findCraByIds": strings.ReplaceAll(testdata(t, "cra-by-id.json"),
		"{ref}", ref.String())})
	c := o.connect(t, func(c *sfrdmc.Config) { c.Lang = "en_GB" })
	reader := connector.CapabilitiesOf(c).StatusReader
	if got, err := reader.ReadStatus(t.Context(), nil); len(got) > 0 || err != nil || len(o.asked(t)) > 0 {
		t.Errorf("ReadStatus of nothing = %v, %v after %d calls", got, err, len(o.asked(t)))
	}
	if _, err := reader.ReadStatus(t.Context(), make([]sms.Message, 101)); err == nil || len(o.asked(t)) > 0 {
		t.Errorf("101 messages: %v after %d calls, want an error before any", err, len(o.asked(t)))
	}
	got, err := reader.ReadStatus(t.Context(),
		[]sms.Message{{ProviderID: "3104455003"}, {ID: ref}, {ProviderID: "3104455007"}})
	if err != nil {
		t.Fatal(err)
	}
	// The second report of the sample says no more than that DMC took the message.
	want := []sms.Receipt{{
		ProviderID: "3104455003", Ref: ref, Status: sms.Rejected, Reason: sms.ReasonOptedOut,
		Code: "CRA_SMS_BLACKLIST", Text: "Numéro blacklisté", At: changed,
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("receipts (-want +got):\n%s", diff)
	}
	form := o.last(t, "findCraByIds").form
	asked := []string{form.Get("contactIds"), form.Get("contactExtRefs")}
	if diff := cmp.Diff(
		[]string{`["3104455003","3104455007"]`, `["` + ref.String() + `"]`}, asked,
	); diff != "" {
		t.Errorf("ids and references (-want +got):\n%s", diff)
	}
	if !strings.Contains(form.Get("authenticate"), `"lang":"fr_FR"`) {
		t.Errorf("labels are not asked for in French: %s", form.Get("authenticate"))
	}
}

// A message of which nothing can be learnt must not look like one of which there
// is nothing to learn: it would end.
func TestReadStatusFailsWhereNothingIsProved(t *testing.T) {
	for name, answer := range map[string]string{
		"empty": "", "HTML": "<html>", "KO": "KO", "refused": refusal("AUTHENTICATION_FAILED", "", false),
		"no list": `{"success":true}`, "null": `{"success":true,"response":null}`,
		"junk": `{"success":true,"response":[3]}`,
		"cut":  `{"success":true,"response":[{"contactId":3104455003`,
	} {
		t.Run(name, func(t *testing.T) {
			o := newOperator(t, map[string]string{"findCraByIds": answer})
			got, err := connector.CapabilitiesOf(o.connect(t, nil)).StatusReader.ReadStatus(t.Context(),
				[]sms.Message{{ProviderID: "3104455003"}})
			if err == nil || len(got) > 0 {
				t.Errorf("ReadStatus = %+v, %v, want an error", got, err)
			}
		})
	}
}
