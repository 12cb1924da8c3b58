package api_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"relais/api"
	"relais/auth"
	"relais/gateway"
	"relais/lane"
	"relais/number"
	"relais/quota"
	"relais/sender"
)

// refusal is a request that the door must refuse. Its golden file shows the
// request and the whole answer.
type refusal struct {
	name   string
	status int
	code   string
	field  string
	request
}

func message(body string) request {
	return request{method: "POST", path: "/v1/messages", body: body}
}

func preview(at string) request {
	return request{
		method: "POST", path: "/v1/messages/preview",
		body: `{"to":"+33639980001","text":"Bonjour Madame","at":` + at + `}`,
	}
}

func withHeader(r request, name, value string) request {
	r.header = map[string]string{name: value}
	return r
}

func withKey(r request, key string) request {
	r.key = key
	return r
}

func hook(body string) request { return request{method: "POST", path: "/v1/webhooks", body: body} }

func get(path string) request { return request{method: "GET", path: path} }

const good = `{"to":"+33639980001","text":"Bonjour Madame"}`

// many is a JSON list of n numbers, no two alike.
func many(n int) string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf("+447700900%03d", i%1000)
		if i >= 1000 {
			list[i] = fmt.Sprintf("+336399%05d", i)
		}
	}
	encoded, err := json.Marshal(list)
	if err != nil {
		panic(err)
	}
	return string(encoded)
}

