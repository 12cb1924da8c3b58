package sfrdmc_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"relais/connector"
	"relais/connector/sfrdmc"
	"relais/sms"
)

func faultWord(err error) string {
	if err == nil {
		return "none"
	}
	return connector.FaultOf(err).String()
}

// refusedWith submits a message to an operator that refuses it so.
func refusedWith(t *testing.T, text, answer string) error {
	t.Helper()
	o := newOperator(t, map[string]string{"addSingleCall": answer})
	outcomes, err := o.connect(t, nil).Submit(t.Context(), []sms.Message{message(text)})
	if err == nil {
		t.Fatalf("Submit = %+v, want an error", outcomes)
	}
	return err
}

func refusal(code, detail string, invalidParams bool) string {
	b, err := json.Marshal(map[string]any{
		"success": false, "errorCode": code, "errorDetail": detail, "fatal": true,
		"invalidParams": invalidParams,
	})
	if err != nil {
		panic(err) // strings and booleans only
	}
	return string(b)
}

// Every code that a source names: DMC developer guide v1.7, 1.1.5.5, and the
// observed ones. Upper and lower case count the same.
func TestEveryKnownCode(t *testing.T) {
	for _, tc := range []struct{ name, code, want string }{
		{"guide", "no_service_found", "blocked"},
		{"guide", "no_space_found", "blocked"},
		{"guide", "option_not_present", "blocked"},
		{"guide", "option_quota_overflowed", "blocked"},
		{"guide", "parametres_inconsistants", "rejected"},
		{"guide", "invalid_parameter", "rejected"},
		{"guide", "can_not_delete_has_child", "rejected"},
		{"guide", "corruption_base", "rejected"},
		{"guide", "invalid_wave_format", "rejected"},
		{"observed", "BEANPARAMETER_REQUIRED", "rejected"},
		{"observed", "AUTHENTICATION_FAILED", "blocked"},
		{"observed", "empty_dmcServiceName", "blocked"},
		{"observed", "Invalid JSON", "rejected"},
	} {
		for _, code := range []string{tc.code, strings.ToUpper(tc.code), strings.ToLower(tc.code)} {
			t.Run(tc.name+" "+code, func(t *testing.T) {
				for _, answer := range []string{refusal(code, "", false), refusal(code, "", true), "KO<" + code + ":{null}>", "KO<" + code + ">"} {
					err := refusedWith(t, "texte", answer)
					if got := faultWord(err); got != tc.want {
						t.Errorf("fault of %s = %s, want %s", answer, got, tc.want)
					}
					if got := connector.CodeOf(err); got != code {
						t.Errorf("code of %s = %q, want %q", answer, got, code)
					}
				}
			})
		}
	}
}

func TestParameterRefusals(t *testing.T) {
	for _, tc := range []struct {
		name, code, detail string
		invalidParams      bool
		want               string
	}{
		{"known, names a field", "BEANPARAMETER_REQUIRED", "Dans l'objet messageUnitaire le paramètre textMsg est requis", true, "rejected"},
		{"known, names the credentials", "BEANPARAMETER_REQUIRED", "Dans l'objet authenticate le paramètre serviceId est requis", true, "blocked"},
		{"known, names the space", "invalid_parameter", "spaceId", true, "blocked"},
		{"known, names the space in French", "corruption_base", "l'espace 70145 n'existe pas", false, "blocked"},
		{"known, names the message before the service", "invalid_parameter", "messageUnitaire.from inconnu du service", true, "rejected"},
		{"unknown, names a field", "bad_value", "textMsg", true, "rejected"},
		{"unknown, names the number", "bad_value", "to", true, "rejected"},
		{"unknown, names the space", "bad_value", "Unknown space", true, "blocked"},
		{"unknown, names nothing", "bad_value", "valeur refusée", true, "temporary"},
		{"unknown, nothing at all", "", "", false, "temporary"},
		{"unknown, not about parameters", "busy", "service indisponible", false, "temporary"},
		{"blanks in a number are not the space", "invalid_parameter", "espaces interdits", true, "rejected"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := faultWord(
				refusedWith(t, "texte", refusal(tc.code, tc.detail, tc.invalidParams)),
			); got != tc.want {
				t.Errorf("fault = %s, want %s", got, tc.want)
			}
		})
	}
}

// The word "service" of a text must not pause the lane.
func TestTextDoesNotDecide(t *testing.T) {
	text := "Votre service vous attend"
	err := refusedWith(t, text, refusal("invalid_parameter", "texte refusé : "+text, true))
	if got := faultWord(err); got != "rejected" {
		t.Errorf("fault = %s, want rejected: %v", got, err)
	}
}

