package sandbox

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"relais/sandbox/dmc"
	"relais/sandbox/world"
)

func TestDMCTakesEveryForm(t *testing.T) {
	s := start(t, Options{})
	form := dmcForm("messageUnitaire", unit("SMS", "a", "+33639980101", dmc.Sender, "")).Encode()
	base := s.URL() + "/dmc/DmcWS/1.5.8/JsonService/" + addCall
	for _, tc := range []struct {
		name, method, target, body string
	}{
		{"GET query", "GET", base + "?" + form, ""},
		{"POST form", "POST", base, form},
		{"POST query", "POST", base + "?" + form, ""},
		{"another version", "POST", strings.Replace(base, "1.5.8", "1.6.0", 1), form},
		{"a short version", "POST", strings.Replace(base, "1.5.8", "1.5", 1), form},
	} {
		t.Run(tc.name, func(t *testing.T) {
			req := request(t, tc.method, tc.target, tc.body)
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			got := decode[dmcEnvelope[int64]](t, do(t, req))
			if !got.Success || got.Response < 1<<31 {
				t.Errorf("got %+v", got)
			}
		})
	}
	if got := len(s.Handset("+33639980101")); got != 5 {
		t.Errorf("%d texts, want 5", got)
	}
}

func TestDMCRefusesWithStatus200(t *testing.T) {
	s := start(t, Options{})
	good := unit("SMS", "a", "0639980101", dmc.Sender, "")
	login := func(service, password, space string) string {
		return `{"serviceId":"` + service + `","servicePassword":"` + password +
			`","spaceId":"` + space + `"}`
	}
	many := "[" + strings.Repeat(good+",", 20) + good + "]"
	for _, tc := range []struct {
		name, call, login, parameter, value string
		code, detail                        string
		invalid                             bool
	}{
		{"password", addCall, login(dmc.ServiceID, "x", dmc.SpaceID), "messageUnitaire", good, "AUTHENTICATION_FAILED", "", false},
		{"service", addCall, login("1", dmc.Password, dmc.SpaceID), "messageUnitaire", good, "AUTHENTICATION_FAILED", "", false},
		{"no login", addCall, "", "messageUnitaire", good, "AUTHENTICATION_FAILED", "", false},
		{"space", addCall, login(dmc.ServiceID, dmc.Password, "1"), "messageUnitaire", good, "no_space_found", "", true},
		{"no message", addCall, dmcLoginJSON, "x", "", "BEANPARAMETER_REQUIRED", "messageUnitaire", true},
		{"not JSON", addCall, dmcLoginJSON, "messageUnitaire", "{", "invalid_parameter", "messageUnitaire", true},
		{"no text", addCall, dmcLoginJSON, "messageUnitaire", `{"media":"SMS","to":"0639980101"}`, "BEANPARAMETER_REQUIRED", "Dans l'objet messageUnitaire le paramètre textMsg est requis", true},
		{"no number", addCall, dmcLoginJSON, "messageUnitaire", `{"media":"SMS","textMsg":"a"}`, "BEANPARAMETER_REQUIRED", "to", true},
		{"media", addCall, dmcLoginJSON, "messageUnitaire", unit("Vocal", "a", "0639980101", "", ""), "invalid_parameter", "media", true},
		{"reference", addCall, dmcLoginJSON, "messageUnitaire", unit("SMS", "a", "0639980101", "", strings.Repeat("r", 256)), "invalid_parameter", "refExt", true},
		{"batch of 21", "MessagesUnitairesWS/batchSingleCall", dmcLoginJSON, "messageUnitaires", many, "invalid_parameter", "messageUnitaires", true},
		{"batch of none", "MessagesUnitairesWS/batchSingleCall", dmcLoginJSON, "messageUnitaires", "[]", "invalid_parameter", "messageUnitaires", true},
		{"one bad in a batch", "MessagesUnitairesWS/batchSingleCall", dmcLoginJSON, "messageUnitaires", "[" + good + ",{}]", "BEANPARAMETER_REQUIRED", "media", true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			form := dmcForm("authenticate", tc.login, tc.parameter, tc.value)
			got := decode[dmcEnvelope[any]](t, do(t, dmcRequest(t, s, tc.call, form)))
			if got.Success || !strings.EqualFold(got.ErrorCode, tc.code) ||
				!strings.Contains(got.ErrorDetail, tc.detail) ||
				!got.Fatal || got.InvalidParams != tc.invalid {
				t.Errorf("got %+v", got)
			}
		})
	}
	if got := s.Stats().DMC; got.Accepted != 0 || got.Delivered != 0 || got.Refused != got.Calls {
		t.Errorf("stats %+v", got)
	}
}