var badBodies = []refusal{
	{"body empty", 400, "body_empty", "", message("")},
	{"body of spaces", 400, "body_empty", "", message(" \r\n\t ")},
	{"body not json", 400, "body_not_json", "", message("to=+33639980001&text=Bonjour")},
	{"body single quotes", 400, "body_not_json", "", message("{'to':'+33639980001'}")},
	{"body trailing comma", 400, "body_not_json", "", message("{\n  \"to\": \"+33639980001\",\n  \"text\": \"é\",\n}")},
	{"body cut short", 400, "body_not_json", "", message(`{"to":"+33639980001","text":"Bonj`)},
	{"body trailing garbage", 400, "body_not_json", "", message(good + " }")},
	{"body two objects", 400, "body_not_json", "", message(good + good)},
	{"body byte order mark", 400, "body_not_json", "", message("\uFEFF" + good)},
	{"body raw nul", 400, "body_not_json", "", message("{\"to\":\"+33639980001\",\"text\":\"a\x00b\"}")},
	{"body not utf8", 400, "body_not_utf8", "", message("{\"to\":\"+33639980001\",\n\"text\":\"caf\xe9\"}")},
	{"body list", 400, "body_not_an_object", "", message("[" + good + "]")},
	{"body string", 400, "body_not_an_object", "", message(`"Bonjour"`)},
	{"body null", 400, "body_not_an_object", "", message(" null")},
	{"body nested deeply", 400, "body_not_json", "", message(strings.Repeat("[", 20_000))},
	{"body too large", 413, "body_too_large", "", message(`{"to":"+33639980001","text":"` + strings.Repeat("a", 10<<20) + `"}`)},
	{"body in parts", 400, "body_not_json", "", message("--x\r\nContent-Disposition: form-data; name=\"to\"\r\n\r\n+33639980001\r\n--x--\r\n")},
	{"body of a form that says JSON", 400, "body_not_json", "", withHeader(message("message%5Bto%5D=0639980001"), "Content-Type", "application/json")},
	{"body xml", 400, "body_not_json", "", message("<sms><to>0639980001</to></sms>")},
	{"body compressed in silence", 400, "body_not_json", "", message("\x1f\x8b\x08\x00\x00")},
	{"body utf16", 400, "body_not_json", "", message("{\x00\"\x00t\x00")},
	{"body utf32", 400, "body_not_json", "", message("{\x00\x00\x00\"\x00\x00\x00")},
	{"body latin1 as its header says", 400, "body_not_utf8", "Content-Type", withHeader(message("{\"to\":\"+33639980001\",\"text\":\"caf\xe9\"}"), "Content-Type", "application/json; charset=ISO-8859-1")},
	{"body utf8 and its header says otherwise", 400, "body_not_utf8", "Content-Type", withHeader(message(`{"to":"+33639980001","text":"café"}`), "Content-Type", "application/json; charset=windows-1252")},
	{"body with NaN", 400, "body_not_json", "", message(`{"to":"+33639980001","text":NaN}`)},
	{"body of Python", 400, "body_not_json", "", message(`{"to":"+33639980001","text":"a","sender":None}`)},
	{"body without quotes", 400, "body_not_json", "", message(`{to:"+33639980001"}`)},
	{"body with a line break in a string", 400, "body_not_json", "", message("{\"to\":\"+33639980001\",\"text\":\"a\nb\"}")},
	{"body encoded twice", 400, "body_not_an_object", "", message(`"{\"to\":\"+33639980001\"}"`)},
	{"body of CSV", 400, "body_not_json", "", message("to,text\n0639980001,hi\n")},
	{"body of YAML", 400, "body_not_json", "", message("text: hi\nto: '0639980001'\n")},
	{"body of plain text", 400, "body_not_json", "", message("Bonjour Madame")},
	{"body of a call", 400, "body_not_json", "", message(`send({"to":"+33639980001"})`)},
	{"body in base64", 400, "body_not_json", "", message("eyJ0byI6IjA2Mzk5ODAwMDEifQ==")},
	{"body with typographic quotes", 400, "body_not_json", "", message("{\u201cto\u201d: \u201c0639980001\u201d}")},
	{"body with a no-break space", 400, "body_not_json", "", message("{\u00a0\"to\":\"0639980001\"}")},
	{"body with a number as a phone writes it", 400, "body_not_json", "", message(`{"to":+33639980001}`)},
	{"body with a number that begins with 0", 400, "body_not_json", "", message(`{"to":0639980001}`)},
	{"body with an escape that is none", 400, "body_not_json", "", message(`{"to":"+33639980001","text":"caf\xe9"}`)},
	{"body with a quote escaped as in SQL", 400, "body_not_json", "", message(`{"to":"+33639980001","text":"l\'eau"}`)},
	{"body with a placeholder", 400, "body_not_json", "", message(`{"to":"+33639980001","text":{{text}}}`)},
	{"body with a variable", 400, "body_not_json", "", message(`{"to":"+33639980001","text":$TEXT}`)},
	{"body without a comma", 400, "body_not_json", "", message(`{"to":"+33639980001" "text":"a"}`)},
	{"body without a colon", 400, "body_not_json", "", message(`{"to"="+33639980001"}`)},
	{"body of a batch", 422, "unknown_field", "/messages", message(`{"messages":[` + good + `]}`)},
	{"body of one message for a batch", 422, "unknown_field", "/to", request{method: "POST", path: "/v1/batches", body: good}},
	{"body of a GET", 400, "body_unexpected", "", request{method: "GET", path: "/v1/messages", body: `{"to":"+33639980001"}`}},
	{"body of a cancel", 400, "body_unexpected", "", request{method: "POST", path: "/v1/messages/" + someID + "/cancel", body: `{"reason":"x"}`}},
	{"fields in the URL", 422, "invalid_parameter", "text", request{method: "POST", path: "/v1/messages?to=0639980001&text=hi"}},
	{"body compressed", 415, "body_encoded", "Content-Encoding", withHeader(message("\x1f\x8b\x08"), "Content-Encoding", "gzip")},
	{"field unknown", 422, "unknown_field", "/texte", message(`{"to":"+33639980001","texte":"Bonjour"}`)},
	{"field unknown with a slash", 422, "unknown_field", "/~0a~1\"b", message(`{"~a/\"b":1}`)},
	{"field in another case", 422, "unknown_field", "/Text", message(`{"to":"+33639980001","Text":"Bonjour"}`)},
	{"field twice", 422, "duplicate_field", "/text", message(`{"to":"+33639980001","text":"Bonjour",` + "\n" + `"te\u0078t":"Bonsoir"}`)},
	{"metadata key twice", 422, "duplicate_field", "/metadata/a", message(`{"to":"+33639980001","text":"Bonjour","metadata":{"a":"1","b":"2","a":"3"}}`)},
	{"surrogate alone", 422, "lone_surrogate", "/text", message(`{"to":"+33639980001","text":"\ufffd \ud83d\ude00 \ud83d!"}`)},
	{"surrogate alone in the reference", 422, "lone_surrogate", "/reference", message(`{"to":"+33639980001","text":"Bonjour","reference":"\\u\udc00"}`)},
	{"type of text", 422, "wrong_type", "/text", message(`{"to":"+33639980001","text":12345678901234567890}`)},
	{"type of to", 422, "wrong_type", "/to", message(`{"to":33639980001,"text":"Bonjour"}`)},
	{"type of one recipient", 422, "wrong_type", "/to/1", message(`{"to":["+33639980001", 33639980002],"text":"Bonjour"}`)},
	{"type of to null", 422, "wrong_type", "/to", message(`{"to":null,"text":"Bonjour"}`)},
	{"type of metadata", 422, "wrong_type", "/metadata", message(`{"to":"+33639980001","text":"Bonjour","metadata":["a"]}`)},
	{"type of a metadata value", 422, "wrong_type", "/metadata/a", message(`{"to":"+33639980001","text":"Bonjour","metadata":{"a":5}}`)},
	{"type of a metadata value null", 422, "wrong_type", "/metadata", message(`{"to":"+33639980001","text":"Bonjour","metadata":{"a":null}}`)},
	{"type of a nested recipient", 422, "wrong_type", "/to/0", message(`{"to":` + strings.Repeat("[", 500) + strings.Repeat("]", 500) + `}`)},
}

