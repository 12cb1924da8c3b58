package shadow

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"time"
)

const (
	// patience is less than the 28 s after which w.c.s. gives up (documented), so
	// that it hears our words.
	patience = 25 * time.Second
	// maxAnswer is the largest answer of an old gateway that is handed on.
	maxAnswer = 10 << 20
)

var errTooLarge = errors.New("the answer is larger than 10 MiB")

// newTransport makes a connection for each request: on one that was used before,
// net/http sends a GET again when it breaks, and a GET is a message to Kannel and
// to http2sms.
func newTransport() *http.Transport {
	dialer := &net.Dialer{Timeout: 10 * time.Second}
	return &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         dialer.DialContext,
		TLSHandshakeTimeout: 10 * time.Second,
		DisableKeepAlives:   true,
		DisableCompression:  true, // the answer is handed on as it is
	}
}

// forward hands a request to the old gateway and returns its answer; failed is
// the error when there is none. A caller that leaves does not cut it: it would
// not have cut the old gateway's work either.
func (k *Keeper) forward(r *http.Request, body []byte, to *url.URL) (old *memory, failed error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), k.Patience)
	defer cancel()
	old = newMemory()
	proxy := httputil.ReverseProxy{
		Transport:      k.transport,
		Rewrite:        func(p *httputil.ProxyRequest) { k.rewrite(p, to) },
		ModifyResponse: whole,
		ErrorHandler:   func(_ http.ResponseWriter, _ *http.Request, err error) { failed = err },
		// it may repeat what the old gateway said
		ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug),
	}
	proxy.ServeHTTP(old, withBody(r.WithContext(ctx), body))
	return old, failed
}

// rewrite leaves the query as it came: Publik signs it byte for byte.
func (k *Keeper) rewrite(p *httputil.ProxyRequest, to *url.URL) {
	p.Out.URL, p.Out.Host = to, to.Host
	p.Out.Header["X-Forwarded-For"] = p.In.Header["X-Forwarded-For"]
	if peer, _, err := net.SplitHostPort(p.In.RemoteAddr); err == nil {
		before := append(p.In.Header.Values("X-Forwarded-For"), peer)
		p.Out.Header.Set("X-Forwarded-For", strings.Join(before, ", "))
	}
	p.Out.Header.Del("Expect") // the body is here
	p.Out.Header.Add("Via", k.via)
	if _, there := p.In.Header["User-Agent"]; !there {
		p.Out.Header["User-Agent"] = nil // else net/http names itself
	}
}

// whole reads an answer to its end, so that a broken one is a failure and not
// half an answer.
func whole(answer *http.Response) error {
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer+1))
	if err := errors.Join(err, answer.Body.Close()); err != nil {
		return fmt.Errorf("read the old answer: %w", err)
	}
	if len(body) > maxAnswer {
		return errTooLarge
	}
	answer.Body = io.NopCloser(bytes.NewReader(body))
	return nil
}

// withBody is the request with a body that was read before.
func withBody(r *http.Request, body []byte) *http.Request {
	again := r.Clone(r.Context())
	again.Body, again.ContentLength, again.TransferEncoding = io.NopCloser(bytes.NewReader(body)),
		int64(len(body)), nil
	again.Header.Del("Transfer-Encoding")
	return again
}

// statusOf is what a caller is told of an old gateway without an answer, and why
// says it in words that hold nothing of the request.
func statusOf(err error) (status int, why string) {
	network, ok := errors.AsType[net.Error](err)
	switch {
	case errors.Is(err, context.DeadlineExceeded), ok && network.Timeout():
		return http.StatusGatewayTimeout, "timeout"
	case errors.Is(err, errTooLarge):
		return http.StatusBadGateway, "answer_too_large"
	}
	if e, ok := errors.AsType[*net.OpError](err); ok && e.Op == "dial" {
		return http.StatusBadGateway, "no_connection"
	}
	return http.StatusBadGateway, "no_answer"
}

// memory holds an answer.
type memory struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func newMemory() *memory { return &memory{header: http.Header{}} }

// Header implements http.ResponseWriter.
func (m *memory) Header() http.Header { return m.header }

// WriteHeader implements http.ResponseWriter.
func (m *memory) WriteHeader(status int) {
	if m.status == 0 && status >= http.StatusOK {
		m.status = status
	}
}

// Write implements http.ResponseWriter.
func (m *memory) Write(b []byte) (int, error) {
	m.WriteHeader(http.StatusOK)
	return m.body.Write(b)
}

// plain is the body as it is read here; the caller gets it as it came. Callers ask
// for gzip, and what is in another coding cannot be read.
func (m *memory) plain() []byte {
	if m.header.Get("Content-Encoding") != "gzip" {
		return m.body.Bytes()
	}
	packed, err := gzip.NewReader(bytes.NewReader(m.body.Bytes()))
	if err != nil {
		return nil
	}
	body, err := io.ReadAll(io.LimitReader(packed, maxAnswer))
	if err != nil {
		return nil
	}
	return body
}

// writeTo hands the answer on.
func (m *memory) writeTo(w http.ResponseWriter) {
	maps.Copy(w.Header(), m.header)
	if _, there := m.header["Content-Type"]; !there {
		w.Header()["Content-Type"] = nil // else net/http guesses one
	}
	w.WriteHeader(m.status)
	w.Write(m.body.Bytes()) //nolint:errcheck // the caller may have gone
}
