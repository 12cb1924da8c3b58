package ovh

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode"

	"relais/connector"
	"relais/sms"
)

// Every row of the error tables of the guides and of the threads that rules
// cites, in both dialects.
var refusals = []struct {
	name   string
	status int
	body   string
	fault  connector.Fault
	code   string
}{
	{"not logged in", 401, `{"class":"Client::Unauthorized","message":"You must login first"}`, connector.Blocked, "Client::Unauthorized"},
	{"application key, old", 403, `{"errorCode":"INVALID_KEY","httpCode":"403 Forbidden","message":"This application key is invalid"}`, connector.Blocked, "INVALID_KEY"},
	{"application key, new", 403, `{"class":"Client::Forbidden","message":"This application key is invalid"}`, connector.Blocked, "INVALID_KEY"},
	{"consumer key unknown, old", 403, `{"message":"This credential does not exist","httpCode":"403 Forbidden","errorCode":"NOT_CREDENTIAL"}`, connector.Blocked, "NOT_CREDENTIAL"},
	{"consumer key unknown, new", 403, `{"class":"Client::Forbidden","message":"This credential does not exist"}`, connector.Blocked, "NOT_CREDENTIAL"},
	{"consumer key not valid, old", 403, `{"errorCode":"INVALID_CREDENTIAL","httpCode":"403 Forbidden","message":"x"}`, connector.Blocked, "INVALID_CREDENTIAL"},
	{"consumer key not valid, new", 403, `{"class":"Client::Forbidden","message":"This credential is not valid"}`, connector.Blocked, "INVALID_CREDENTIAL"},
	{"no rule, old", 403, `{"errorCode":"NOT_GRANTED_CALL","httpCode":"403 Forbidden","message":"x"}`, connector.Blocked, "NOT_GRANTED_CALL"},
	{"no rule, new", 403, `{"class":"Client::Forbidden","message":"This call has not been granted"}`, connector.Blocked, "NOT_GRANTED_CALL"},
	{"IAM", 403, `{"class":"Client::Forbidden","message":"User not granted for this request","details":{"unauthorizedActionsByIAM":"sms:apiovh:jobs/create"}}`, connector.Blocked, "iam_refused"},
	{"other 403", 403, `{"class":"Client::Forbidden","message":"No"}`, connector.Blocked, "Client::Forbidden"},
	{"signature, old", 400, `{"errorCode":"INVALID_SIGNATURE","httpCode":"400 Bad Request","message":"Invalid signature"}`, connector.Blocked, "INVALID_SIGNATURE"},
	{"signature, new", 400, `{"class":"Client::BadRequest","message":"Invalid signature"}`, connector.Blocked, "INVALID_SIGNATURE"},
	{"clock, old", 400, `{"errorCode":"QUERY_TIME_OUT","httpCode":"400 Bad Request","message":"Query out of time"}`, connector.Temporary, "QUERY_TIME_OUT"},
	{"clock, new", 400, `{"class":"Client::BadRequest","message":"Query out of time"}`, connector.Temporary, "QUERY_TIME_OUT"},
	{"unknown route", 404, `{"errorCode":"INVALID_URL","httpCode":"404 Not Found","message":"Got an invalid (or empty) URL"}`, connector.Blocked, "INVALID_URL"},
	{"unknown service", 404, `{"class":"Client::NotFound","message":"This service does not exist"}`, connector.Blocked, "Client::NotFound"},
	{"missing field", 400, `{"class":"Client::BadRequest","message":"The input provided isn't valid: 'duration' is a required property"}`, connector.Rejected, "Client::BadRequest"},
	{"unknown field", 400, `{"message":"Received not described parameters: (serviceName) while calling x"}`, connector.Rejected, "http_400"},
	{"contact data", 400, `{"message":"cannot send contact information with shortcode"}`, connector.Rejected, codeContactData},
	{"sender unknown", 403, `{"message":"Sms sender Acme does not exists. Please create it first"}`, connector.Rejected, codeSenderUndeclared},
	{"sender with a misleading name", 403, `{"message":"Sms sender CreditBank does not exists. Please create it first"}`, connector.Rejected, codeSenderUndeclared},
	{"sender pending", 403, `{"class":"Client::Forbidden","message":"Sender Acme is waiting for validation"}`, connector.Rejected, codeSenderUndeclared},
	{"credit 403", 403, `{"class":"Client::Forbidden","message":"Insufficient credits"}`, connector.Blocked, codeNoCredit},
	{"credit 400", 400, `{"message":"Not enough credit"}`, connector.Blocked, codeNoCredit},
	{"credit 402", 402, ``, connector.Blocked, codeNoCredit},
	{"conflict", 409, `{"class":"Client::Conflict","message":"x"}`, connector.Uncertain, "Client::Conflict"},
	{"expired", 460, `{"message":"This service is expired"}`, connector.Blocked, "http_460"},
	{"too many", 429, ``, connector.Throttled, "http_429"},
	{"500", 500, `{"class":"Server::InternalServerError","message":"x"}`, connector.Uncertain, "Server::InternalServerError"},
	{"503 documented", 503, `{"class":"Server::ServiceUnavailable","message":"Service is temporarily unavailable"}`, connector.Temporary, "Server::ServiceUnavailable"},
	{"503 of something between", 503, `<html>busy</html>`, connector.Uncertain, "http_503"},
	{"500 with the body of 503", 500, `{"class":"Server::ServiceUnavailable"}`, connector.Uncertain, "Server::ServiceUnavailable"},
	{"500 that speaks of credit", 500, `{"message":"credit store is away"}`, connector.Uncertain, "http_500"},
	{"502", 502, `Bad Gateway`, connector.Uncertain, "http_502"},
	{"504", 504, ``, connector.Uncertain, "http_504"},
	{"redirect", 302, ``, connector.Uncertain, "http_302"},
	{"undocumented 4xx", 418, ``, connector.Uncertain, "http_418"},
	{"undocumented 2xx", 202, ``, connector.Uncertain, "http_202"},
	{"details of another shape", 403, `{"class":"Client::Forbidden","message":"This call has not been granted","details":[1]}`, connector.Blocked, "NOT_GRANTED_CALL"},
	{"code that is no code", 400, `{"errorCode":"+33639980123","message":"x"}`, connector.Rejected, "http_400"},
}