func field(name, value string) request {
	return message(`{"to":"+33639980001","text":"Bonjour Madame","` + name + `":` + value + `}`)
}

func pausing(body string) request {
	return request{method: "POST", path: "/v1/connectors/ovh/pause", body: body}
}

var badValues = []refusal{
	{"recipients empty", 422, "recipients_empty", "/to", message(`{"to":[],"text":"Bonjour"}`)},
	{"recipients absent", 422, "recipients_empty", "/to", message(`{"text":"Bonjour"}`)},
	{"recipients too many", 422, "recipients_too_many", "/to", message(`{"to":` + many(10_001) + `,"text":"Bonjour"}`)},
	{"recipients none possible", 422, "no_recipient", "/to", message(`{"to":["06399800","0892123456","abc","","+999123456"],"text":"Bonjour"}`)},
	{"text empty", 422, "text_empty", "/text", message(`{"to":"+33639980001","text":" \n "}`)},
	{"text absent", 422, "text_empty", "/text", message(`{"to":"+33639980001"}`)},
	{"text of 11 segments", 422, "text_too_long", "/text", message(`{"to":"+33639980001","text":"` + strings.Repeat("a", 1531) + `"}`)},
	{"text of 11 segments in ucs2", 422, "text_too_long", "/text", message(`{"to":"+33639980001","text":"` + strings.Repeat("ê", 671) + `"}`)},
	{"Windows-1252 read as ISO 8859-1", 422, "text_forbidden_character", "/text", message(`{"to":"+33639980001","text":"l\u0092ecole"}`)},
	{"no character of Unicode", 422, "text_forbidden_character", "/text", message(`{"to":"+33639980001","text":"a\uffff"}`)},
	{"text with nul", 422, "text_forbidden_character", "/text", message(`{"to":"+33639980001","text":"Bonjour\u0000Madame"}`)},
	{"sender of 12 characters", 422, "sender_too_long", "/sender", field("sender", `"VilleDeParis"`)},
	{"sender with an accent", 422, "sender_invalid_character", "/sender", field("sender", `"Mairié"`)},
	{"sender of 2 digits", 422, "sender_too_short", "/sender", field("sender", `"36"`)},
	{"sender of 16 digits", 422, "sender_not_a_number", "/sender", field("sender", `"+3363998000123456"`)},
	{"sender of an unsupported kind", 422, "sender_kind_unsupported", "/sender", message(`{"to":"+33639980001","text":"Bonjour","sender":"36184","connector":"sfr"}`)},
	{"class unknown", 422, "class_unknown", "/class", field("class", `"OTP"`)},
	{"kind unknown", 422, "kind_unknown", "/kind", field("kind", `"mms"`)},
	{"kind that no connector sends", 422, "kind_unsupported", "/kind", field("kind", `"flash"`)},
	{"data of a text", 422, "data_without_binary", "/data", field("data", `"dc06"`)},
	{"text of a binary message", 422, "text_and_data", "/text", field("kind", `"binary", "data": "dc06"`)},
	{"data empty", 422, "data_empty", "/data", message(`{"to": "+33639980001", "kind": "binary"}`)},
	{"data no hexadecimal", 422, "not_hexadecimal", "/data", message(`{"to": "+33639980001", "kind": "binary", "data": "dcxy"}`)},
	{"data of half an octet", 422, "not_hexadecimal", "/data", message(`{"to": "+33639980001", "kind": "binary", "data": "dc0"}`)},
	{"data too long", 422, "data_too_long", "/data", message(`{"to": "+33639980001", "kind": "binary", "udh": "050003010201", "data": "` + strings.Repeat("00", 135) + `"}`)},
	{"udh with a wrong length", 422, "udh_broken", "/udh", message(`{"to": "+33639980001", "kind": "binary", "udh": "050003", "data": "00"}`)},
	{"udh with a cut element", 422, "udh_broken", "/udh", message(`{"to": "+33639980001", "kind": "binary", "udh": "03000501", "data": "00"}`)},
	{"connector unknown", 422, "connector_unknown", "/connector", field("connector", `"orange"`)},
	{"reference too long", 422, "reference_too_long", "/reference", field("reference", `"`+strings.Repeat("é", 256)+`"`)},
	{"reference with a NUL", 422, "reference_forbidden_character", "/reference", field("reference", `"a\u0000b"`)},
	{"metadata too large", 422, "metadata_too_large", "/metadata", field("metadata", `{"a":"`+strings.Repeat("a", 4096)+`"}`)},
	{"metadata with nul", 422, "metadata_forbidden_character", "/metadata", field("metadata", `{"a":"\u0000"}`)},
	{"the zero date", 422, "send_at_invalid", "/send_at", field("send_at", `"0001-01-01T00:00:00Z"`)},
	{"date without a zone", 422, "send_at_invalid", "/send_at", field("send_at", `"2026-03-03T10:00:00"`)},
	{"date in the past", 422, "send_at_past", "/send_at", field("send_at", `"2026-03-02T09:59:54+01:00"`)},
	{"date too far ahead", 422, "send_at_too_far", "/send_at", field("send_at", `"2027-03-04T09:00:00Z"`)},
	{"moment of a preview that is the zero time", 422, "at_invalid", "/at", preview(`"0001-01-01T00:00:00Z"`)},
	{"moment of a preview unreadable", 422, "at_invalid", "/at", preview(`"Sunday 21:45"`)},
	{"moment of a preview too far away", 422, "at_out_of_range", "/at", preview(`"2027-03-04T09:00:00Z"`)},
	{"validity unreadable", 422, "valid_for_invalid", "/valid_for", field("valid_for", `"15"`)},
	{"validity too long", 422, "valid_for_out_of_range", "/valid_for", field("valid_for", `"168h1s"`)},
	{"validity negative", 422, "valid_for_out_of_range", "/valid_for", field("valid_for", `"-1m"`)},
	{"webhook of a submission on this machine", 422, "webhook_url_invalid", "/webhook_url", field("webhook_url", `"http://127.0.0.1/hook"`)},
	{"webhook of a submission that is no URL", 422, "webhook_url_invalid", "/webhook_url", field("webhook_url", `"town.example"`)},
	{"webhook private", 422, "webhook_url_invalid", "/url", hook(`{"url":"http://192.168.1.1/hook"}`)},
	{"webhook without url", 422, "webhook_url_invalid", "/url", hook(`{"events":[]}`)},
	{"webhook for an unknown event", 422, "event_unknown", "/events/1", hook(`{"url":"https://town.example/hook","events":["message.delivered","message.sent"]}`)},
	{"webhook with an unknown field", 422, "unknown_field", "/secret", hook(`{"url":"https://town.example/hook","secret":"x"}`)},
	{"pause without a reason", 422, "pause_why", "/why", pausing(`{"for":"2h"}`)},
	{"pause with a long reason", 422, "pause_why", "/why", pausing(`{"why":"` + strings.Repeat("é", 201) + `"}`)},
	{"pause of no length", 422, "pause_until", "/for", pausing(`{"why":"a test","for":"soon"}`)},
	{"pause that is over", 422, "pause_until", "/until", pausing(`{"why":"a test","until":"2020-01-01T00:00:00Z"}`)},
	{"pause until the zero time", 422, "pause_until", "/until", pausing(`{"why":"a test","until":"0001-01-01T00:00:00Z"}`)},
	{"pause until no date", 422, "pause_until", "/until", pausing(`{"why":"a test","until":"tomorrow"}`)},
	{"pause with two ends", 422, "pause_until", "/until", pausing(`{"why":"a test","for":"2h","until":"2126-01-01T00:00:00Z"}`)},
	{"pause of an unknown connector", 422, "connector_unknown", "/connector", request{method: "POST", path: "/v1/connectors/orange/pause", body: `{"why":"a test"}`}},
	{"webhook unknown", 404, "webhook_unknown", "", get("/v1/webhooks/" + someID)},
	{"webhook id unreadable", 404, "webhook_unknown", "", request{method: "DELETE", path: "/v1/webhooks/42"}},
	{"deliveries of an unknown webhook", 404, "webhook_unknown", "", get("/v1/webhooks/" + someID + "/deliveries")},
	{"replay of a state that is none", 422, "delivery_state_unknown", "/state", request{method: "POST", path: "/v1/webhooks/" + someID + "/replay", body: `{"state":"lost"}`}},
	{"replay since no date", 422, "since_invalid", "/since", request{method: "POST", path: "/v1/webhooks/" + someID + "/replay", body: `{"since":"yesterday"}`}},
	{"replay of an unknown webhook", 404, "webhook_unknown", "", request{method: "POST", path: "/v1/webhooks/" + someID + "/replay"}},
	{"change of an unknown webhook", 404, "webhook_unknown", "", request{method: "PATCH", path: "/v1/webhooks/" + someID, body: `{"events":[]}`}},
	{"change of a webhook's secret", 422, "unknown_field", "/secret", request{method: "PATCH", path: "/v1/webhooks/" + someID, body: `{"secret":"x"}`}},
	{"test of an unknown webhook", 404, "webhook_unknown", "", request{method: "POST", path: "/v1/webhooks/" + someID + "/test"}},
	{"disable an unknown webhook", 404, "webhook_unknown", "", request{method: "POST", path: "/v1/webhooks/" + someID + "/disable"}},
	{"delivery that is none", 404, "delivery_unknown", "", get("/v1/webhooks/" + someID + "/deliveries/evt_1")},
	{"delivery of nonsense", 404, "delivery_unknown", "", get("/v1/webhooks/" + someID + "/deliveries/evt_9223372036854775807")},
	{"events after nonsense", 422, "invalid_parameter", "after", get("/v1/events?after=x")},
	{"events of an unknown type", 422, "invalid_parameter", "types", get("/v1/events?types=message.sent")},
	{"inbound of a message that is none", 422, "invalid_parameter", "message", get("/v1/inbound?message=42")},
	{"inbound from an impossible number", 422, "invalid_parameter", "from", get("/v1/inbound?from=0639")},
	{"opt-out of an impossible number", 422, "invalid_parameter", "number", request{method: "PUT", path: "/v1/opt-outs/0639"}},
	{"opt-out with a long reason", 422, "reason_too_long", "/reason", request{method: "PUT", path: "/v1/opt-outs/0639980001", body: `{"reason":"` + strings.Repeat("é", 256) + `"}`}},
	{"opt-outs that are no CSV", 422, "csv_invalid", "", request{method: "POST", path: "/v1/opt-outs.csv", body: "number\n\"+33639980001\n"}},
	{"opt-outs that are not UTF-8", 400, "body_not_utf8", "", request{method: "POST", path: "/v1/opt-outs.csv", body: "num\xe9ro\n0639980001\n"}},
	{"callback with a wrong secret", 404, "callback_unknown", "", withKey(request{method: "POST", path: "/callbacks/ovh/wrong/push"}, "-")},
	{"trace of an unknown connector", 422, "connector_unknown", "/connector", get("/v1/connectors/orange/trace")},
	{"trace of a connector without sessions", 409, "no_sessions", "", get("/v1/connectors/ovh/trace")},
	{"callback of an unknown connector", 404, "callback_unknown", "", withKey(request{method: "POST", path: "/callbacks/none/hidden/push"}, "-")},
	{"callback that is none of the operator's", 400, "push_unreadable", "", withKey(request{method: "POST", path: "/callbacks/ovh/hidden/other"}, "-")},
	{"callback too large", 413, "push_too_large", "", withKey(request{method: "POST", path: "/callbacks/ovh/hidden/push", body: strings.Repeat("a", 10<<20)}, "-")},
	{"idempotency key with a space", 422, "idempotency_key_invalid", "Idempotency-Key", withHeader(message(good), "Idempotency-Key", "a b")},
	{"idempotency key empty", 422, "idempotency_key_invalid", "Idempotency-Key", withHeader(message(good), "Idempotency-Key", "")},
	{"idempotency key too long", 422, "idempotency_key_invalid", "Idempotency-Key", withHeader(message(good), "Idempotency-Key", strings.Repeat("k", 256))},
	{"preview of 12 characters", 422, "sender_too_long", "/sender", request{
		method: "POST", path: "/v1/messages/preview",
		body: `{"to":"+33639980001","text":"Bonjour","sender":"VilleDeParis"}`,
	}},
}

