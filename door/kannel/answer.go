package kannel

import (
	"io"
	"net/http"
	"strings"

	"relais/gateway"
	"relais/reason"
)

// answer is what a client gets: a status, and a sentence that some compare
// word for word.
type answer struct {
	status int
	text   string
	retry  string // Retry-After, in seconds; Kannel gives none
	json   bool   // text is JSON
}

// Answers of gw/smsbox.c: delayed_http_reply, smsbox_req_sendsms,
// smsbox_sendsms_post.
var (
	forbidden   = answer{status: http.StatusForbidden, text: "Authorization failed for sendsms"}
	notRoutable = answer{status: http.StatusForbidden, text: "Not routable. Do not try again."}
	tryLater    = answer{
		status: http.StatusServiceUnavailable, text: "Temporal failure, try again later.",
		retry: "5",
	}
	badType = answer{
		status: http.StatusBadRequest,
		text:   "Invalid content-type: send a form, JSON, or text/plain with X-Kannel headers",
	}
	badMethod = answer{status: http.StatusMethodNotAllowed, text: "Unknown request."}
	tooLarge  = answer{
		status: http.StatusRequestEntityTooLarge,
		text:   "The body is larger than 10 MiB, rejected",
	}
	endedEarly = answer{
		status: http.StatusBadRequest,
		text:   "The body ended before its announced length, rejected",
	}
	unsupported = answer{status: http.StatusUnsupportedMediaType, text: "Unsupported content-type, rejected"}
)

const (
	accepts = "0: Accepted for delivery"
	denied  = "Number(s) has/have been denied by white- and/or black-lists."
)

func badRequest(text string) answer { return answer{status: http.StatusBadRequest, text: text} }

// write sends the answer with Kannel's headers (gw/smsbox.c: sendsms_reply_hdrs),
// but for the type: an answer may repeat a number that a client sent, and a
// browser must not read that as HTML.
func (a answer) write(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	if a.json {
		h.Set("Content-Type", "application/json")
	}
	h.Set("Pragma", "no-cache")
	h.Set("Cache-Control", "no-cache")
	if a.status == http.StatusMethodNotAllowed {
		h.Set("Allow", "GET, POST")
	}
	if a.retry != "" {
		h.Set("Retry-After", a.retry)
	}
	w.WriteHeader(a.status)
	io.WriteString(w, a.text) //nolint:errcheck // nobody listens any more
}

// accepted answers for messages that are on disk. Kannel's next hop takes these
// words alone for success (gw/smsc/smsc_http.c kannel_parse_reply), and a message
// that waits is as safe as one that leaves: "3: Queued for later delivery" is
// never said. Numbers that were refused beside good ones are named behind, as
// Kannel does (gw/smsbox.c smsbox_req_handle).
func accepted(r *gateway.Result) answer {
	if len(r.Rejected) == 0 {
		return answer{status: http.StatusAccepted, text: accepts}
	}
	var numbers []string
	for _, refused := range r.Rejected {
		numbers = append(numbers, refused.To)
	}
	return answer{
		status: http.StatusAccepted,
		text:   accepts + ". Denied receivers are: " + strings.Join(numbers, " "),
	}
}

// refusal puts an error of the gateway in Kannel's words.
func refusal(e *gateway.Error) answer {
	switch {
	case e.Kind == gateway.Overloaded, e.Kind == gateway.Unavailable:
		later := tryLater
		later.retry = e.RetrySeconds()
		return later
	case e.Is(gateway.CodeConnectorUnknown):
		return notRoutable
	case len(e.Rejected) > 0:
		return badRequest(denied + reasons(e.Rejected))
	}
	return badRequest(e.In(reason.English))
}

// reasons tells the different reasons of refused recipients.
func reasons(refused []gateway.Refusal) string {
	var b strings.Builder
	told := map[string]bool{}
	for _, r := range refused {
		if !told[r.In(reason.English)] {
			told[r.In(reason.English)] = true
			b.WriteString(" " + r.In(reason.English))
		}
	}
	return b.String()
}
