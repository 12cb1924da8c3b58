package alertmanager

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"text/template"

	"relais/alert"
	"relais/auth"
	"relais/door"
	"relais/gateway"
	"relais/reason"
	"relais/sms"
)

// Prefix is where the addresses are.
const Prefix = "/alertmanager/"

// maxBody is the largest body that is read, in bytes.
const maxBody = 10 << 20

// Options make a Door.
type Options struct {
	Gateway   Gateway
	Receivers map[string]Receiver // by the last element of the address
	Log       *slog.Logger
}

// Gateway is what the door asks of the gateway.
type Gateway interface {
	Submit(
		ctx context.Context, s gateway.Submission, answer func(*gateway.Result) ([]byte, error),
	) (*gateway.Result, error)
}

// Receiver is who gets the alerts that come to one address.
type Receiver struct {
	Secret      string // bearer token, or password of the user with the receiver's name
	Account     string
	AllowFrom   []netip.Prefix // empty: from everywhere
	To          []string
	Sender      sms.Sender
	Class       sms.Class
	Connector   string
	Template    *template.Template
	Resolved    bool // a group of which nothing fires any more is told too
	MaxSegments int  // of a text; the rest is cut
}

// Door answers Alertmanager.
type Door struct {
	Options
}

// New makes a door.
func New(o Options) *Door { return &Door{o} }

// Name is the door's in metrics.
func (d *Door) Name() string { return "alertmanager" }

// Owns reports whether a path is the door's.
func (d *Door) Owns(path string) bool { return strings.HasPrefix(path, Prefix) }

// Panicked answers for a failure of ours.
func (d *Door) Panicked(w http.ResponseWriter) {
	refuse(http.StatusInternalServerError, reason.Of(codeInternal, nil)).write(w, reason.English)
}

// Answer is what the door says, for who reads Alertmanager's log or tries it by hand.
type Answer struct {
	Messages []string `json:"messages,omitempty"` // ids
	Rejected []string `json:"rejected,omitempty"` // codes, of recipients that get nothing
	Skipped  string   `json:"skipped,omitempty"`  // why nothing was sent
	Code     string   `json:"code,omitempty"`     // of a refusal
	Detail   string   `json:"detail,omitempty"`

	why    reason.Reason // of Code and Detail
	status int
	retry  string
}

func refuse(status int, why reason.Reason) *Answer { return &Answer{why: why, status: status} }