const someID = "019cade0-0000-7000-8000-000000000000"

var badRequests = []refusal{
	{"key missing", 401, "key_missing", "Authorization", withKey(message(good), "-")},
	{"key in the URL", 401, "key_missing", "Authorization", withKey(request{method: "POST", path: "/v1/messages?api_key=" + townKey, body: good}, "-")},
	{"key in a header of its own", 401, "key_missing", "Authorization", withHeader(withKey(message(good), "-"), "X-API-Key", townKey)},
	{"key without its kind", 401, "key_missing", "Authorization", withHeader(withKey(message(good), "-"), "Authorization", townKey)},
	{"key of another scheme", 401, "key_missing", "Authorization", withHeader(withKey(message(good), "-"), "Authorization", "Basic dG93bjp4")},
	{"key unknown", 401, "key_unknown", "Authorization", withKey(message(good), "relais_nothing")},
	{"key revoked", 401, "key_revoked", "Authorization", withKey(message(good), "revoked")},
	{"route unknown", 404, "route_unknown", "", get("/v1/messagess")},
	{"route unknown outside", 404, "route_unknown", "", withKey(get("/index.html"), "-")},
	{"route in another case", 404, "route_unknown", "", withKey(get("/V1/Messages"), "-")},
	{"route without v1", 404, "route_unknown", "", withKey(request{method: "POST", path: "/messages/", body: good}, "-")},
	{"route with a dot segment", 404, "route_unknown", "", get("/v1/x/../messages")},
	{"method wrong", 405, "method_wrong", "", request{method: "DELETE", path: "/v1/messages"}},
	{"method wrong for a probe", 405, "method_wrong", "", request{method: "POST", path: "/healthz"}},
	{"message unknown", 404, "message_unknown", "", get("/v1/messages/" + someID)},
	{"message id unreadable", 404, "message_unknown", "", get("/v1/messages/42")},
	{"cancel unknown", 404, "message_unknown", "", request{method: "POST", path: "/v1/messages/" + someID + "/cancel"}},
	{"limit 0", 422, "invalid_parameter", "limit", get("/v1/messages?limit=0")},
	{"limit 1001", 422, "invalid_parameter", "limit", get("/v1/messages?limit=1001")},
	{"limit not a number", 422, "invalid_parameter", "limit", get("/v1/messages?limit=ten")},
	{"limit twice", 422, "invalid_parameter", "limit", get("/v1/messages?limit=10&limit=20")},
	{"status unknown", 422, "invalid_parameter", "status", get("/v1/messages?status=sent")},
	{"since not a date", 422, "invalid_parameter", "since", get("/v1/messages?since=yesterday")},
	{"search number impossible", 422, "invalid_parameter", "to", get("/v1/messages?to=0639")},
	{"search reference empty", 422, "invalid_parameter", "reference", get("/v1/messages?reference=")},
	{"search metadata without a value", 422, "invalid_parameter", "metadata", get("/v1/messages?metadata=counter")},
	{"search metadata without a key", 422, "invalid_parameter", "metadata", get("/v1/messages?metadata=:c")},
	{"cursor not ours", 422, "invalid_parameter", "cursor", get("/v1/messages?cursor=42")},
	{"parameter unknown", 422, "invalid_parameter", "state", get("/v1/messages?state=queued")},
	{"parameter unknown on a submission", 422, "invalid_parameter", "dry_run", request{method: "POST", path: "/v1/messages?dry_run=1", body: good}},
	{"query malformed", 422, "invalid_parameter", "", get("/v1/messages?reference=%zz")},
}

