package http2sms

import (
	"encoding/json"
	"encoding/xml"
	"html"
	"net/http"
	"strings"
)

// The codes of an answer (documented; which of the first two means what is
// inferred).
const (
	codeDone     = 100
	codeDonePart = 101 // some receivers were refused
	codeMissing  = 201
	codeInvalid  = 202
	codeAddress  = 401
)

// answer is what became of a request.
type answer struct {
	http   int
	code   int
	reason string // empty when it is done
	credit string
	ids    []string
	retry  string // Retry-After, in seconds
}

func failed(code int, reason string) *answer {
	return &answer{http: http.StatusOK, code: code, reason: reason}
}

func (a *answer) status(http int) *answer {
	a.http = http
	return a
}

// kind is a content type with its encoding.
type kind struct {
	name   string
	encode func(*answer) ([]byte, error)
}

var plain = kind{"text/plain", encodePlain}

// kinds are the content types that a request may ask for (documented).
var kinds = map[string]kind{
	"":                 plain,
	"text/plain":       plain,
	"text/html":        {"text/html", encodeHTML},
	"text/xml":         {"text/xml", encodeXML},
	"application/xml":  {"application/xml", encodeXML},
	"text/json":        {"text/json", encodeJSON},
	"application/json": {"application/json", encodeJSON},
}

func (a *answer) write(w http.ResponseWriter, k kind) {
	body, err := k.encode(a)
	if err != nil {
		http.Error(w, "KO\nThe answer cannot be encoded", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", k.name+"; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	if a.retry != "" {
		w.Header().Set("Retry-After", a.retry)
	}
	w.WriteHeader(a.http)
	w.Write(body) //nolint:errcheck // the caller may have gone
}

// lines are the plain answer: OK, the credit, one id a line; or KO and why.
func (a *answer) lines() []string {
	if a.reason != "" {
		return []string{"KO", a.reason}
	}
	return append([]string{"OK", a.credit}, a.ids...)
}

func encodePlain(a *answer) ([]byte, error) { return []byte(strings.Join(a.lines(), "\n") + "\n"), nil }

// The page around an answer in HTML (documented: guide of http2sms).
const (
	pageBegins = `<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">
<HTML>
<HEAD>
<meta http-equiv="Content-Type" content="text/html; charset=utf-8" >
<title>HTTP2SMS</title>
</HEAD>
<BODY>
`
	pageEnds = "</BODY>\n</HTML>\n"
)

// encodeHTML is the plain answer with breaks, in a page; a refusal is one line of it
// (documented).
func encodeHTML(a *answer) ([]byte, error) {
	lines := a.lines()
	for i := range lines {
		lines[i] = html.EscapeString(lines[i])
	}
	between := "<br>\n"
	if a.reason != "" {
		between = "<br>"
	}
	return []byte(pageBegins + strings.Join(lines, between) + "<br>\n" + pageEnds), nil
}

func encodeXML(a *answer) ([]byte, error) {
	type smsIDs struct {
		IDs []string `xml:"smsId"`
	}
	body := struct {
		XMLName xml.Name `xml:"response"`
		Status  int      `xml:"status"`
		Message string   `xml:"message,omitempty"`
		Credit  string   `xml:"creditLeft,omitempty"`
		IDs     *smsIDs  `xml:"smsIds"`
	}{Status: a.code, Message: a.reason, Credit: a.credit}
	if a.reason == "" {
		body.IDs = &smsIDs{a.ids}
	}
	encoded, err := xml.Marshal(body)
	return append([]byte(`<?xml version="1.0" encoding="UTF-8"?>`+"\n"), append(encoded, '\n')...), err
}

// encodeJSON has the credit and the ids as strings (documented).
func encodeJSON(a *answer) ([]byte, error) {
	if a.reason != "" {
		return json.Marshal(struct {
			Status  int    `json:"status"`
			Message string `json:"message"`
		}{a.code, a.reason})
	}
	return json.Marshal(struct {
		Status int      `json:"status"`
		Credit string   `json:"creditLeft"`
		IDs    []string `json:"SmsIds"`
	}{a.code, a.credit, append([]string{}, a.ids...)})
}
