package plaintext_test

import (
	"strings"
	"testing"

	"relais/plaintext"
	"relais/reason"
)

func TestNoObject(t *testing.T) {
	const object = `{"to":"x"}`
	for _, test := range []struct{ name, body, want string }{
		{"an object", object, ""},
		{"nothing", " \r\n", "the body is empty"},
		{"a form", "to=x", "a form (application/x-www-form-urlencoded)"},
		{"a form in parts", "--b\r\n", "a form in parts"},
		{"base64", "eyJ0byI6IngifQ==", "in base64"},
		{"XML", "<sms/>", "XML or HTML"},
		{"compressed", "\x1f\x8b\x08", "compressed"},
		{"UTF-16", "{\x00\"\x00", "UTF-16; send UTF-8"},
		{"UTF-32", "{\x00\x00\x00\"\x00\x00\x00", "UTF-32; send UTF-8"},
		{"UTF-32 with its mark", "\xff\xfe\x00\x00{\x00\x00\x00", "UTF-32; send UTF-8"},
		{"Latin-1", "{\"to\":\"\xe9\"}", "not valid UTF-8"},
		{"a byte order mark", "\ufeff" + object, "byte order mark"},
		{"encoded twice", `"{\"to\":\"x\"}"`, "not a JSON string. It was encoded twice"},
		{"a list", `[` + object + `]`, "not a JSON array"},
		{"null", `null`, "not a JSON null"},
		{"a number", `4`, "not a JSON number"},
		{"CSV", "to,text\n1,2\n", "plain text, or of another format"},
		{"NaN", `{"to":NaN}`, "JSON has no NaN"},
		{"single quotes", `{'to':'x'}`, "double quotes, not single ones"},
		{"cut", `{"to":"x"`, "ends too early"},
		{"two objects", object + object, "more after the JSON object"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := reason.Clause(plaintext.NoObject([]byte(test.body)).In(reason.English))
			if (got == "") != (test.want == "") || !strings.Contains(got, test.want) {
				t.Errorf("%q, want %q", got, test.want)
			}
			if got != "" && (!strings.HasPrefix(got, "the") || strings.HasSuffix(got, ".")) {
				t.Errorf("%q is no clause", got)
			}
		})
	}
}