func TestRefusals(t *testing.T) {
	d := open(t)
	revoked, key := newKey(t, d)
	if _, err := d.store.RevokeKey(t.Context(), key.ID, today); err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, tc := range slices.Concat(badBodies, badValues, badRequests) {
		t.Run(tc.name, func(t *testing.T) {
			if names[tc.name] {
				t.Fatal("another refusal has this name")
			}
			names[tc.name] = true
			shown := transcript(tc.request)
			if tc.key == "revoked" {
				tc.key = revoked
			}
			got := d.in(t).do(tc.request)
			p := got.problem(tc.status, tc.code)
			if at := fieldOf(p.Errors); at != tc.field {
				t.Errorf("field = %q, want %q", at, tc.field)
			}
			golden(t, tc.name, shown+got.transcript())
		})
	}
	var list struct{ Items []json.RawMessage }
	if err := json.Unmarshal(d.get("/v1/messages").body, &list); err != nil || len(list.Items) != 0 {
		t.Errorf("%d messages stored by refused requests, %v; want none", len(list.Items), err)
	}
}

// TestRefusalsSpeakOneLanguage refuses all that again in French: title and details are
// French, codes and places the same.
func TestRefusalsSpeakOneLanguage(t *testing.T) {
	d := open(t)
	for _, tc := range slices.Concat(badBodies, badValues, badRequests) {
		if tc.key == "revoked" {
			continue
		}
		t.Run(tc.name, func(t *testing.T) {
			english := d.in(t).do(tc.request).problem(tc.status, tc.code)
			r := withHeader(tc.request, "Accept-Language", "fr-FR, en;q=0.5")
			maps.Copy(r.header, tc.header)
			a := d.in(t).do(r)
			french := a.problem(tc.status, tc.code)
			if a.Header.Get("Content-Language") != "fr" || a.Header.Get("Vary") != "Accept-Language" {
				t.Errorf("headers %v, want Content-Language: fr and Vary", a.Header)
			}
			if french.Title == english.Title {
				t.Errorf("title %q in both languages", french.Title)
			}
			if french.Detail == english.Detail {
				t.Errorf("detail %q in both languages", french.Detail)
			}
			for i, f := range french.Errors {
				if f.Detail == english.Errors[i].Detail || f.Field != english.Errors[i].Field ||
					f.Position != english.Errors[i].Position {
					t.Errorf("error %+v, in English %+v", f, english.Errors[i])
				}
			}
		})
	}
}

