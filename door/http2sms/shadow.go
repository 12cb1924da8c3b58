package http2sms

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"html"
	"io"
	"net/http"
	"regexp"
	"strings"

	"relais/door/shadow"
)

// Shadowed implements shadow.Door.
func (d *Door) Shadowed(r *http.Request, body []byte) (shadow.Target, bool) {
	if d.Shadow == nil {
		return shadow.Target{}, false
	}
	again := r.Clone(r.Context())
	again.Body = io.NopCloser(bytes.NewReader(body))
	if err := parse(again); err != nil {
		return shadow.Target{}, false // nobody knows whose it is
	}
	service := again.Form.Get("account")
	account, base := d.Shadow(r.Context(), service)
	if base == "" {
		return shadow.Target{}, false
	}
	to, err := shadow.At(base, r.URL.EscapedPath())
	if err != nil { // the configuration was checked
		d.Log.Error("the address of the old gateway cannot be read", "account", account)
		return shadow.Target{}, false
	}
	return shadow.Target{URL: to, Account: account, Instance: service}, true
}

// Answered implements shadow.Door. It tells how many messages there are, and not
// which numbers were refused.
func (d *Door) Answered(status int, body []byte) shadow.Answer {
	if status >= http.StatusBadRequest {
		return shadow.Answer{Known: true}
	}
	code, ids, known := decode(bytes.TrimSpace(body))
	return shadow.Answer{
		Known: known, Taken: known && (code == codeDone || code == codeDonePart), Messages: ids,
	}
}

// decode reads the five types of answer by their looks: the type that a gateway
// writes in the header is not always the one that was asked for.
func decode(body []byte) (code, ids int, known bool) {
	switch {
	case page.Match(body):
		return decodeLines(string(page.FindSubmatch(body)[1]))
	case bytes.HasPrefix(body, []byte("{")):
		var read struct {
			Status int      `json:"status"`
			IDs    []string `json:"SmsIds"`
		}
		err := json.Unmarshal(body, &read)
		return read.Status, len(read.IDs), err == nil && read.Status != 0
	case bytes.HasPrefix(body, []byte("<")):
		var read struct {
			Status int      `xml:"status"`
			IDs    []string `xml:"smsIds>smsId"`
		}
		err := xml.Unmarshal(body, &read)
		return read.Status, len(read.IDs), err == nil && read.Status != 0
	}
	return decodeLines(string(body))
}

// page finds what is in the page of an answer in HTML.
var page = regexp.MustCompile(`(?is)^<(?:!doctype|html).*<body[^>]*>(.*)</body>`)

var lineEnds = regexp.MustCompile(`(?i)(<br */?>|\r?\n)+`)

// decodeLines reads the plain answer and that of HTML.
func decodeLines(text string) (code, ids int, known bool) {
	lines := lineEnds.Split(strings.TrimSpace(html.UnescapeString(text)), -1)
	switch lines[0] {
	case "OK":
		for _, line := range lines[1:] {
			if strings.TrimSpace(line) != "" {
				ids++
			}
		}
		return codeDone, max(0, ids-1), true // the credit stands first
	case "KO":
		return codeInvalid, 0, true
	}
	return 0, 0, false
}

// NotForwarded implements shadow.Door.
func (d *Door) NotForwarded(w http.ResponseWriter, status int) {
	reason := unreadable
	if status >= http.StatusInternalServerError {
		reason = "The old gateway did not answer; it may have the message all the same"
	}
	failed(codeInvalid, reason).status(status).write(w, plain)
}