func TestDMCAnswersAreHTMLSafe(t *testing.T) {
	s := start(t, Options{})
	got := dmcPost(t, s, addCall, "messageUnitaire", `{"media":"SMS","to":"0639980101"}`)
	if !strings.Contains(got.body, `l\u0027objet`) || !strings.Contains(got.body, "paramètre") {
		t.Errorf("got %s", got.body)
	}
	dmcSend(t, s, unit("SMS", "a<b>&c=d'e", "0639980101", dmc.Sender, ""))
	got = dmcPost(t, s, "MessagesUnitairesWS/getSingleCallCra")
	if !strings.Contains(got.body, `"textMsg":"a\u003cb\u003e\u0026c\u003dd\u0027e"`) {
		t.Errorf("got %s", got.body)
	}
}

func TestDMCNumbers(t *testing.T) {
	s := start(t, Options{})
	for _, tc := range []struct{ name, to, number, code string }{
		{"national", "0639980101", "+33639980101", "CRA_SMS_RECEIVED"},
		{"international", "+33639980102", "+33639980102", "CRA_SMS_RECEIVED"},
		{"overseas", "+594694200000", "+594694200000", "CRA_SMS_RECEIVED"},
		{"00 form", "0033639980103", "", ""},
		{"a lost plus", " 33639980104", "", ""},
		{"bare", "33639980105", "", "CRA_SMS_BADNUMBER"},
		{"zero kept", "+330639980106", "", "CRA_SMS_BADNUMBER"},
		{"garbage", "abc", "", "CRA_SMS_BADNUMBER"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			id := dmcSend(t, s, unit("SMS", "a", tc.to, dmc.Sender, ""))
			if got := len(s.Handset(tc.number)); tc.number != "" && got != 1 {
				t.Errorf("%d texts, want 1", got)
			}
			cras := decode[dmcEnvelope[[]dmc.Cra]](t,
				dmcPost(t, s, "SupervisionWS/findCraByIds", "contactIds", "["+itoa(id)+"]")).Response
			code := ""
			if len(cras) == 1 {
				code = cras[0].CallResultCode
			}
			if code != tc.code {
				t.Errorf("reports %+v, want %s", cras, tc.code)
			}
		})
	}
	if got := s.Stats().DMC; got.Delivered != 3 || got.Accepted != 8 {
		t.Errorf("stats %+v", got)
	}
}

func TestABarePlusIsLost(t *testing.T) {
	s := start(t, Options{})
	form := dmcForm("messageUnitaire", unit("SMS", "a", "+33639980101", dmc.Sender, "")).Encode()
	req := request(t, "GET", s.URL()+"/dmc/DmcWS/1.5.8/JsonService/"+addCall+"?"+strings.Replace(form, "%2B",
		"+", 1), "")
	if got := decode[dmcEnvelope[int64]](t, do(t, req)); !got.Success {
		t.Errorf("got %+v", got)
	}
	if got := len(s.Handset("+33639980101")); got != 0 {
		t.Errorf("%d texts, want none", got)
	}
}

