package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"relais/reason"
)

func codeOf(err error) string {
	if p, ok := errors.AsType[*refusal](err); ok {
		return p.reason.Code.Wire()
	}
	return ""
}

func TestSpelling(t *testing.T) {
	for _, tc := range []struct{ name, body, want string }{
		{"all in order", `{"to":["1","2"],"text":"a","metadata":{"a":"1","b":"2"},"sender":"S"}`, ""},
		{"spaces", " {\t\"to\" :\r\n\"1\" , \"text\" : \"a\" }\n", ""},
		{"empty object", `{}`, ""},
		{"null stands for absent", `{"to":"1","text":"a","sender":null,"metadata":null}`, ""},
		{"keys as values", `{"to":["text","text"],"text":"text"}`, ""},
		{"braces and escapes in strings", `{"text":"},{\"text\":\\","to":"[\"Text\""}`, ""},
		{"key written with an escape", `{"t\u006f":"1","text":"a"}`, ""},
		{"the same key in metadata as outside", `{"text":"a","metadata":{"text":"b"}}`, ""},
		{"metadata keys differ in case", `{"metadata":{"a":"1","A":"2"}}`, ""},
		{"surrogate pair", `{"text":"\ud83d\ude00"}`, ""},
		{"escaped backslash before u", `{"text":"\\ud83d"}`, ""},
		{"other case", `{"TO":"1","text":"a"}`, "unknown_field"},
		{"long s, which folds to s", `{"to":"1","\u017fender":"a"}`, "unknown_field"},
		{"twice", `{"to":"1","text":"a","to":"2"}`, "duplicate_field"},
		{"twice, the second with an escape", `{"to":"1","t\u006f":"2"}`, "duplicate_field"},
		{"twice after metadata", `{"to":"1","metadata":{},"to":"2"}`, "duplicate_field"},
		{"metadata key twice", `{"metadata":{"a":"1","\u0061":"2"}}`, "duplicate_field"},
		{"metadata twice", `{"metadata":{"a":"1"},"metadata":{"b":"2"}}`, "duplicate_field"},
		{"metadata null value", `{"metadata":{"a":null}}`, "wrong_type"},
		{"high half at the end", `{"text":"\ud83d"}`, "lone_surrogate"},
		{"low half", `{"text":"\ude00"}`, "lone_surrogate"},
		{"two high halves", `{"text":"\ud83d\ud83d\ude00"}`, "lone_surrogate"},
		{"high half before another escape", `{"text":"\ud83d\n"}`, "lone_surrogate"},
		{"half in a metadata key", `{"metadata":{"\ud83d":"a"}}`, "lone_surrogate"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var r SubmitRequest
			if got := codeOf(decode([]byte(tc.body), &r, submitKeys)); got != tc.want {
				t.Errorf("decode: code %q, want %q", got, tc.want)
			}
		})
	}
}

// asStruct is the body of a submission, read by its type.
type asStruct SubmitRequest

// What is read without asking for types is read as by them, whatever the body.
func checkPlain(t *testing.T, body []byte) {
	t.Helper()
	var plain SubmitRequest
	var full asStruct
	got, want := decode(body, &plain, submitKeys), decode(body, &full, submitKeys)
	if codeOf(got) != codeOf(want) {
		t.Fatalf("%s: %v, want %v", body, got, want)
	}
	if diff := cmp.Diff(SubmitRequest(full), plain); want == nil && diff != "" {
		t.Fatalf("%s (-want +got):\n%s", body, diff)
	}
}

func TestPlainBodies(t *testing.T) {
	whole := `{"to":"1","text":"a"}`
	for _, key := range submitKeys.Names {
		for _, value := range []string{`"a"`, `"\u00e9\n"`, `"\ud83d"`, "\"\u2028\xe9\"", "\"a\nb\"", `""`, `null`, `1`, `["a","b"]`, `[]`, `["a",]`, `{}`, `{"a":"b"}`, `{"a":"b","a":"c"}`, `{"a":1}`, `[["a"]]`} {
			checkPlain(t, []byte(`{"`+key+`": `+value+`}`))
			checkPlain(t, []byte(` {"`+key+`":`+value+` , "`+key+`":`+value+`}`))
		}
	}
	for i := range whole {
		checkPlain(t, []byte(whole[:i]))
		checkPlain(t, []byte(whole[:i]+","+whole[i:]))
	}
	for _, body := range []string{whole + " \n", whole + "{}", `[` + whole + `]`, `{"To":"1"}`, `{"t\u006f":"1"}`, `{"":"1"}`} {
		checkPlain(t, []byte(body))
	}
}

func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		`{"to":"+33639980001","text":"Bonjour"}`, `{"to":["1",2],"text":null}`,
		`{"Text":"a"}`, `{"text":"\ud800"}`,
		`{"metadata":{"a":"1","a":null}}`, "\xEF\xBB\xBF{}", `[[[[`, `{"a":1}{`, "{\"\xff\":1}", `null`,
		`{"\"":1}`, `{"to":"\u12"}`,
		`{"metadata":{"a":{}}}`, `{"send_at":"2026-03-02T09:00:00Z","valid_for":"1h"}`, ``,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		before := bytes.Clone(body)
		checkPlain(t, body)
		s, _, err := submissionOf(body)
		if !bytes.Equal(before, body) {
			t.Fatal("the body was changed: the idempotency key hashes it")
		}
		if err == nil {
			checkTaken(t, body, s.Text)
			return
		}
		refused, ok := errors.AsType[*refusal](err)
		if !ok {
			t.Fatalf("%v is no refusal", err)
		}
		p := refused.in(reason.English)
		if !slices.Contains(titled(problemTitle), p.Code) || p.Status/100 != 4 || p.Detail == "" {
			t.Fatalf("%v is no problem with a listed code", err)
		}
		for _, at := range p.Errors {
			if at.Position < 0 || at.Position > len(body)+1 || at.Line > at.Position ||
				at.Column > at.Position {
				t.Fatalf("position %d, line %d, column %d in %d bytes",
					at.Position, at.Line, at.Column, len(body))
			}
		}
		if _, err := json.Marshal(p); err != nil {
			t.Fatal(err)
		}
	})
}

// checkTaken reads a body that was taken in another way: as a bare map, where
// keys are as they are spelt.
func checkTaken(t *testing.T, body []byte, text string) {
	t.Helper()
	var plain map[string]any
	if err := json.Unmarshal(body, &plain); err != nil {
		t.Fatalf("taken, though it is no object: %v", err)
	}
	for key := range plain {
		if !submitKeys.Has(key) {
			t.Fatalf("taken with the key %q", key)
		}
	}
	if want, _ := plain["text"].(string); want != text {
		t.Fatalf("text %q, want %q", text, want)
	}
}

func BenchmarkDecode(b *testing.B) {
	many := `{"to":["+33639980001"` + strings.Repeat(`,"+33639980001"`, 9_999) + `],"text":"Bonjour"}`
	for _, bc := range []struct{ name, body string }{
		{"one recipient", `{"to":"+33639980001","text":"Bonjour Madame, votre rendez-vous est confirmé.","class":"otp"}`},
		{"10000 recipients", many},
	} {
		body := []byte(bc.body)
		b.Run(bc.name+"/decode", func(b *testing.B) {
			for b.Loop() {
				if _, _, err := submissionOf(body); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
