package httpapi

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"relais/connector/connectortest"
	"relais/sms"
)

// accepting is an operator's good manners: it answers every call, and gives an id in which no
// number can be read.
type accepting struct {
	number func(r *http.Request, body []byte) string // of the recipient; empty: this call sends nothing
	answer func(w http.ResponseWriter, r *http.Request, id string)
	form   func(id string) string

	preliminary func(r *http.Request) bool // a call that comes before the one that sends; nil: there is none
}

func (a accepting) serve(w http.ResponseWriter, r *http.Request, body []byte) {
	to := a.number(r, body)
	if to == "" {
		a.answer(w, r, "")
		return
	}
	a.answer(w, r, a.form(to[len(to)-4:]))
}

func (a accepting) id(m sms.Message) string { return a.form(string(m.To[len(m.To)-4:])) }

// brevo answers by api/swagger.yaml of getbrevo/brevo-go.
var brevo = accepting{
	number: func(r *http.Request, body []byte) string {
		var asked struct{ Recipient, Content, Sender, Type string }
		if r.URL.Path != "/v3/transactionalSMS/sms" || r.Header.Get("Api-Key") == "" ||
			json.Unmarshal(body, &asked) != nil || asked.Content == "" || asked.Sender == "" || asked.Type == "" {
			return ""
		}
		return asked.Recipient
	},
	answer: func(w http.ResponseWriter, r *http.Request, id string) {
		switch {
		case id != "":
			w.WriteHeader(http.StatusCreated)
			fmt.Fprintf(w, `{"reference":"ab","messageId":%s,"smsCount":1,"usedCredits":1,"remainingCredits":41.5}`, id)
		case r.URL.Path == "/v3/account":
			fmt.Fprint(w, `{"email":"town@example.org","plan":[{"type":"sms","credits":41.5}]}`)
		case strings.HasSuffix(r.URL.Path, "/statistics/events"):
			fmt.Fprint(w, `{"events":[]}`)
		default:
			w.WriteHeader(http.StatusBadRequest)
		}
	},
	form: func(id string) string { return "15118829" + id },
}

var smsfactor = accepting{
	number: func(r *http.Request, body []byte) string {
		var asked struct {
			SMS struct {
				Message    struct{ Text, Sender, Pushtype string }
				Recipients struct {
					GSM []struct{ Value string }
				}
			}
		}
		if r.URL.Path != "/send" || !strings.HasPrefix(r.Header.Get("Authorization"), "Bearer ") ||
			json.Unmarshal(body, &asked) != nil || len(asked.SMS.Recipients.GSM) != 1 {
			return ""
		}
		return asked.SMS.Recipients.GSM[0].Value
	},
	answer: func(w http.ResponseWriter, _ *http.Request, id string) {
		if id == "" {
			fmt.Fprint(w, `{"status":1,"message":"OK","credits":"642"}`)
			return
		}
		fmt.Fprintf(w, `{"status":1,"message":"OK","ticket":"%s","total":1,"sent":1,"blacklisted":0,"invalid":0}`, id)
	},
	form: func(id string) string { return "146" + id },
}

var twilio = accepting{
	number: func(r *http.Request, body []byte) string {
		form, err := url.ParseQuery(string(body))
		if _, _, known := r.BasicAuth(); err != nil || !known || r.Method != http.MethodPost {
			return ""
		}
		return form.Get("To")
	},
	answer: func(w http.ResponseWriter, _ *http.Request, id string) {
		if id == "" {
			fmt.Fprint(w, `{"account_sid":"AC1","balance":"12.34","currency":"USD"}`)
			return
		}
		w.WriteHeader(http.StatusCreated)
		fmt.Fprintf(w, `{"sid":"%s","status":"queued","error_code":null}`, id)
	},
	form: func(id string) string { return "SM00000000" + id },
}

// operators are those that were written by hand; every other one is made of its exchanges.
var operators = map[string]accepting{"brevo": brevo, "smsfactor": smsfactor, "twilio": twilio}

func TestPresetsKeepTheRules(t *testing.T) {
	for _, preset := range Presets() {
		t.Run(preset, func(t *testing.T) {
			file := exchangesOf(t, preset)
			operator, written := operators[preset]
			if !written {
				operator = documentedBy(t, file)
			}
			connectortest.Run(t, targetOf(t, file, operator))
		})
	}
}