func TestDMCTextOnTheHandset(t *testing.T) {
	s := start(t, Options{})
	for _, tc := range []struct{ name, media, text, from, want, sender, code string }{
		{"plain", "SMS", "Bonjour", dmc.Sender, "Bonjour", dmc.Sender, "CRA_SMS_RECEIVED"},
		{"Latin-1 and GSM", "SMS", "ÊÀç€Δ", dmc.Sender, "ÊÀç€Δ", dmc.Sender, "CRA_SMS_RECEIVED"},
		{"wrong media", "SMS", "œuf 😀", dmc.Sender, "?uf ?", dmc.Sender, "CRA_SMS_RECEIVED"},
		{"unicode", "SMSUnicode", "œuf 😀", dmc.Sender, "œuf 😀", dmc.Sender, "CRA_SMS_RECEIVED"},
		{"no sender", "SMS", "a", "", "a", world.StopShortCode, "CRA_SMS_RECEIVED"},
		{"short code", "SMS", "STOP au <#shortcode#>", dmc.SecondSender, "STOP au 36111", dmc.SecondSender, "CRA_SMS_RECEIVED"},
		{"160", "SMS", strings.Repeat("a", 160), dmc.Sender, strings.Repeat("a", 160), dmc.Sender, "CRA_SMS_RECEIVED"},
		{"161", "SMS", strings.Repeat("a", 161), dmc.Sender, "", "", "CRA_SMS_TOOLONG"},
		{"161 long", "SMSLong", strings.Repeat("a", 161), dmc.Sender, strings.Repeat("a", 161), dmc.Sender, "CRA_SMS_RECEIVED"},
		{"81 euros", "SMS", strings.Repeat("€", 81), dmc.Sender, "", "", "CRA_SMS_TOOLONG"},
		{"71 unicode", "SMSUnicode", strings.Repeat("œ", 71), dmc.Sender, "", "", "CRA_SMS_TOOLONG"},
		{"unknown sender", "SMS", "a", "NOBODY", "", "", "CRA_SMS_OADC"},
		{"no text", "SMS", "", dmc.Sender, "", "", "CRA_SMS_NOTEXT"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			before := len(s.Handset("+33639980101"))
			id := dmcSend(t, s, unit(tc.media, tc.text, "0639980101", tc.from, "ref-"+tc.name))
			var got world.Text
			if texts := s.Handset("+33639980101"); len(texts) > before {
				got = texts[before]
			}
			if got.Text != tc.want || got.From != tc.sender {
				t.Errorf("handset shows %q from %q", got.Text, got.From)
			}
			refs, _ := json.Marshal([]string{"ref-" + tc.name})
			cras := decode[dmcEnvelope[[]dmc.Cra]](t,
				dmcPost(t, s, "SupervisionWS/findCraByIds", "contactExtRefs", string(refs))).Response
			if len(cras) != 1 || cras[0].CallResultCode != tc.code || int64(cras[0].ContactID) != id {
				t.Errorf("reports %+v, want %s", cras, tc.code)
			}
		})
	}
}

func TestBatchKeepsItsOrder(t *testing.T) {
	s := start(t, Options{})
	batch := "[" + unit("SMS", "a", "0639980101", dmc.Sender, "") + "," +
		unit("SMS", "b", "0639980102", dmc.Sender, "") + "]"
	got := decode[dmcEnvelope[[]int64]](t,
		dmcPost(t, s, "MessagesUnitairesWS/batchSingleCall", "messageUnitaires", batch))
	want := []string{s.Handset("+33639980101")[0].OperatorID, s.Handset("+33639980102")[0].OperatorID}
	if diff := cmp.Diff(want, []string{itoa(got.Response[0]), itoa(got.Response[1])}); diff != "" {
		t.Error(diff)
	}
}

// The bad one is the second of three.
func TestOneBadInABatch(t *testing.T) {
	const first, third = `3104455001`, `3104455002`
	for _, tc := range []struct {
		name    string
		way     dmc.BadElement
		success bool
		answer  string // the list of ids, or the code
		texts   [3]int // on the handsets
		stats   world.OperatorStats
	}{
		{"refuses the batch", dmc.RefuseBatch, false, "BEANPARAMETER_REQUIRED", [3]int{}, world.OperatorStats{Refused: 1}},
		{"refuses the rest", dmc.RefuseRest, false, "BEANPARAMETER_REQUIRED", [3]int{1, 0, 0}, world.OperatorStats{Refused: 1, Accepted: 1}},
		{"null in its place", dmc.NullSlot, true, "[" + first + ",null," + third + "]", [3]int{1, 0, 1}, world.OperatorStats{Refused: 1, Accepted: 2}},
		{
			"an error in its place", dmc.ErrorSlot, true,
			"[" + first + `,{"errorCode":"BEANPARAMETER_REQUIRED","errorDetail":"Dans l\u0027objet messageUnitaire le paramètre textMsg est requis"},` + third + "]",
			[3]int{1, 0, 1},
			world.OperatorStats{Refused: 1, Accepted: 2},
		},
		{"left out", dmc.ShortAnswer, true, "[" + first + "," + third + "]", [3]int{1, 0, 1}, world.OperatorStats{Refused: 1, Accepted: 2}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := start(t, Options{DMCBadElement: tc.way})
			batch := "[" + unit("SMS", "a", "0639980101", dmc.Sender, "") +
				`,{"media":"SMS","to":"0639980102"},` +
				unit("SMS", "c", "0639980103", dmc.Sender, "") + "]"
			got := decode[dmcEnvelope[json.RawMessage]](t,
				dmcPost(t, s, "MessagesUnitairesWS/batchSingleCall", "messageUnitaires", batch))
			if answer := string(got.Response) + got.ErrorCode; got.Success != tc.success ||
				answer != tc.answer {
				t.Errorf("success %v: %s, want %v: %s", got.Success, answer, tc.success, tc.answer)
			}
			var texts [3]int
			for i, number := range []string{"+33639980101", "+33639980102", "+33639980103"} {
				texts[i] = len(s.Handset(number))
			}
			if texts != tc.texts {
				t.Errorf("texts on the handsets: %v, want %v", texts, tc.texts)
			}
			tc.stats.Calls, tc.stats.Delivered = 1, tc.stats.Accepted
			if diff := cmp.Diff(tc.stats, s.Stats().DMC); diff != "" {
				t.Errorf("stats (-want +got):\n%s", diff)
			}
		})
	}
}