// newKey makes a stored key of the account town.
func newKey(t *testing.T, d *door) (string, auth.Key) {
	t.Helper()
	if err := d.store.AddAccount(t.Context(), auth.Account{Name: "town", CreatedAt: today}); err != nil {
		t.Fatal(err)
	}
	text, key, err := auth.NewKey(t.Context(), d.store, "town", "old", today)
	if err != nil {
		t.Fatal(err)
	}
	return text, key
}

func fieldOf(faults []api.FieldError) string {
	if len(faults) == 0 {
		return ""
	}
	return faults[0].Field
}

// transcript shows a request as it goes over the wire, long bodies cut.
func transcript(r request) string {
	var b strings.Builder
	fmt.Fprintf(&b, "-- request --\n%s %s\n", r.method, r.path)
	if r.key != "-" {
		fmt.Fprintln(&b, "Authorization: Bearer KEY")
	}
	for _, name := range slices.Sorted(maps.Keys(r.header)) {
		fmt.Fprintf(&b, "%s: %s\n", name, shortened(r.header[name]))
	}
	if r.body != "" {
		fmt.Fprintf(&b, "\n%s\n", shortened(r.body))
	}
	return b.String()
}

// shortened makes a body fit to read: bytes that are no text are quoted.
func shortened(body string) string {
	const kept = 120
	plain := utf8.ValidString(body) && !strings.ContainsFunc(body, func(r rune) bool {
		return r < ' ' && r != '\n' || r == '\uFEFF' || r == ' '+0x7f
	})
	cut := body
	if len(body) > 3*kept {
		cut = body[:kept] + body[len(body)-kept:]
	}
	if !plain {
		cut = strconv.QuoteToASCII(cut)
	}
	if len(body) > 3*kept {
		half := len(cut) / 2
		cut = strings.ToValidUTF8(cut[:half], "") + " [cut: " + strconv.Itoa(len(body)) + " bytes] " +
			strings.ToValidUTF8(cut[half:], "")
	}
	return cut
}