func TestRefusals(t *testing.T) {
	o := newOperator(t)
	c := o.open(nil)
	for _, tc := range refusals {
		t.Run(tc.name, func(t *testing.T) {
			o.answer(jobsRoute, tc.status, tc.body)
			_, err := c.Submit(t.Context(), []sms.Message{message(testNumber)})
			if err == nil || connector.FaultOf(err) != tc.fault || connector.CodeOf(err) != tc.code {
				t.Fatalf("got %v, want %s [%s]", err, tc.fault, tc.code)
			}
			if !strings.Contains(err.Error(), testTrace) {
				t.Errorf("%q does not name the call", err)
			}
		})
	}
}

func TestEveryDocumentedCodeIsMapped(t *testing.T) {
	mapped := map[string]bool{}
	for _, r := range rules {
		mapped[r.code] = true
		mapped[r.class] = true
	}
	for _, code := range []string{
		"INVALID_KEY", "NOT_CREDENTIAL", "INVALID_CREDENTIAL", "NOT_GRANTED_CALL", "INVALID_SIGNATURE",
		"QUERY_TIME_OUT", "Server::ServiceUnavailable",
	} {
		if !mapped[code] {
			t.Errorf("no rule names %s", code)
		}
	}
	used := map[int]bool{}
	for _, tc := range refusals {
		for i, r := range rules {
			if r.matches(tc.status, parseProblem([]byte(tc.body), "")) {
				used[i] = true
				break
			}
		}
	}
	for i, r := range rules {
		if !used[i] {
			t.Errorf("rule %d (status %d, %s %v) is first for no documented body",
				i, r.status, r.code, r.words)
		}
	}
}

func TestThrottledWaits(t *testing.T) {
	o := newOperator(t)
	o.handle(jobsRoute, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "7")
		w.WriteHeader(http.StatusTooManyRequests)
	})
	_, err := o.open(nil).Submit(t.Context(), []sms.Message{message(testNumber)})
	e, isError := errors.AsType[*connector.Error](err)
	if !isError || e.Fault != connector.Throttled || e.RetryAfter != 7*time.Second {
		t.Errorf("got %#v", err)
	}
}

