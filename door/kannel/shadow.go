package kannel

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"

	"relais/door/shadow"
)

// Shadowed implements shadow.Door.
func (d *Door) Shadowed(r *http.Request, body []byte) (shadow.Target, bool) {
	again := r.Clone(r.Context())
	again.Body = io.NopCloser(bytes.NewReader(body))
	p, refused := read(nil, again)
	username := r.Header.Get("X-Kannel-Username") // of a body that is not read here, but perhaps there
	if refused == nil {
		username = p.username
	} else if named := ofForm(r.URL.RawQuery).username; named != "" {
		username = named
	}
	user, known := d.Users[username]
	if !known || user.Shadow == "" {
		return shadow.Target{}, false
	}
	to, err := shadow.At(user.Shadow, r.URL.EscapedPath())
	if err != nil { // the configuration was checked
		d.Log.Error("the address of the old gateway cannot be read", "door", "kannel", "user", username)
		return shadow.Target{}, false
	}
	return shadow.Target{URL: to, Account: user.Account, Instance: username}, true
}

// Words of gw/smsbox.c that stand for success, and before numbers that were left
// out (smsbox_req_handle, smsbox_req_sendsms).
const (
	queued          = "3: Queued for later delivery"
	deniedReceivers = "Denied receivers are:"
)

// Answered implements shadow.Door.
func (d *Door) Answered(status int, body []byte) shadow.Answer {
	text := string(body)
	if kamex := (acceptance{}); status == http.StatusAccepted && json.Unmarshal(body, &kamex) == nil && kamex.Status == statusAccepted {
		return shadow.Answer{Known: true, Taken: true}
	}
	switch {
	case status >= http.StatusBadRequest:
		return shadow.Answer{Known: true}
	case status != http.StatusAccepted || !strings.HasPrefix(text, accepts) &&
		!strings.HasPrefix(text, queued):
		return shadow.Answer{}
	}
	a := shadow.Answer{Known: true, Taken: true, Refused: map[string]string{}}
	_, numbers, _ := strings.Cut(text, deniedReceivers)
	for raw := range strings.FieldsSeq(numbers) {
		a.Refused[international(raw, false)] = ""
	}
	return a
}

// NotForwarded implements shadow.Door. "Try again later" would be a bad advice
// where nobody knows whether the message was taken.
func (d *Door) NotForwarded(w http.ResponseWriter, status int) {
	a := answer{status: status, text: "The old gateway did not answer; it may have the message all the same."}
	switch status {
	case http.StatusRequestEntityTooLarge:
		a = tooLarge
	case http.StatusBadRequest:
		a = endedEarly
	}
	a.write(w)
}