func TestGetSingleCallCra(t *testing.T) {
	s := start(t, Options{})
	first := dmcSend(t, s, unit("SMS", "un", "0639980101", dmc.Sender, "r1"))
	dmcSend(t, s, unit("SMS", strings.Repeat("a", 161), "0639980102", dmc.Sender, ""))
	if err := s.Reply("+33639980101", dmc.Sender, "OUI"); err != nil {
		t.Fatal(err)
	}
	after := itoa(weekday.Add(time.Hour).UnixMilli())
	for _, tc := range []struct {
		name        string
		pairs       []string
		list, total int
	}{
		{"all", nil, 2, 2},
		{"reference", []string{"refExt", "r1"}, 1, 1},
		{"quoted reference", []string{"refExt", `"r1"`}, 1, 1},
		{"unknown reference", []string{"refExt", "r2"}, 0, 0},
		{"later", []string{"beginDate", after}, 0, 0},
		{"quoted dates", []string{"beginDate", `"` + itoa(weekday.UnixMilli()) + `"`, "endDate", `"` + after + `"`}, 2, 2},
		{"second page", []string{"paging", `{"offSet":"1","size":"1"}`}, 1, 2},
		{"size 0", []string{"paging", `{"offSet":0,"size":0}`}, 2, 2},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := decode[dmcEnvelope[struct {
				List  []dmc.UnitCra
				Total int
			}]](t, dmcPost(t, s, "MessagesUnitairesWS/getSingleCallCra", tc.pairs...)).Response
			if len(got.List) != tc.list || got.Total != tc.total {
				t.Errorf("got %+v", got)
			}
		})
	}
	raw := dmcPost(t, s, "MessagesUnitairesWS/getSingleCallCra").body
	for _, want := range []string{
		`"messageId":` + itoa(first), `"lastResult":"Reçu"`, `"attemps":1`,
		`"to":"0639980101"`, `"textMsg":"un"`,
		`"refExt":"r1"`, `"callResponse":"OUI"`, `"lastResult":"Taille non conforme"`, `"status":"FAILED"`,
	} {
		if !strings.Contains(raw, want) {
			t.Errorf("no %s in %s", want, raw)
		}
	}
	if strings.Count(raw, "refExt") != 1 {
		t.Errorf("an absent reference is not left out: %s", raw)
	}
}

func TestDropAndStop(t *testing.T) {
	s := start(t, Options{})
	id := dmcSend(t, s, unit("SMS", "a", "0639980101", dmc.Sender, "r"))
	for _, tc := range []struct {
		name, method string
		want         int
	}{
		{"a finished one cannot be stopped", "stopSingleCall", 0},
		{"it can be dropped", "dropSingleCall", 1},
		{"once", "dropSingleCall", 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := decode[dmcEnvelope[*int]](t,
				dmcPost(t, s, "MessagesUnitairesWS/"+tc.method, "messageIds", `["`+itoa(id)+`"]`))
			if !got.Success || got.Response == nil || *got.Response != tc.want {
				t.Errorf("got %+v", got)
			}
		})
	}
	if got := dmcPost(
		t, s, "MessagesUnitairesWS/getSingleCallCra", "refExt", "r",
	); !strings.Contains(got.body, `"total":0`) {
		t.Errorf("still reported: %s", got.body)
	}
}

