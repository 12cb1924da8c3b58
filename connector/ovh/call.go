package ovh

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"relais/connector"
)

// api makes signed calls with one set of keys.
type api struct {
	http        *http.Client
	now         func() time.Time
	log         *slog.Logger
	endpoint    string
	application string
	secret      string
	consumer    string
	clock       clock
}

func newAPI(o LoginOptions, now func() time.Time) *api {
	return &api{
		http:        o.HTTP,
		now:         now,
		endpoint:    o.Endpoint,
		application: o.ApplicationKey,
		secret:      o.ApplicationSecret.Reveal(),
		consumer:    o.ConsumerKey.Reveal(),
		log:         slog.New(slog.DiscardHandler),
	}
}

// call makes one signed call and returns an answer of status 200 or 204. path
// is already escaped. text is the message under way, if any: it is struck from
// the operator's words. Every error says whether bytes had left: one that comes
// before the call itself is never Uncertain.
func (a *api) call(
	ctx context.Context, method, path string, body []byte, text string,
) (connector.Answer, error) {
	offset, err := a.offset(ctx)
	if err != nil {
		return connector.Answer{}, err
	}
	r, err := a.request(ctx, method, path, body, a.now().Add(offset.ahead).Unix())
	if err != nil {
		return connector.Answer{}, err
	}
	answer, err := connector.Exchange(a.http, r)
	if err != nil {
		return connector.Answer{}, err
	}
	if answer.Status == http.StatusOK || answer.Status == http.StatusNoContent {
		return answer, nil
	}
	err = a.refusal(answer, text)
	if connector.CodeOf(err) == codeClock {
		a.clock.forget(offset)
	}
	return connector.Answer{}, err
}

// request builds the call. body is not taken from a pool: the transport may
// still read it after the answer has come.
func (a *api) request(
	ctx context.Context, method, path string, body []byte, unix int64,
) (*http.Request, error) {
	r, err := http.NewRequestWithContext(ctx, method, a.endpoint+path, bytes.NewReader(body))
	if err != nil {
		return nil, &connector.Error{
			Fault: connector.Blocked, Detail: "the address cannot be called",
			Err: errAddress,
		}
	}
	// Set by key: the map is ours, and the names are in canonical form.
	r.Header["X-Ovh-Application"] = []string{a.application}
	r.Header["X-Ovh-Consumer"] = []string{a.consumer}
	r.Header["X-Ovh-Timestamp"] = []string{strconv.FormatInt(unix, 10)}
	r.Header["X-Ovh-Signature"] = []string{signature(a.secret, a.consumer, method,
		r.URL.String(), body, unix)}
	r.Header["Accept"] = []string{"application/json"}
	if body != nil {
		r.Header["Content-Type"] = []string{"application/json"}
	}
	return r, nil
}

// errAddress stands for the error of a malformed address, which would repeat it
// with the sender or the reference in it.
var errAddress = errors.New("malformed address")

// get reads a JSON object or list.
func (a *api) get(ctx context.Context, path string, into any) error {
	answer, err := a.call(ctx, http.MethodGet, path, nil, "")
	if err != nil {
		return err
	}
	if err := json.Unmarshal(answer.Body, into); err != nil {
		// The parser's error may quote the answer, which holds numbers.
		return fmt.Errorf("answer of %d bytes is not the documented JSON (call %s)", len(answer.Body),
			traceOf(answer))
	}
	return nil
}

// traceOf is OVH's id of a call, which its support asks for (documented).
func traceOf(answer connector.Answer) string {
	const longest = 128
	trace := answer.Header.Get("X-Ovh-Queryid")
	return trace[:min(len(trace), longest)]
}