func TestRefusalTellsMissingActions(t *testing.T) {
	o := newOperator(t)
	o.answer(jobsRoute, 403, `{"class":"Client::Forbidden","message":"User not granted for this request","details":{"unauthorizedActionsByIAM":"sms:apiovh:jobs/create"}}`)
	_, err := o.open(nil).Submit(t.Context(), []sms.Message{message(testNumber)})
	if err == nil || !strings.Contains(err.Error(), "sms:apiovh:jobs/create") {
		t.Errorf("got %v", err)
	}
}

// A text that speaks of credit, quoted by a refusal, must not pause the lane.
func TestQuotedTextDecidesNothing(t *testing.T) {
	o := newOperator(t)
	o.answer(jobsRoute, 400, `{"message":"The input provided isn't valid: 'Votre credit est pret'"}`)
	m := message(testNumber)
	m.Text = "Votre credit est pret"
	_, err := o.open(nil).Submit(t.Context(), []sms.Message{m})
	if connector.FaultOf(err) != connector.Rejected || strings.Contains(err.Error(), "credit") {
		t.Errorf("got %v", err)
	}
}

func TestClean(t *testing.T) {
	a := &api{application: testKey, secret: testSecret, consumer: testToken}
	for _, tc := range []struct{ name, words, want string }{
		{"plain", "Invalid signature", "Invalid signature"},
		{"number", "receiver +33639980123 is bad", "receiver *** is bad"},
		{"number in 00 form", "0033639980123", "***"},
		{"grouped number", "call 06 39 98 01 23 now", "call *** now"},
		{"dotted number", "06.39.98.01.23", "***"},
		{"short digits stay", "at most 255 parts, error 460", "at most 255 parts, error 460"},
		{"text", "bad text: Rendez-vous demain!", "bad text: ***!"},
		{"secret", "hash of " + testSecret + "+" + testToken, "hash of ***+***"},
		{"application key", testKey + " is invalid", "*** is invalid"},
		{"control characters", "one\r\ntwo\x00", "one  two"},
		{"long", strings.Repeat("é", 400), strings.Repeat("é", 300) + "…"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := a.clean(tc.words, "Rendez-vous demain"); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

func FuzzRefusal(f *testing.F) {
	for _, tc := range refusals {
		f.Add(tc.status, tc.body)
	}
	a := &api{secret: testSecret, consumer: testToken, now: time.Now}
	f.Fuzz(func(t *testing.T, status int, body string) {
		if status < 300 || status > 599 {
			return
		}
		answer := connector.Answer{Status: status, Header: http.Header{}, Body: []byte(body)}
		err, isError := errors.AsType[*connector.Error](a.refusal(answer, ""))
		if !isError {
			t.Fatal("a refusal of another type")
		}
		if status >= 500 && err.Fault != connector.Uncertain && err.Fault != connector.Temporary {
			t.Errorf("status %d is %s", status, err.Fault)
		}
		run := 0
		for _, r := range err.Code + " " + err.Detail {
			if run++; r < '0' || r > '9' {
				run = 0
			}
			if run >= 7 || unicode.IsControl(r) {
				t.Fatalf("%q shows a number or a control character", err.Detail)
			}
		}
	})
}

// A short text that happens to stand in OVH's words says nothing about them.
func TestTextInsideTheWordsOfARefusal(t *testing.T) {
	for _, tc := range []struct{ name, words, text, want string }{
		{"one letter", "Sms sender X does not exists", "e", "Sms sender X does not exists"},
		{"inside a word", "Sms sender X does not exists", "exist", "Sms sender X does not exists"},
		{"quoted", `Message "Code 4821" is refused`, "Code 4821", `Message "***" is refused`},
		{"twice", "4821 and 4821", "4821", "*** and ***"},
		{"at the end", "bad text: Bonjour", "Bonjour", "bad text: ***"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := strike(tc.words, tc.text); got != tc.want {
				t.Errorf("strike = %q, want %q", got, tc.want)
			}
		})
	}
}