func TestLastModifiedCra(t *testing.T) {
	s := start(t, Options{})
	first := dmcSend(t, s, unit("SMS", "a", "0639980101", dmc.Sender, ""))
	s.SetClock(weekday.Add(time.Hour))
	second := dmcSend(t, s, unit("SMS", "b", "0639980102", dmc.Sender, ""))
	since := func(ms int64, id string) []dmc.Cra {
		return decode[dmcEnvelope[[]dmc.Cra]](t, dmcPost(t, s, "SupervisionWS/findLastModifiedCra",
			"broadcastId", "901000", "dSince", itoa(ms), "idSince", id)).Response
	}
	all := since(weekday.UnixMilli(), "")
	if len(all) != 2 || int64(all[0].ContactID) != first || int64(all[1].ContactID) != second {
		t.Fatalf("all %+v", all)
	}
	if got := since(all[0].StatusLastChange, itoa(first)); len(got) != 1 ||
		int64(got[0].ContactID) != second {
		t.Errorf("after the first %+v", got)
	}
	s.SetClock(weekday.Add(2 * time.Hour))
	if err := s.Reply("+33639980101", dmc.Sender, "OUI"); err != nil {
		t.Fatal(err)
	}
	if got := since(all[1].StatusLastChange, itoa(second)); len(got) != 1 || got[0].CallResponse != "OUI" {
		t.Errorf("after a reply %+v", got)
	}
}

func TestSTOPAtDMC(t *testing.T) {
	s := start(t, Options{})
	dmcSend(t, s, unit("SMS", "STOP au <#shortcode#>", "0639980101", dmc.Sender, ""))
	dmcSend(t, s, unit("SMS", "a", "0639980102", dmc.Sender, ""))
	for number, text := range map[string]string{"+33639980101": "stop", "+33639980102": "non"} {
		if err := s.Reply(number, "", text); err != nil {
			t.Fatal(err)
		}
	}
	dates := []string{
		"beginDate", itoa(weekday.UnixMilli()), "endDate", itoa(weekday.Add(time.Hour).UnixMilli()),
	}
	for stopOnly, want := range map[string]string{"true": `"total":1`, "false": `"total":2`} {
		got := dmcPost(t, s, "SupervisionWS/getResponsesSMS", append(dates, "stopOnly", stopOnly)...)
		if !strings.Contains(got.body, want) {
			t.Errorf("stopOnly %s: %s", stopOnly, got.body)
		}
	}
	id := dmcSend(t, s, unit("SMS", "b", "0639980101", dmc.Sender, ""))
	got := dmcPost(t, s, "SupervisionWS/findCraByIds", "contactIds", `["`+itoa(id)+`"]`)
	if !strings.Contains(got.body, "CRA_SMS_BLACKLIST") || len(s.Handset("+33639980101")) != 1 {
		t.Errorf("after STOP: %s", got.body)
	}
}

func TestAdmin(t *testing.T) {
	s := start(t, Options{})
	login := `{"serviceId":"` + dmc.ServiceID + `","servicePassword":"` + dmc.Password + `"}`
	if got := dmcPost(
		t, s, "AdminWS/findSpaces", "authenticate", login,
	); !strings.Contains(got.body, `"spaceId":70145`) {
		t.Errorf("spaces %s", got.body)
	}
	want := `{"success":true,"response":["MAIRIE","RELAIS"]}`
	if got := dmcPost(t, s, "AdminWS/findServiceOadc"); got.body != want {
		t.Errorf("senders %s", got.body)
	}
}

func TestUnknownPathsAreTomcatPages(t *testing.T) {
	s := start(t, Options{})
	for _, path := range []string{
		"/dmc/", "/dmc/DmcWS/1.5.8/JsonService", "/dmc/DmcWS/2.0/JsonService/" + addCall,
		"/dmc/DmcWS/1.5.8/JsonService/MessagesUnitairesWS/send", "/dmc/DmcBufferWS/BufferMsg/send",
	} {
		got := do(t, request(t, "POST", s.URL()+path, ""))
		if got.status != 404 || !strings.Contains(got.body, "<h1>HTTP Status 404") {
			t.Errorf("%s: %+v", path, got)
		}
	}
}

