package httpapi

import (
	"strings"
	"testing"

	"relais/reason"
)

// whole is a declaration without a mistake; each case changes one thing of it.
const whole = `version = 1
title = "Operator"
base_url = "https://api.operator.example"
wants = ["key"]
[auth]
kind = "bearer"
value = "{key}"
[words.class]
otp = "a"
transactional = "b"
marketing = "c"
[send]
path = "/send/{ref}"
query = { kind = "{class}" }
headers = { X-Ref = "{ref}" }
body = "form"
fields = { to = "{to}", text = "{text}", cb = "{callback}/dlr" }
answers = "text"
pattern = '^(?P<code>[0-9]+) (?P<id>[a-z]+)$'
[[send.rule]]
where = { code = "0" }
then = "taken"
id = "id"
[[send.rule]]
status = 400
then = "rejected"
code = "code"
[receipts]
path = "/dlr"
method = "GET"
id = "id"
status = "st"
at = "date"
at_format = "yyyy-MM-dd"
zone = "Europe/Paris"
[receipts.states]
ok = "delivered"
no = "undelivered:absent"
[replies]
path = "/mo"
body = "json"
id = "/id"
from = "/from"
text = "/text"
[signature]
header = "X-Sig"
key = "{secret}"
over = ["header:X-Time", "url", "body"]
time = "header:X-Time"
[credit]
path = "/credit"
amount = "/left"
unit = "credits"
[lookup]
path = "/find"
query = { ref = "{ref}" }
where = { "/ref" = "{ref}" }
id = "/id"
`

func TestAWholeDeclarationIsTaken(t *testing.T) {
	if _, err := Parse([]byte(whole)); err != nil {
		t.Fatal(err)
	}
}