func TestObservedRefusal(t *testing.T) {
	err := refusedWith(t, "texte", testdata(t, "refused.json"))
	e, ok := errors.AsType[*connector.Error](err)
	if !ok {
		t.Fatalf("error = %v, want a *connector.Error", err)
	}
	if e.Fault != connector.Rejected || e.Code != "BEANPARAMETER_REQUIRED" ||
		e.Detail != "Dans l'objet messageUnitaire le paramètre textMsg est requis" {
		t.Errorf("error = %+v, want the operator's words", e)
	}
}

func TestDetailGivesNothingAway(t *testing.T) {
	const text = "Votre rendez-vous est confirmé"
	for _, tc := range []struct{ name, detail, want string }{
		{"nothing", "valeur refusée", "valeur refusée"},
		{"international number", "numéro +33639980101 refusé", "numéro *** refusé"},
		{"national number", "numéro 0639980101 refusé", "numéro *** refusé"},
		{"grouped number", "numéro 06 39 98 01 01 refusé", "numéro *** refusé"},
		{"short figures stay", "taille 4000, espace 70145", "taille 4000, espace 70145"},
		{"password", "mot de passe " + password + " refusé", "mot de passe *** refusé"},
		{"text", "texte : " + text, "(withheld: it repeats the text)"},
		{"piece of the text", "texte : Votre rendez-v…", "(withheld: it repeats the text)"},
		{"several lines", "un\r\ndeux", "un deux"},
		{"too long", strings.Repeat("é", 300), strings.Repeat("é", 200) + "…"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			err := refusedWith(t, text, refusal("refus", tc.detail, false))
			e, _ := errors.AsType[*connector.Error](err)
			if e == nil || e.Detail != tc.want {
				t.Errorf("error = %+v, want detail %q", e, tc.want)
			}
		})
	}
}

func TestWholeShortTextIsWithheld(t *testing.T) {
	err := refusedWith(t, "4821", refusal("refus", "texte 4821 refusé", false))
	if strings.Contains(err.Error(), "4821") {
		t.Errorf("error shows the text: %v", err)
	}
}

// No document says that a refused batch has none of its messages taken.
func TestRefusalsOfABatch(t *testing.T) {
	for _, tc := range []struct {
		name, answer              string
		one, batch, batchWithHold string
	}{
		{"credentials", refusal("AUTHENTICATION_FAILED", "", false), "blocked", "blocked", "blocked"},
		{"credentials, as text", "KO<authentication_failed:{null}>", "blocked", "blocked", "blocked"},
		{"quota", refusal("option_quota_overflowed", "", false), "blocked", "blocked", "blocked"},
		{"space, by the parameter", refusal("invalid_parameter", "spaceId", true), "blocked", "blocked", "blocked"},
		{"space, by a word", refusal("corruption_base", "l'espace 70145 n'existe pas", false), "blocked", "blocked", "uncertain"},
		{"message", refusal("invalid_parameter", "textMsg", true), "rejected", "rejected", "uncertain"},
		{"message, which names the space", refusal("invalid_parameter", "messageUnitaire inconnu de spaceId", true), "rejected", "rejected", "uncertain"},
		{"required field", refusal("BEANPARAMETER_REQUIRED", "to", true), "rejected", "rejected", "uncertain"},
		{"unknown code", refusal("busy", "", false), "temporary", "uncertain", "uncertain"},
		{"unknown code about parameters", refusal("bad_value", "valeur refusée", true), "temporary", "uncertain", "uncertain"},
		{"no code", `{"success":false}`, "temporary", "uncertain", "uncertain"},
		{"bare KO", "KO", "temporary", "uncertain", "uncertain"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			for _, call := range []struct {
				setting  string
				messages int
				want     string
			}{
				{"apart", 1, tc.one},
				{"hold", 1, tc.one},
				{"apart", 2, tc.batch},
				{"hold", 2, tc.batchWithHold},
			} {
				o := newOperator(
					t, map[string]string{"addSingleCall": tc.answer, "batchSingleCall": tc.answer},
				)
				instance := o.connect(t, func(c *sfrdmc.Config) { c.BatchRefusal = call.setting })
				batch := []sms.Message{message("un"), message("deux")}[:call.messages]
				_, err := instance.Submit(t.Context(), batch)
				if got := faultWord(err); got != call.want {
					t.Errorf("fault of %d messages with %q = %s, want %s",
						call.messages, call.setting, got, call.want)
				}
			}
		})
	}
}

func TestThrottledBatchIsNotInDoubt(t *testing.T) {
	operator := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusTooManyRequests)
	}))
	t.Cleanup(operator.Close)
	c := config(operator.URL)
	c.BatchRefusal = "hold"
	instance, _ := open(t, c, connector.Env{HTTP: operator.Client(), Now: func() time.Time { return clock }})
	_, err := instance.Submit(t.Context(), []sms.Message{message("un"), message("deux")})
	if got := faultWord(err); got != "throttled" {
		t.Errorf("fault = %s, want throttled: %v", got, err)
	}
}
