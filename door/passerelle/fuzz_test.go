package passerelle

import (
	"strings"
	"testing"
	"unicode/utf8"

	"relais/sms"
)

func FuzzParseOrder(f *testing.F) {
	f.Add([]byte(`{"message":"a","from":"M","to":["0639980001"],"counter":null}`))
	f.Add([]byte(`{"message":"a","from":"M","to":["0639980001",null]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		o, refused := parseOrder(body)
		switch {
		case refused != nil && (refused.status < 400 || refused.desc == ""):
			t.Errorf("refusal %+v", refused)
		case refused == nil && !utf8.ValidString(o.message+o.from+o.counter):
			t.Error("a text that is no UTF-8")
		}
	})
}

// FuzzParseSigned: what is signed is the beginning of the query, byte for byte,
// and everything else of it is the signature.
func FuzzParseSigned(f *testing.F) {
	f.Add("nostop=1&orig=a&algo=sha256&timestamp=2025-01-15T08%3A30%3A00Z&nonce=b&signature=YQ%3D%3D")
	f.Add("signature=YQ==")
	f.Fuzz(func(t *testing.T, query string) {
		s, wrong := parseSigned(query)
		if wrong != "" {
			return
		}
		value, whole := strings.CutPrefix(query, s.text+"&signature=")
		if !whole || strings.Contains(value, "&") || !isSigned(query) || s.orig == "" || s.nonce == "" ||
			s.algorithm == nil {
			t.Errorf("%q gives %+v", query, s)
		}
	})
}

// FuzzCleanSender: the gateway takes what is left of any sender.
func FuzzCleanSender(f *testing.F) {
	for _, from := range []string{"Mairie d’Été", "+33 6 12 34 56 78", "36", "+", " a ", "市"} {
		f.Add(from)
	}
	f.Fuzz(func(t *testing.T, from string) {
		cleaned, note := cleanSender(from)
		if (string(cleaned) != from) != (note != nil) {
			t.Errorf("%q became %q with the note %v", from, cleaned, note)
		}
		if !possible(cleaned) || strings.TrimSpace(string(cleaned)) != string(cleaned) ||
			plain(string(cleaned)) != string(cleaned) {
			t.Errorf("%q became %q", from, cleaned)
		}
		if cleaned.Kind() == sms.Alphanumeric && len(cleaned) > sms.MaxSenderName {
			t.Errorf("%q became %q, which is too long", from, cleaned)
		}
	})
}