// Each slip is refused when the file is read, with its line, its key and what would be right.
func TestMistakesAreRefused(t *testing.T) {
	for _, tc := range []struct {
		name, old, changed string
		line               int
		key                string
		why                reason.Code
	}{
		{"no TOML", `title = "Operator"`, `title = Operator`, 2, "", whySyntax},
		{"a version in words", "version = 1", `version = "1"`, 1, "version", whyType},
		{"a list that is a word", `wants = ["key"]`, `wants = "key"`, 4, "wants", whyType},
		{"an unknown key", `wants = `, `want = `, 4, "want", whyUnknownKey},
		{"an unknown key of a rule", `status = 400`, `statuses = 400`, 25, "send.rule.statuses", whyUnknownKey},
		{"a value of another type", `path = "/send/{ref}"`, `path = 7`, 13, "send.path", whyType},
		{"a version to come", `version = 1`, `version = 2`, 1, "version", whyVersion},
		{"no version", "version = 1\n", "\n", 1, "version", whyVersion},
		{"no title", `title = "Operator"`, "", 1, "title", whyMissing},
		{"no address", `base_url = "https://api.operator.example"`, "", 1, "base_url", whyBaseURL},
		{"a placeholder in the host", `https://api.`, `https://{login}.`, 3, "base_url", whyHost},
		{"an address in the clear", `https://api`, `http://api`, 3, "base_url", whyPlain},
		{"a slash at the end", `operator.example"`, `operator.example/"`, 3, "base_url", whyBaseURL},
		{"a user in the address", `https://api`, `https://user:pass@api`, 3, "base_url", whyBaseURL},
		{"a query in the address", `operator.example"`, `operator.example?a=b"`, 3, "base_url", whyBaseURL},
		{"a setting that no section has", `["key"]`, `["token"]`, 4, "wants[0]", whyOneOf},
		{"an unknown kind of login", `"bearer"`, `"digest"`, 6, "auth.kind", whyOneOf},
		{"a login without a value", `value = "{key}"`, ``, 5, "auth.value", whyMissing},
		{"a login with a text of callers", `value = "{key}"`, `value = "{sender}"`, 7, "auth.value", whyHeaderPerson},
		{"a key that the login ignores", `value = "{key}"`, "value = \"{key}\"\nuser = \"x\"", 8, "auth.user", whyIdleKey},
		{"a word without target", `marketing = "c"`, ``, 8, "words.class", whyWordMissing},
		{"a target without word", `marketing = "c"`, "marketing = \"c\"\nadverts = \"d\"", 12, "words.class.adverts", whyWordUnknown},
		{"words for a text", `[words.class]`, `[words.text]`, 8, "words.text", whyWordsFor},
		{"a method of another kind", `path = "/send/{ref}"`, "path = \"/send/{ref}\"\nmethod = \"DELETE\"", 14, "send.method", whyOneOf},
		{"a path without a slash", `"/send/{ref}"`, `"send"`, 13, "send.path", whyPath},
		{"parameters in the path", `"/send/{ref}"`, `"/send?a=b"`, 13, "send.path", whyPath},
		{"a secret in the path", `"/send/{ref}"`, `"/send/{key}"`, 13, "send.path", whySecretURL},
		{"a secret in the query", `kind = "{class}" }`, `kind = "{secret}" }`, 14, "send.query.kind", whySecretURL},
		{"a placeholder that is none", `"/send/{ref}"`, `"/send/{reference}"`, 13, "send.path", whyPlaceholder},
		{"a brace alone", `kind = "{class}" }`, `kind = "{class" }`, 14, "send.query.kind", whyBrace},
		{"a text in a header", `X-Ref = "{ref}"`, `X-Ref = "{text}"`, 15, "send.headers.X-Ref", whyHeaderPerson},
		{"a name that is no header's", `X-Ref = "{ref}"`, `"X Ref" = "{ref}"`, 15, "send.headers.X Ref", whyHeaderName},
		{"two lines in a header", `X-Ref = "{ref}"`, `X-Ref = "a\r\nb"`, 15, "send.headers.X-Ref", whyHeaderName},
		{"a body of a GET", `body = "form"`, "body = \"form\"\nmethod = \"GET\"", 16, "send.body", whyBodyNone},
		{"fields without a body", `body = "form"`, ``, 12, "send.body", whyMissing},
		{"a table in a form", `text = "{text}"`, `text = { a = "{text}" }`, 17, "send.fields.text", whyNested},
		{"JSON in Latin-9", `body = "form"`, "body = \"json\"\ncharset = \"iso-8859-15\"", 17, "send.charset", whyCharsetJSON},
		{"an unknown charset", `body = "form"`, "body = \"form\"\ncharset = \"ebcdic\"", 17, "send.charset", whyOneOf},
		{
			"XML that does not end", `body = "form"` + "\n" + `fields = { to = "{to}", text = "{text}", cb = "{callback}/dlr" }`,
			"body = \"xml\"\nxml = '<a><to>{to}</a>'", 17, "send.xml", whyXML,
		},
		{
			"a placeholder as a name in XML", `body = "form"` + "\n" + `fields = { to = "{to}", text = "{text}", cb = "{callback}/dlr" }`,
			"body = \"xml\"\nxml = '<?a {to}?><a></a>'", 17, "send.xml", whyXMLPlace,
		},
		{"an address that leads nowhere", `{callback}/dlr`, `{callback}/receipt`, 17, "send.fields.cb", whyCallbackLost},
		{"a broken pattern", `'^(?P<code>[0-9]+) (?P<id>[a-z]+)$'`, `'^(?P<code>[0-9]+ (?P<id>[a-z]+)$'`, 19, "send.pattern", whyPattern},
		{"a pattern of exponential look", `[0-9]+) (`, `([0-9]+)*x) (`, 19, "send.pattern", whyPatternDeep},
		{"a pattern that takes everything", `'^(?P<code>[0-9]+) (?P<id>[a-z]+)$'`, `'(?P<code>[0-9]*)(?P<id>[a-z]*)'`, 19, "send.pattern", whyPatternWide},
		{"a pattern without end", `(?P<id>[a-z]+)$'`, `(?P<id>[a-z]+)` + strings.Repeat("x", 500) + `'`, 19, "send.pattern", whyPatternLong},
		{"a pattern of JSON", `answers = "text"`, `answers = "json"`, 19, "send.pattern", whyIdleKey},
		{"a group outside the pattern", `id = "id"` + "\n[[send.rule]]", `id = "number"` + "\n[[send.rule]]", 23, "send.rule[0].id", whyGroup},
		{"a path outside the answer", `amount = "/left"`, `amount = "left"`, 52, "credit.amount", whyPlace},
		{"a yes without an id", `id = "id"` + "\n[[send.rule]]", "[[send.rule]]", 20, "send.rule[0].id", whyTakenID},
		{"an id of a no", `code = "code"`, "code = \"code\"\nid = \"id\"", 28, "send.rule[1].id", whyIdleKey},
		{"a pattern of no id", `code = "code"`, "code = \"code\"\nid_pattern = \"[0-9]+\"", 28, "send.rule[1].id_pattern", whyIdleKey},
		{"a pattern that any id matches", `id = "id"` + "\n[[send.rule]]", "id = \"id\"\nid_pattern = \"[0-9]*\"\n[[send.rule]]", 24, "send.rule[0].id_pattern", whyPatternWide},
		{"nothing is a yes", `then = "taken"` + "\n" + `id = "id"`, `then = "rejected"`, 12, "send", whyNoTaken},
		{"nobody to send to", `to = "{to}"`, `to = "33639980001"`, 12, "send", whyNoTo},
		{"nothing to send", `text = "{text}"`, `text = "Bonjour"`, 12, "send", whyNoText},
		{"a rule without a word", `then = "rejected"` + "\n", "\n", 24, "send.rule[1].then", whyMissing},
		{"an unknown word", `then = "rejected"`, `then = "refused"`, 26, "send.rule[1].then", whyOneOf},
		{"no status", `status = 400`, `status = 4000`, 25, "send.rule[1].status", whyStatus},
		{"a rule that takes all", `status = 400` + "\n", "\n", 24, "send.rule[1]", whyOpenRule},
		{"a rule that is never reached", `status = 400`, "status = 400\nwhere = { code = \"0\" }", 24, "send.rule[1]", whyUnreachable},
		{"a condition that is none", `where = { code = "0" }`, `where = { code = { is = "0" } }`, 21, "send.rule[0].where.code", whyCondition},
		{"a condition with a text", `where = { code = "0" }`, `where = { code = "{text}" }`, 21, "send.rule[0].where.code", whyCondition},
		{"receipts that find nothing", "id = \"id\"\nstatus = \"st\"", `status = "st"`, 28, "receipts", whyMatch},
		{"receipts without a status", `status = "st"` + "\n", "\n", 28, "receipts.status", whyMissing},
		{"an end that is none", `ok = "delivered"`, "ok = \"delivered\"\nko = \"lost\"", 38, "receipts.states.ko", whyState},
		{"a reason that is none", `undelivered:absent`, `undelivered:asleep`, 38, "receipts.states.no", whyReason},
		{"nothing is delivered", `ok = "delivered"`, `ok = "stays"`, 36, "receipts.states", whyNeverDelivered},
		{"a time without a form", `at_format = "yyyy-MM-dd"` + "\n", "\n", 28, "receipts.at_format", whyMissing},
		{"a form of no time", `"yyyy-MM-dd"`, `"%Y-%m-%d"`, 34, "receipts.at_format", whyTime},
		{"a zone that is none", `Europe/Paris`, `Europe/Lutetia`, 35, "receipts.zone", whyZone},
		{"a key of replies in receipts", `status = "st"`, "status = \"st\"\nfrom = \"from\"", 33, "receipts.from", whyIdleKey},
		{"a reply without a number", `from = "/from"` + "\n", "\n", 39, "replies.from", whyMissing},
		{"replies that cannot be told apart", "id = \"/id\"\nfrom", "from", 39, "replies", whySame},
		{"a signature over nothing known", `"body"]`, `"words"]`, 48, "signature.over[2]", whySignaturePart},
		{"a time that is not signed", `"header:X-Time", "url"`, `"url"`, 48, "signature.over", whySignaturePart},
		{"a signature that leaves the body out", `"url", "body"]`, `"url"]`, 48, "signature.over", whySignatureOpen},
		{"a signature that leaves the query out", `"url", "body"]`, `"body"]`, 48, "signature.over", whySignatureOpen},
		{"a signature over a form, and JSON is pushed", `"url", "body"]`, `"url", "form", "body"]`, 48, "signature.over", whySignatureForm},
		{"a header that is read and not signed", `text = "/text"`, `text = "header:X-Text"`, 48, "signature.over", whySignatureOpen},
		{"how many parts, and not which", `status = "st"`, "status = \"st\"\nparts = \"n\"", 28, "receipts.part", whyMissing},
		{"one number, of a secret", `wants = ["key"]`, "wants = [\"key\"]\nonly_to = \"{key}\"", 5, "only_to", whyOneOf},
		{"a signature in no place", `header = "X-Sig"` + "\n", "\n", 45, "signature.header", whySignaturePlace},
		{"a signature in two places", `header = "X-Sig"`, "header = \"X-Sig\"\nparameter = \"sig\"", 46, "signature.header", whySignaturePlace},
		{"a token about nothing", "over = [\"header:X-Time\", \"url\", \"body\"]\ntime = \"header:X-Time\"", `kind = "jwt-hs256"`, 45, "signature.body_claim", whyMissing},
		{"a claim of no token", `header = "X-Sig"`, "header = \"X-Sig\"\nurl_claim = \"a\"", 47, "signature.url_claim", whyIdleKey},
		{"a list in a form", `method = "GET"`, "method = \"GET\"\neach = \"/a\"", 31, "receipts.each", whyIdleKey},
		{"a credit without a unit", "unit = \"credits\"\n", "\n", 50, "credit.unit", whyMissing},
		{"a lookup that proves nothing", `where = { "/ref" = "{ref}" }` + "\n", "\n", 54, "lookup.where", whyMissing},
		{"a header of the connection", `X-Ref = "{ref}"`, `host = "{ref}"`, 15, "send.headers.host", whyHeaderOurs},
		{"a key in the length", "kind = \"bearer\"", "kind = \"header\"\nheader = \"Content-Length\"", 7, "auth.header", whyHeaderOurs},
		{"a title of two lines", `title = "Operator"`, `title = "Oper\nator"`, 2, "title", whyTitle},
		{"a country in words", `title = "Operator"`, "title = \"Operator\"\ncountry = \"France\"", 3, "country", whyCountry},
		{"a query with its mark", `path = "/mo"`, "path = \"/mo\"\nquery = \"?in=1\"", 41, "replies.query", whySetQuery},
		{"a port that is none", `operator.example"`, `operator.example:0"`, 3, "base_url", whyBaseURL},
		{"a port too high", `operator.example"`, `operator.example:65536"`, 3, "base_url", whyBaseURL},
		{"a path that begins twice", `"/send/{ref}"`, `"//send/{ref}"`, 13, "send.path", whyPath},
		{"a path that goes up", `"/send/{ref}"`, `"/send/../{ref}"`, 13, "send.path", whyPath},
		{"a list of no status", `status = 400`, `status = []`, 25, "send.rule[1].status", whyStatus},
		{"a list of no values", `where = { code = "0" }`, `where = { code = [] }`, 21, "send.rule[0].where.code", whyCondition},
		{"calls without end", `title = "Operator"`, "title = \"Operator\"\ncalls_per_second = 1e300", 3, "calls_per_second", whyAboveZero},
		{"calls that are no number", `title = "Operator"`, "title = \"Operator\"\ncalls_per_second = nan", 3, "calls_per_second", whyAboveZero},
		{"calls at once below zero", `title = "Operator"`, "title = \"Operator\"\nconcurrency = -1", 3, "concurrency", whyAboveZero},
		{"calls below zero", `title = "Operator"`, "title = \"Operator\"\ncalls_per_second = -1", 3, "calls_per_second", whyAboveZero},
		{"a wait without end", `title = "Operator"`, "title = \"Operator\"\ntimeout = \"2h\"", 3, "timeout", whyDuration},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if !strings.Contains(whole, tc.old) {
				t.Fatalf("nothing to change: %s", tc.old)
			}
			_, err := Parse([]byte(strings.Replace(whole, tc.old, tc.changed, 1)))
			m := mistakeOf(err, tc.why)
			if m == nil {
				t.Fatalf("no mistake %s: %v", tc.why, err)
			}
			if m.Line != tc.line || tc.key != "" && m.Key != tc.key {
				t.Errorf("it is at line %d, key %s; want line %d, key %s", m.Line, m.Key, tc.line, tc.key)
			}
			for _, language := range []reason.Language{reason.English, "fr"} {
				if said := m.Reason.In(language); said == "" || strings.Contains(said, string(tc.why)) {
					t.Errorf("it has no sentence in %s: %q", language, said)
				}
			}
		})
	}
}

func mistakeOf(err error, why reason.Code) *MistakeError {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return nil
	}
	for _, one := range joined.Unwrap() {
		if m, ok := one.(*MistakeError); ok && m.Reason.Code == why { //nolint:errorlint // Parse joins them as they are
			return m
		}
	}
	return nil
}

// All mistakes are told at once, in the order of the file.
func TestMistakesAreToldTogether(t *testing.T) {
	text := strings.NewReplacer(`kind = "bearer"`, `kind = "digest"`, `undelivered:absent`, `lost`, `"/left"`, `"left"`).Replace(whole)
	_, err := Parse([]byte(text))
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok || len(joined.Unwrap()) < 3 {
		t.Fatalf("want three mistakes, got %v", err)
	}
	last := 0
	for _, one := range joined.Unwrap() {
		m := one.(*MistakeError) //nolint:errorlint // Parse joins them as they are
		if m.Line < last {
			t.Errorf("line %d is told behind line %d", m.Line, last)
		}
		last = m.Line
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(whole))
	for _, name := range Presets() {
		text, _ := Preset(name)
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		d, err := Parse(text)
		if (d == nil) == (err == nil) {
			t.Errorf("a declaration and an error, or neither: %v", err)
		}
	})
}