// write puts the answer into the language of the caller.
func (a *Answer) write(w http.ResponseWriter, l reason.Language) {
	w.Header().Set("Content-Type", "application/json")
	if !a.why.IsZero() {
		a.Code, a.Detail = a.why.Code.Wire(), a.why.In(l)
	}
	if a.retry != "" {
		w.Header().Set("Retry-After", a.retry)
	}
	if a.status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Basic realm="relais"`)
	}
	w.WriteHeader(a.status)
	json.NewEncoder(w).Encode(a) //nolint:errcheck,errchkjson // the client may have gone
}

// ServeHTTP implements http.Handler.
func (d *Door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	d.answer(w, r).write(w, reason.Match(r.Header.Get("Accept-Language")))
}

func (d *Door) answer(w http.ResponseWriter, r *http.Request) *Answer {
	name := strings.TrimSuffix(strings.TrimPrefix(r.URL.Path, Prefix), "/")
	receiver, ok := d.authorized(name, r)
	switch {
	case !ok:
		return refuse(http.StatusUnauthorized, reason.Of(codeUnauthorized, nil))
	case r.Method != http.MethodPost:
		w.Header().Set("Allow", http.MethodPost)
		return refuse(http.StatusMethodNotAllowed, reason.Of(codeMethod, nil))
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		return refuse(http.StatusRequestEntityTooLarge, reason.Of(codeTooLarge, nil))
	}
	if err != nil {
		return refuse(http.StatusBadRequest, reason.Of(codeBodyCut, nil))
	}
	n, err := alert.Read(body)
	if err != nil {
		return refuse(http.StatusUnprocessableEntity, because(codeUnreadable, err))
	}
	return d.tell(r.Context(), name, &receiver, n)
}

// because is a refusal in the words of an error.
func because(code reason.Code, err error) reason.Reason {
	return reason.Of(code, reason.Args{"why": reason.OfError(err)})
}

// authorized finds the receiver of a request. A name that does not exist takes as long
// as a wrong secret.
func (d *Door) authorized(name string, r *http.Request) (Receiver, bool) {
	receiver, known := d.Receivers[name]
	given := auth.Bearer(r.Header.Get("Authorization"))
	if user, password, basic := r.BasicAuth(); basic && user == name {
		given = password
	}
	got, want := sha256.Sum256([]byte(given)), sha256.Sum256([]byte(receiver.Secret))
	right := subtle.ConstantTimeCompare(got[:], want[:]) == 1 && known && receiver.Secret != ""
	switch {
	case !known: // what stands in the address may be anything, a secret too
		d.Log.Warn("a request was refused: no such receiver", "door", "alertmanager")
	case !right:
		d.Log.Warn("a request was refused: wrong secret", "door", "alertmanager", "receiver", name)
	case !allowed(receiver.AllowFrom, r.RemoteAddr):
		right = false
		d.Log.Warn("a request was refused: the receiver may not be called from that address", "door",
			"alertmanager", "receiver", name)
	}
	return receiver, right
}

func allowed(networks []netip.Prefix, remote string) bool {
	host, _, err := net.SplitHostPort(remote)
	return len(networks) == 0 || err == nil && door.Allows(networks, host)
}

// tell submits the text of a notification.
func (d *Door) tell(ctx context.Context, name string, receiver *Receiver, n *alert.Notification) *Answer {
	if n.Status == alert.Resolved && !receiver.Resolved {
		return &Answer{Skipped: "resolved", status: http.StatusOK}
	}
	text, err := alert.Write(receiver.Template, n)
	if err != nil {
		d.Log.Error("an alert was not sent", "door", "alertmanager", "receiver", name, "error",
			"the template fails")
		return refuse(http.StatusUnprocessableEntity, because(codeTemplate, err))
	}
	if text == "" {
		return &Answer{Skipped: "the template writes nothing", status: http.StatusOK}
	}
	s := gateway.Submission{
		Account: receiver.Account, Actor: sms.DoorActor("alertmanager", name), To: receiver.To,
		Sender:    receiver.Sender,
		Class:     receiver.Class,
		Connector: receiver.Connector, Metadata: map[string]string{"alertmanager": name, "status": n.Status},
	}
	var cut bool
	if s.Text, cut = alert.Fit(text, receiver.MaxSegments); cut {
		s.Notes = append(s.Notes, cutNote(receiver.MaxSegments))
	}
	key, sum := n.Identity(name)
	s.Key = &gateway.IdempotencyKey{Key: key, Request: sum}
	result, err := d.Gateway.Submit(ctx, s, encode)
	if err != nil {
		return d.refused(name, err)
	}
	told := result.Replay
	if told == nil {
		if told, err = encode(result); err != nil {
			return d.refused(name, err)
		}
	}
	answer := &Answer{status: http.StatusOK}
	if err := json.Unmarshal(told, answer); err != nil {
		return d.refused(name, err)
	}
	return answer
}

func cutNote(segments int) reason.Reason {
	return reason.Of(codeCut, reason.Args{"most": reason.Count(segments)})
}

// encode is what a repeated notification is answered with.
func encode(r *gateway.Result) ([]byte, error) {
	var a Answer
	for i := range r.Messages {
		a.Messages = append(a.Messages, r.Messages[i].ID.String())
	}
	for i := range r.Rejected {
		a.Rejected = append(a.Rejected, r.Rejected[i].Code.Wire())
	}
	return json.Marshal(&a)
}

// refused answers for what the gateway did not take. Alertmanager tries again after a 5xx
// alone, so that what may pass is one.
func (d *Door) refused(name string, err error) *Answer {
	e, ok := errors.AsType[*gateway.Error](err)
	if !ok {
		d.Log.Error("a request failed", "door", "alertmanager", "receiver", name, "error", err)
		return refuse(http.StatusInternalServerError, reason.Of(codeInternal, nil))
	}
	d.Log.Error("an alert was not sent", "door", "alertmanager", "receiver", name, "code", e.Code.Wire())
	a := refuse(http.StatusUnprocessableEntity, e.Reason)
	for i := range e.Rejected {
		a.Rejected = append(a.Rejected, e.Rejected[i].Code.Wire())
	}
	if e.Kind == gateway.Overloaded || e.Kind == gateway.Unavailable {
		a.status, a.retry = http.StatusServiceUnavailable, e.RetrySeconds()
	}
	return a
}
