package sfrdmc

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseReply(t *testing.T) {
	for _, tc := range []struct {
		name, body string
		want       reply
		wantErr    bool
	}{
		{"id", `{"success":true,"response":3104450001}`, reply{value: []byte("3104450001")}, false},
		{"blanks around", "\n {\"success\":true,\"response\":1} \r\n", reply{value: []byte("1")}, false},
		{"success without value", `{"success":true}`, reply{}, false},
		{"refusal", `{"success":false,"errorCode":"X","errorDetail":"y","fatal":true,"invalidParams":true}`, reply{refusal: &refusal{"X", "y", true}}, false},
		{"refusal without more", `{"success":false}`, reply{refusal: &refusal{}}, false},
		{"refusal with a numeric code", `{"success":false,"errorCode":303}`, reply{refusal: &refusal{code: "303"}}, false},
		{"refusal with quoted flags", `{"success":false,"invalidParams":"true"}`, reply{refusal: &refusal{invalidParams: true}}, false},
		{"refusal with nulls", `{"success":false,"errorCode":null,"errorDetail":null}`, reply{refusal: &refusal{}}, false},
		{"refusal with odd details", `{"success":false,"errorCode":["X"],"errorDetail":{"y":1}}`, reply{refusal: &refusal{}}, false},
		{"KO", "KO", reply{refusal: &refusal{}}, false},
		{"KO and a line end", "KO\n", reply{refusal: &refusal{}}, false},
		{"KO with a reason", "KO<raison>", reply{refusal: &refusal{code: "raison"}}, false},
		{"KO with code and null", "KO<authentication_failed:{null}>", reply{refusal: &refusal{code: "authentication_failed"}}, false},
		{"KO with code and detail", "KO<empty_dmcServiceName:{dmcServiceName vide}>", reply{refusal: &refusal{code: "empty_dmcServiceName", detail: "dmcServiceName vide"}}, false},
		{"KO that is cut", "KO<authentication_fai", reply{}, true},
		{"another word", "KOALA", reply{}, true},
		{"OK", "OK<6650f2a1c4e8d90b7a31e5f2>", reply{}, true},
		{"no flag", `{"response":3104450001}`, reply{}, true},
		{"null flag", `{"success":null,"response":1}`, reply{}, true},
		{"flag as a word", `{"success":"true","response":1}`, reply{}, true},
		{"flag as a number", `{"success":1,"response":1}`, reply{}, true},
		{"cut", `{"success":true,"response":31044`, reply{}, true},
		{"two answers", `{"success":true,"response":1}{"success":false}`, reply{}, true},
		{"HTML", "<html><body>Erreur</body></html>", reply{}, true},
		{"empty", "", reply{}, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := parseReply([]byte(tc.body))
			if (err != nil) != tc.wantErr {
				t.Fatalf("error = %v, want one: %t", err, tc.wantErr)
			}
			if diff := cmp.Diff(tc.want, got, cmp.AllowUnexported(reply{}, refusal{})); diff != "" {
				t.Errorf("reply (-want +got):\n%s", diff)
			}
		})
	}
}

func TestReadBatch(t *testing.T) {
	for _, tc := range []struct {
		name, value string
		want        []string // ids; empty for doubt
		wantErr     bool
	}{
		{"ids", `[3104450001,3104450002,9223372036854775807]`, []string{"3104450001", "3104450002", "9223372036854775807"}, false},
		{"null", `[3104450001,null,3104450003]`, []string{"3104450001", "", "3104450003"}, false},
		{"an error message", `["mauvais",3104450002,3104450003]`, []string{"", "3104450002", "3104450003"}, false},
		{"zero, negative, too big", `[0,-1,9223372036854775808]`, []string{"", "", ""}, false},
		{"fractions and powers", `[1.5,1e9,true]`, []string{"", "", ""}, false},
		{"too few", `[3104450001]`, nil, true},
		{"too many", `[1,2,3,4]`, nil, true},
		{"none", `[]`, nil, true},
		{"no list", `3104450001`, nil, true},
		{"a page", `{"list":[1,2,3],"total":3}`, nil, true},
		{"nothing", ``, nil, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			outcomes, err := readBatch([]byte(tc.value), 3)
			if (err != nil) != tc.wantErr {
				t.Fatalf("error = %v, want one: %t", err, tc.wantErr)
			}
			var got []string
			for n, outcome := range outcomes {
				got = append(got, outcome.ProviderID)
				if (outcome.Err == nil) != (outcome.ProviderID != "") {
					t.Errorf("outcome %d is %+v, want an id or an error", n, outcome)
				}
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("ids (-want +got):\n%s", diff)
			}
		})
	}
}

// Whatever DMC says, an answer is a value, a refusal or an error that repeats
// nothing; and what is cut from a good answer is never good.
func FuzzParseReply(f *testing.F) {
	f.Add([]byte(`{"success":true,"response":[3104450001,3104450002]}`))
	f.Add([]byte(`{"success":false,"errorCode":"invalid_parameter","errorDetail":"to","invalidParams":true}`))
	f.Add([]byte("KO<authentication_failed:{null}>"))
	f.Add([]byte("<html>"))
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := parseReply(body)
		if err != nil {
			if !errors.Is(err, errUnreadable) {
				t.Errorf("error = %v, want the one that repeats nothing", err)
			}
			return
		}
		if got.refusal != nil && got.value != nil {
			t.Errorf("%q is a value and a refusal", body)
		}
		whole := bytes.TrimSpace(body)
		if cut, err := parseReply(whole[:len(whole)-1]); err == nil && cut.refusal == nil {
			t.Errorf("%q is a success without its last byte", body)
		}
		outcomes, err := readBatch(got.value, 2)
		if err == nil && len(outcomes) != 2 {
			t.Errorf("%q gives %d outcomes for 2 messages", body, len(outcomes))
		}
		for _, outcome := range outcomes {
			if outcome.Err == nil && !digitsForm.MatchString(outcome.ProviderID) {
				t.Errorf("%q gives the id %q", body, outcome.ProviderID)
			}
		}
	})
}

func FuzzRedact(f *testing.F) {
	f.Add("numéro +33 6 39 98 01 01, texte Votre code", "Votre code est 4821")
	f.Fuzz(func(t *testing.T, words, text string) {
		got := redactor{secrets: []string{"k7Rw2pQz"}, texts: []string{text}}.redact(words)
		if strings.Contains(got, "k7Rw2pQz") {
			t.Errorf("%q shows the secret", got)
		}
		if longDigits.MatchString(got) {
			t.Errorf("%q shows a number", got)
		}
		if len([]rune(got)) > longestDetail+1 {
			t.Errorf("%q is too long", got)
		}
	})
}
