package api_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"relais/api"
	"relais/gateway"
	"relais/sms"
	"relais/typography"
)

func withTypography(p typography.Policy) setting {
	return func(g *gateway.Options, _ *api.Options) {
		g.Account = func(name string) gateway.Account {
			return gateway.Account{Name: name, Region: "FR", Typography: p}
		}
	}
}

const feast = "Fête de l'œuvre à 20\u00a0h\u202f: 5\u00a0€"

func bodyOf(t *testing.T, text string) string {
	t.Helper()
	body, err := json.Marshal(map[string]string{"to": "+33639980001", "text": text})
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func TestPreviewTellsWhatCharactersCost(t *testing.T) {
	for _, language := range []string{"en", "fr"} {
		t.Run(language, func(t *testing.T) {
			r := request{method: "POST", path: "/v1/messages/preview", body: bodyOf(
				t, feast+" "+strings.Repeat("Venez nombreux. ", 4),
			), header: map[string]string{"Accept-Language": language}}
			got := open(t, withTypography(typography.GSM), priced(t)).do(r)
			got.as(http.StatusOK, &api.PreviewAnswer{})
			golden(t, "preview of the feast in "+language, transcript(r)+got.transcript())
		})
	}
}

// TestTypography sends what a preview tells: keep leaves the text, gsm replaces what
// costs, and the timeline says it.
func TestTypography(t *testing.T) {
	for _, tc := range []struct {
		name     string
		policy   typography.Policy
		text     string
		want     string
		encoding sms.Encoding
		code     string
	}{
		{"kept", typography.Keep, feast, feast, sms.UCS2, ""},
		{"replaced", typography.GSM, feast, "Fete de l'oeuvre à 20 h : 5 €", sms.GSM7, "text_replaced"},
		{"spaces in quotes", typography.GSM, "« a »", "\"a\"", sms.GSM7, "text_replaced"},
		{"a capital", typography.GSM, "À 5 €", "A 5 €", sms.GSM7, "text_replaced"},
		{"nothing that costs", typography.GSM, "été à 5 €", "été à 5 €", sms.GSM7, ""},
		{"no replacement", typography.GSM, "œuvre 👍", "œuvre 👍", sms.UCS2, "text_kept"},
		{"a dose", typography.GSM, "Prenez 2½ comprimés", "Prenez 2½ comprimés", sms.UCS2, "text_kept"},
		{"degrees", typography.GSM, "38 °C", "38 °C", sms.UCS2, "text_kept"},
		{"a byte order mark", typography.Keep, "\ufeffœuvre", "œuvre", sms.UCS2, "text_mark"},
		{"nothing would be left", typography.GSM, "\u200b", "\u200b", sms.UCS2, ""},
		{"spaces alone", typography.Keep, "à 20\u00a0h\u202f: 5\u00a0€", "à 20 h : 5 €", sms.GSM7, "text_spaces"},
		{"it would take more segments", typography.GSM, strings.Repeat("™", 60), strings.Repeat("™", 60), sms.UCS2, "text_kept"},
		{"accents apart", typography.Keep, "e\u0301te\u0301", "été", sms.GSM7, "text_composed"},
		{"line ends", typography.Keep, "a\r\nb\rc", "a\nb\nc", sms.GSM7, "text_line_ends"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			d := open(t, withTypography(tc.policy))
			var preview api.PreviewAnswer
			d.post("/v1/messages/preview", bodyOf(t, tc.text)).as(http.StatusOK, &preview)
			var m api.MessageWithTimeline
			d.get("/v1/messages/"+d.submit(bodyOf(t, tc.text)).Messages[0].ID.String()).as(http.StatusOK, &m)
			if m.Text != tc.want || m.Encoding != tc.encoding {
				t.Errorf("%q in %s was stored, want %q in %s", m.Text, m.Encoding, tc.want, tc.encoding)
			}
			if diff := cmp.Diff(preview.Messages[0].Decisions, m.Decisions); diff != "" {
				t.Errorf("decisions (-preview +timeline):\n%s", diff)
			}
			encoding := m.Decisions[slices.IndexFunc(m.Decisions, func(d api.Decision) bool {
				return d.Code == "encoding"
			})]
			if strings.Contains(encoding.Detail, "would take 0") ||
				strings.Contains(encoding.Detail, "1 segment. Without them it would take 2") {
				t.Errorf("the decision about the encoding is %q", encoding.Detail)
			}
			if strings.Contains(tc.text, "« ") {
				told := slices.ContainsFunc(m.Decisions, func(d api.Decision) bool {
					return strings.HasSuffix(d.Detail,
						"« by \", the space inside « » taken out (2 times), » by \".")
				})
				if !told {
					t.Errorf("nothing tells of the space: %v", m.Decisions)
				}
			}
			about := slices.DeleteFunc(slices.Clone(m.Decisions), func(d api.Decision) bool {
				return d.Code[:4] != "text"
			})
			if tc.code == "" && len(about) > 0 || tc.code != "" &&
				(len(about) != 1 || about[0].Code != tc.code) {
				t.Errorf("decisions about the text are %v, want %q", about, tc.code)
			}
		})
	}
}

// What somebody else lost cannot be given back, but is told; what stays is named.
func TestTextsThatAreTold(t *testing.T) {
	d := open(t, withTypography(typography.GSM))
	var preview api.PreviewAnswer
	d.post("/v1/messages/preview", bodyOf(t, "R\ufffdunion")).as(http.StatusOK, &preview)
	damaged := slices.ContainsFunc(preview.Warnings, func(w api.Warning) bool {
		return w.Code == "text_damaged" && strings.HasPrefix(w.Detail, "Character 2 is U+FFFD")
	})
	if !damaged {
		t.Errorf("warnings %v", preview.Warnings)
	}
	d.post("/v1/messages/preview", bodyOf(t, "Prenez 2½ à 38 °C")).as(http.StatusOK, &preview)
	kept := slices.ContainsFunc(preview.Messages[0].Decisions, func(d api.Decision) bool {
		return d.Code == "text_kept" &&
			strings.HasSuffix(
				d.Detail, "says the same as '½' (U+00BD) at character 9, '°' (U+00B0) at character 16.",
			)
	})
	if !kept {
		t.Errorf("decisions %v", preview.Messages[0].Decisions)
	}
	if preview.Text.GSM != nil || preview.Text.Costly[0].Instead != nil {
		t.Errorf("advice %+v", preview.Text)
	}
}