// transcript shows the whole answer.
func (a answer) transcript() string {
	var b bytes.Buffer
	fmt.Fprintf(&b, "-- answer --\n%d %s\n", a.StatusCode, http.StatusText(a.StatusCode))
	for _, name := range slices.Sorted(maps.Keys(a.Header)) {
		fmt.Fprintf(&b, "%s: %s\n", name, strings.Join(a.Header[name], ", "))
	}
	fmt.Fprintln(&b)
	if err := json.Indent(&b, bytes.TrimSpace(a.body), "", "  "); err != nil {
		b.Write(a.body)
	}
	fmt.Fprintln(&b)
	return b.String()
}

// golden compares with a file of testdata, or rewrites it.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", strings.ReplaceAll(name, " ", "_")+".golden")
	compare(t, path, got)
}

func compare(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; run the test with -update", err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got), -update rewrites it:\n%s", path, diff)
	}
}

func TestRefusalOfFullBacklog(t *testing.T) {
	d := open(t, func(g *gateway.Options, _ *api.Options) { g.Limits.Backlog = 2 })
	d.submit(`{"to":["+33639980001","+33639980002"],"text":"Bonjour Madame"}`)
	got := d.do(message(good))
	got.problem(http.StatusTooManyRequests, "backlog_full")
	if got.Header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	golden(t, "backlog full", transcript(message(good))+got.transcript())
}

func TestRefusalByQuota(t *testing.T) {
	d := open(t, func(g *gateway.Options, _ *api.Options) {
		g.Quotas = book(g,
			quota.Quota{Name: "hourly", Per: quota.PerKey, Every: quota.Hour, Messages: 2},
			quota.Quota{
				Name: "abroad", Per: quota.PerCountry, Every: quota.Day, Messages: 1,
				Outside: []string{number.FRMetro},
			},
		)
	})
	three := message(`{"to":["+33639980001","+33639980002","+33639980003"],"text":"Bonjour Madame"}`)
	got := d.do(three)
	got.problem(http.StatusUnprocessableEntity, "quota_too_small")
	golden(t, "quota too small", transcript(three)+got.transcript())

	mixed := message(`{"to":["+447700900001","+447700900002","+33639980001"],"text":"Bonjour Madame"}`)
	got = d.do(request{method: "POST", path: "/v1/messages/preview", body: mixed.body})
	golden(t, "quota preview", transcript(mixed)+got.transcript())
	d.submit(mixed.body)
	got = d.do(message(good))
	got.problem(http.StatusTooManyRequests, "quota_exceeded")
	if wait := got.Header.Get("Retry-After"); wait == "" || wait == "5" {
		t.Errorf("Retry-After is %q, want until the end of the hour", wait)
	}
	golden(t, "quota exceeded", transcript(message(good))+got.transcript())
}

