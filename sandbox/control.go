package sandbox

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"relais/sandbox/dmc"
	"relais/sandbox/ovh"
	"relais/sandbox/smsc"
	"relais/sandbox/world"
)

// controls are the routes that tests, the demo and the console use. They ask for no
// credentials.
type controls struct{ *Server }

func (s controls) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.showHelp)
	mux.HandleFunc("GET /handsets", func(w http.ResponseWriter, _ *http.Request) {
		list := s.Handsets()
		if list == nil {
			list = []world.Handset{}
		}
		writeJSON(w, http.StatusOK, list)
	})
	mux.HandleFunc("GET /handsets/{number}", s.showHandset)
	mux.HandleFunc("POST /handsets/{number}/reply", s.takeReply)
	mux.HandleFunc("GET /screens", s.showScreens)
	mux.HandleFunc("GET /stats", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, s.Stats())
	})
	mux.HandleFunc("GET /faults", s.showFaults)
	mux.HandleFunc("PUT /faults", s.orderFault)
	mux.HandleFunc("DELETE /faults", func(w http.ResponseWriter, _ *http.Request) {
		s.ClearFaults()
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("POST /clock", s.moveClock)
	mux.HandleFunc("GET /operators", s.showOperators)
	mux.HandleFunc("PUT /operators/{name}", s.orderCallback)
	mux.HandleFunc("GET /senders", s.showSenders)
	mux.HandleFunc("PUT /senders", s.orderSender)
	mux.HandleFunc("PUT /push", s.orderPush)
	mux.HandleFunc("GET /smsc", s.showSMSC)
	mux.HandleFunc("PUT /smsc", s.orderSMSC)
	mux.HandleFunc("GET /smsc/taken", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, s.SMSC().Taken())
	})
	mux.HandleFunc("POST /webhooks/{name}", s.takeWebhook)
	mux.HandleFunc("GET /webhooks/{name}", s.showWebhooks)
	mux.HandleFunc("PUT /webhooks/{name}", s.orderManner)
	mux.HandleFunc("DELETE /webhooks/{name}", s.forgetWebhooks)
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		problem{
			Status: http.StatusNotFound, Code: "no_such_route", Detail: "no such route; GET / lists them",
		}.write(w)
	})
	return mux
}

// problem is an error of the control routes (RFC 9457).
type problem struct {
	Type   string   `json:"type"`
	Title  string   `json:"title"`
	Status int      `json:"status"`
	Code   string   `json:"code"`
	Detail string   `json:"detail"`
	Field  string   `json:"field,omitzero"`
	Valid  []string `json:"valid,omitempty"`
}

func (p problem) write(w http.ResponseWriter) {
	p.Type, p.Title = "about:blank", http.StatusText(p.Status)
	w.Header().Set("Content-Type", "application/problem+json")
	body, _ := json.Marshal(p)
	w.WriteHeader(p.Status)
	_, _ = w.Write(append(body, '\n'))
}

func writeJSON(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	body, _ := json.MarshalIndent(value, "", "  ")
	w.WriteHeader(status)
	_, _ = w.Write(append(body, '\n'))
}

// readControl decodes a body strictly, or answers and returns false.
func readControl(w http.ResponseWriter, r *http.Request, into any, fields ...string) bool {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
	if err != nil {
		problem{Status: http.StatusBadRequest, Code: "unreadable", Detail: "the body cannot be read"}.write(w)
		return false
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	err = decoder.Decode(into)
	if err == nil && decoder.More() {
		err = errors.New("more than one JSON value")
	}
	if err == nil {
		return true
	}
	detail := strings.TrimPrefix(err.Error(), "json: ")
	p := problem{Status: http.StatusUnprocessableEntity, Code: "invalid_body", Detail: detail}
	if strings.Contains(err.Error(), "unknown field") {
		p.Code, p.Valid = "unknown_field", fields
	}
	p.write(w)
	return false
}

// handsetOf reads the number of a control route: E.164, or as a person writes
// it. It answers what is no number.
func (s controls) handsetOf(w http.ResponseWriter, r *http.Request) (number string, ok bool) {
	written := strings.Map(func(c rune) rune {
		if strings.ContainsRune(" .-()", c) {
			return -1
		}
		return c
	}, r.PathValue("number"))
	digits := strings.TrimPrefix(written, "+")
	if len(digits) < 7 || strings.Trim(digits, "0123456789") != "" {
		problem{
			Status: http.StatusUnprocessableEntity, Code: "not_a_number", Field: "number",
			Detail: "write the number in E.164, such as +33639980001",
		}.write(w)
		return "", false
	}
	switch {
	case strings.HasPrefix(written, "+"):
		return written, true
	case strings.HasPrefix(written, "00"):
		return "+" + written[2:], true
	case strings.HasPrefix(written, "0"):
		return s.nationalHandset(written[1:]), true
	default:
		return "+" + written, true
	}
}

// nationalHandset finds the handset whose number ends in nine digits of the
// French plan, which has several country codes.
func (s controls) nationalHandset(digits string) string {
	for _, h := range s.Handsets() {
		if strings.HasSuffix(h.Number, digits) {
			return h.Number
		}
	}
	return "+33" + digits
}

func (s controls) showHandset(w http.ResponseWriter, r *http.Request) {
	number, ok := s.handsetOf(w, r)
	if !ok {
		return
	}
	texts := s.Handset(number)
	if texts == nil {
		texts = []world.Text{}
	}
	writeJSON(w, http.StatusOK, texts)
}

// mostScreens is how many handsets GET /screens shows.
const mostScreens = 50

// showScreens is GET /screens: the handsets with the latest texts, and those that with
// names, which come first.
func (s controls) showScreens(w http.ResponseWriter, r *http.Request) {
	asked := r.URL.Query()
	count, err := strconv.Atoi(cmp.Or(asked.Get("count"), "8"))
	if err != nil || count < 0 || len(asked["with"])+count > mostScreens {
		problem{
			Status: http.StatusUnprocessableEntity, Code: "invalid_count", Field: "count",
			Detail: fmt.Sprintf("count is a number of handsets, up to %d with those of with", mostScreens),
		}.write(w)
		return
	}
	writeJSON(w, http.StatusOK, s.Screens(count, asked["with"]...))
}

func (s controls) showFaults(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, map[string]any{
		"faults": s.Faults(), "kinds": world.FaultKinds, "smsc_kinds": world.SMSCFaultKinds,
	})
}