func TestRatePolicies(t *testing.T) {
	for _, tc := range []struct {
		name   string
		policy dmc.RatePolicy
		over   int64
		last   int
	}{
		{"warn", dmc.RateWarn, 2, 200},
		{"off", dmc.RateOff, 0, 200},
		{"refuse", dmc.RateRefuse, 2, 429},
	} {
		t.Run(tc.name, func(t *testing.T) {
			now := weekday
			s := start(t, Options{RatePolicy: tc.policy, Now: func() time.Time { return now }})
			var last reply
			for range 7 {
				last = dmcPost(t, s, "AdminWS/findServiceOadc")
			}
			if got := s.Stats().DMC.OverRate; got != tc.over || last.status != tc.last {
				t.Errorf("over rate %d, last %+v", got, last)
			}
		})
	}
}

func TestBufferedAPI(t *testing.T) {
	taken := regexp.MustCompile(`^OK<[0-9a-f]{24}>$`)
	s := start(t, Options{})
	for _, tc := range []struct{ name, service, password, space, unit, want, text string }{
		{"strict JSON", dmc.ServiceID, dmc.Password, dmc.SpaceID, `{"msgContent":"a: {b, c:}","address":"0639980101","media":"SMS"}`, "OK", "a: {b, c:}"},
		{"bare keys", dmc.ServiceID, dmc.Password, dmc.SpaceID, `{msgContent:"bé", address:"+33639980101",media:"SMS",unicode:true}`, "OK", "bé"},
		{"00 form", dmc.ServiceID, dmc.Password, dmc.SpaceID, `{"msgContent":"a","address":"0033639980101","media":"SMS"}`, "OK", ""},
		{"wrong media", dmc.ServiceID, dmc.Password, dmc.SpaceID, `{"msgContent":"a","address":"0639980101","media":"SMSLong"}`, "OK", ""},
		{"wrong sender", dmc.ServiceID, dmc.Password, dmc.SpaceID, `{"msgContent":"a","address":"0639980101","media":"SMS","from":"X"}`, "OK", ""},
		{"wrong space", dmc.ServiceID, dmc.Password, "1", `{"msgContent":"a","address":"0639980101","media":"SMS"}`, "OK", ""},
		{"no text", dmc.ServiceID, dmc.Password, dmc.SpaceID, `{"address":"0639980101","media":"SMS"}`, "OK", ""},
		{"long", dmc.ServiceID, dmc.Password, dmc.SpaceID, `{"msgContent":"` + strings.Repeat("a", 1225) + `","address":"0639980101","media":"SMS"}`, "OK", ""},
		{"password", dmc.ServiceID, "x", dmc.SpaceID, `{}`, "KO<authentication_failed:{null}>", ""},
		{"no service", "", dmc.Password, dmc.SpaceID, `{}`, "KO<empty_dmcServiceName:{dmcServiceName vide}>", ""},
		{"not JSON", dmc.ServiceID, dmc.Password, dmc.SpaceID, `nonsense`, "KO<Invalid JSON:{null}>", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			before := len(s.Handset("+33639980101"))
			req := request(t, "GET", s.URL()+"/dmc/DmcBufferWS/BufferMsg/addSingleCall", "")
			q := dmcForm("serviceId", tc.service, "servicePassword", tc.password, "spaceId", tc.space,
				"messageUnitaire", tc.unit)
			req.URL.RawQuery = q.Encode()
			got := do(t, req)
			if got.status != 200 || got.body != tc.want && (tc.want != "OK" || !taken.MatchString(got.body)) {
				t.Errorf("got %+v", got)
			}
			texts := texts(s, "+33639980101")[before:]
			if strings.Join(texts, "|") != tc.text {
				t.Errorf("handset got %q", texts)
			}
		})
	}
	req := request(t, "GET", s.URL()+"/dmc/DmcBufferWS/BufferMsg/getSingleCallCra", "")
	req.URL.RawQuery = dmcForm("serviceId", dmc.ServiceID, "servicePassword", dmc.Password,
		"dSince", itoa(weekday.UnixMilli())).Encode()
	rows := strings.Split(strings.TrimSpace(do(t, req).body), "\n")
	if len(rows) != 3 || rows[0] != "ID;MEDIA;CALLDATE;CALLADRESS;STATUS ;CALLRESULT;CALLRESPONSE ;LASTCHANGE" ||
		!strings.Contains(rows[1], ";SMS;03/03/2026 12:00:") ||
		!strings.Contains(rows[2], ";+33639980101;DONE;Reçu;;") {
		t.Errorf("report %q", rows)
	}
}