func TestRefusalOfSenders(t *testing.T) {
	policy := sender.Rules{Plain: true, Generic: []string{"info"}, Forbidden: []string{"ameli"}}
	listed := sender.Rules{Listed: []sender.Listed{{Name: "MAIRIE"}, {Name: "POLICE MUN", Until: today}}}
	for _, tc := range []struct {
		policy       sender.Rules
		sender, code string // no code: taken
	}{
		{policy, "TownHall", ""},
		{policy, "Town-Hall", "sender_invalid_character"},
		{sender.Rules{}, "Town-Hall", ""},
		{policy, "Info", "sender_generic"},
		{policy, "A.M.E.L.I", "sender_invalid_character"},
		{policy, "AssurAmeli", "sender_forbidden"},
		{policy, "36111", ""},
		{listed, "mairie", ""},
		{listed, "TownHall", "sender_not_listed"},
		{listed, "36111", "sender_not_listed"},
		{listed, "POLICE MUN", "sender_not_valid"},
		{sender.Rules{Listed: listed.Listed[1:]}, "Library", "sender_not_listed"},
	} {
		d := open(t, func(g *gateway.Options, _ *api.Options) {
			g.Account = func(name string) gateway.Account {
				return gateway.Account{Name: name, Region: "FR", Senders: tc.policy}
			}
		})
		asked := message(`{"to":"+33639980001","text":"Bonjour Madame","connector":"ovh","sender":"` +
			tc.sender + `"}`)
		got := d.do(asked)
		if tc.code == "" {
			if got.StatusCode != http.StatusAccepted {
				t.Errorf("%s: %d, want 202", tc.sender, got.StatusCode)
			}
			continue
		}
		got.problem(http.StatusUnprocessableEntity, tc.code)
		if tc.code != "sender_invalid_character" {
			golden(t, tc.code+" "+tc.sender, transcript(asked)+got.transcript())
		}
	}
}

func TestSenderIsReplaced(t *testing.T) {
	d := open(t, func(g *gateway.Options, _ *api.Options) {
		g.Account = func(name string) gateway.Account {
			return gateway.Account{Name: name, Region: "FR", Sender: "MAIRIE", Senders: sender.Rules{
				Generic: []string{"info"}, Replace: true,
			}}
		}
	})
	for _, sender := range []string{"Info", "Mairie de Saint-Denis"} {
		asked := request{
			method: "POST", path: "/v1/messages/preview",
			body: `{"to":"+33639980001","text":"Bonjour Madame","sender":"` + sender + `"}`,
		}
		got := d.do(asked)
		golden(t, "sender replaced "+sender, transcript(asked)+got.transcript())
	}
}

func TestRefusalWithoutConnector(t *testing.T) {
	d := open(t, func(g *gateway.Options, _ *api.Options) { g.Instances = nil })
	got := d.do(message(good))
	got.problem(http.StatusUnprocessableEntity, "no_connector")
	golden(t, "no connector", transcript(message(good))+got.transcript())
}

func TestRefusalOfLateCancel(t *testing.T) {
	d := open(t)
	id := d.submit(`{"to":"+33639980001","text":"Bonjour Madame"}`).Messages[0].ID
	if _, err := d.store.Claim(t.Context(), lane.Claim{
		Connector: "ovh", Calls: 1, Batch: 1, Now: today.Add(time.Second),
	}); err != nil {
		t.Fatal(err)
	}
	got := d.post("/v1/messages/"+id.String()+"/cancel", "")
	got.problem(http.StatusConflict, "not_cancelable")
	golden(t, "cancel too late", transcript(
		request{method: "POST", path: "/v1/messages/ID/cancel"},
	)+got.transcript())
}

func TestRefusalsOfResolve(t *testing.T) {
	d := open(t)
	id := d.submit(`{"to":"+33639980001","text":"Bonjour Madame"}`).Messages[0].ID
	for name, r := range map[string]struct{ body, code string }{
		"resolve what is not in doubt":    {`{"outcome":"taken"}`, "not_uncertain"},
		"resolve with an unknown outcome": {`{"outcome":"maybe"}`, "resolution_unknown"},
	} {
		got := d.post("/v1/messages/"+id.String()+"/resolve", r.body)
		if got.StatusCode != http.StatusConflict && got.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("%s: status %d", name, got.StatusCode)
		}
		got.problem(got.StatusCode, r.code)
		golden(t, name, transcript(
			request{method: "POST", path: "/v1/messages/ID/resolve", body: r.body},
		)+got.transcript())
	}
}
