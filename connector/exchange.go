package connector

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"time"

	"relais/internal/retry"
	"relais/internal/trial"
)

// maxAnswer bounds the operator's answer: no documented one comes near it.
const maxAnswer = 4 << 20

// Answer is an operator's whole HTTP answer.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// Exchange sends a request that must not be sent twice and reads the whole
// answer. A failure before the connection was ours is Temporary: nothing left.
// Any later failure is unclassified, hence Uncertain: the operator may have
// read the request, and a cut answer may have been a yes.
//
// Errors do not repeat the URL, which may hold personal data.
func Exchange(client *http.Client, r *http.Request) (Answer, error) {
	if err := await(r.Context()); err != nil {
		return Answer{}, &Error{
			Fault: Temporary, Detail: "the rate of the operator left no room for the call", Err: err,
		}
	}
	connected := false
	trace := &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { connected = true },
		WroteRequest: func(w httptrace.WroteRequestInfo) {
			if w.Err == nil {
				trial.Reached(trial.Sent)
			}
		},
	}
	resp, err := client.Do(r.WithContext(httptrace.WithClientTrace(r.Context(), trace)))
	if err != nil {
		err = withoutURL(err)
		if !connected {
			return Answer{}, &Error{Fault: Temporary, Detail: "no connection to the operator", Err: err}
		}
		return Answer{}, fmt.Errorf("no answer after the request was sent: %w", err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	answer := Answer{Status: resp.StatusCode, Header: resp.Header, Body: body}
	if err != nil {
		return answer, fmt.Errorf("answer cut after %d bytes: %w", len(body), withoutURL(err))
	}
	if len(body) > maxAnswer {
		return answer, fmt.Errorf("answer longer than %d bytes", maxAnswer)
	}
	return answer, nil
}

func withoutURL(err error) error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		return wrapped.Err
	}
	return err
}

// NewHTTPClient returns a client for operators: it keeps up to maxConns
// connections alive, closes idle ones before a server would, follows no
// redirect (a POST must not travel on) and leaves time limits to the context.
func NewHTTPClient(maxConns int) *http.Client {
	dialer := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 15 * time.Second}
	return &http.Client{
		Transport: &http.Transport{
			Proxy:                 http.ProxyFromEnvironment,
			DialContext:           dialer.DialContext,
			TLSHandshakeTimeout:   10 * time.Second,
			MaxIdleConns:          0,
			MaxIdleConnsPerHost:   maxConns,
			IdleConnTimeout:       4 * time.Second, // below the 5 s of common servers: a race here is doubt
			ExpectContinueTimeout: time.Second,
			ForceAttemptHTTP2:     true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// longestRetryAfter bounds what an operator may ask: a slip of it must not stop
// a lane for days.
const longestRetryAfter = time.Hour

// ParseRetryAfter reads a Retry-After header (RFC 9110, 10.2.3): seconds or a
// date. It returns 0 when there is none or it makes no sense, and never more
// than an hour.
func ParseRetryAfter(h http.Header, now time.Time) time.Duration {
	return retry.After(h, now, longestRetryAfter)
}

// ErrNotPublic is the cause of a connection that was not made: its address is of a private or local network, and the
// client calls public ones alone.
var ErrNotPublic = errors.New("the address is of a private or local network")

// OnThisMachine reports whether a URL names the loopback interface: no operator
// is there but a simulated one.
func OnThisMachine(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
}