func (s controls) orderFault(w http.ResponseWriter, r *http.Request) {
	var f world.Fault
	if !readControl(w, r, &f, "operator", "kind", "count", "rate", "delay_ms", "scope") {
		return
	}
	err := s.SetFault(f)
	if wrong, ok := errors.AsType[*world.FaultError](err); ok {
		problem{
			Status: http.StatusUnprocessableEntity, Code: "invalid_fault", Detail: wrong.Detail,
			Field: wrong.Field, Valid: wrong.Valid,
		}.write(w)
		return
	}
	s.showFaults(w, r)
}

func (s controls) moveClock(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		Now *time.Time `json:"now"`
	}
	if !readControl(w, r, &asked, "now") {
		return
	}
	now := time.Time{}
	if asked.Now != nil {
		now = *asked.Now
	}
	s.SetClock(now)
	writeJSON(w, http.StatusOK, map[string]time.Time{"now": s.world.Clock.Now()})
}

// orderPush is PUT /push.
func (s controls) orderPush(w http.ResponseWriter, r *http.Request) {
	var p dmc.Push
	if !readControl(w, r, &p, "url", "format", "most") {
		return
	}
	if p.Format != "" && p.Format != "json" && p.Format != "xml" {
		problem{
			Status: http.StatusUnprocessableEntity, Code: "invalid_push", Field: "format",
			Detail: "unknown format", Valid: []string{"json", "xml"},
		}.write(w)
		return
	}
	s.SetDMCPush(p)
	writeJSON(w, http.StatusOK, p)
}

// showSMSC is GET /smsc: how the SMSC behaves, and what each setting may be.
func (s controls) showSMSC(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, map[string]any{
		"settings": s.SMSC().Settings(), "dialects": smsc.Dialects(), "ids": smsc.IDForms(),
	})
}

// orderSMSC is PUT /smsc. What is left out is as at the start.
func (s controls) orderSMSC(w http.ResponseWriter, r *http.Request) {
	var settings smsc.Settings
	if !readControl(w, r, &settings, "dialect", "ids", "alphabet", "version", "rate") {
		return
	}
	if wrong, ok := errors.AsType[*world.FaultError](s.SMSC().Set(settings)); ok {
		problem{
			Status: http.StatusUnprocessableEntity, Code: "invalid_setting", Detail: wrong.Detail,
			Field: wrong.Field, Valid: wrong.Valid,
		}.write(w)
		return
	}
	s.showSMSC(w, r)
}

// Help is what GET / tells: the routes, the credentials and the faults.
type Help struct {
	Routes      []string          `json:"routes"`
	Credentials map[string]string `json:"credentials"`
	FaultKinds  []string          `json:"fault_kinds"`
}

// Help describes a running sandbox.
func (s *Server) Help() Help {
	return Help{
		Routes: []string{
			"GET /handsets", "GET /handsets/{number}", "POST /handsets/{number}/reply",
			"GET /screens?count={count}&with={number}", "GET /stats",
			"GET /faults", "PUT /faults", "DELETE /faults", "POST /clock", "GET /senders",
			"PUT /senders", "GET /operators", "PUT /operators/{name}", "PUT /push", "GET /smsc", "PUT /smsc", "GET /smsc/taken",
			"POST /webhooks/{name}", "GET /webhooks/{name}", "PUT /webhooks/{name}",
			"DELETE /webhooks/{name}",
			"/ovh/1.0/...", "/ovh/v1/...", "/ovh/auth/?credentialToken=...",
			"POST /ovh/auth/validate?credentialToken=...",
			"/operator/{name}/...",
			"/dmc/DmcWS/{version}/JsonService/{webService}/{method}", "/dmc/DmcBufferWS/BufferMsg/{method}",
		},
		Credentials: map[string]string{
			"ovh_endpoint": s.URL() + "/ovh/1.0", "ovh_application_key": ovh.ApplicationKey,
			"ovh_application_secret": ovh.ApplicationSecret, "ovh_consumer_key": ovh.ConsumerKey,
			"ovh_read_only_consumer_key": ovh.ReadOnlyConsumerKey, "ovh_service": ovh.Service,
			"ovh_second_service": ovh.SecondService, "ovh_sender": ovh.Sender,
			"smsc_address": s.SMSC().Address(), "smsc_system_id": smsc.SystemID, "smsc_password": smsc.Password,
			"dmc_endpoint": s.URL() + "/dmc/DmcWS/1.5.8/JsonService", "dmc_service_id": dmc.ServiceID,
			"dmc_password": dmc.Password, "dmc_space_id": dmc.SpaceID, "dmc_sender": dmc.Sender,
		},
		FaultKinds: world.FaultKinds,
	}
}

func (s controls) showHelp(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, s.Help())
}
