package webhook

import (
	"bufio"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"time"
)

// tunneler makes the connections of a client that has a proxy. What is on the public
// internet is reached by a tunnel through the proxy (CONNECT, RFC 9110, 9.3.6), what the
// policy opens beside it directly. Names are looked up here and the proxy is asked for the
// address that was judged, so that a name that changes its address gets nowhere.
type tunneler struct {
	direct    *net.Dialer // judges addresses by the policy
	toProxy   *net.Dialer
	proxy     string // host and port
	login     string // Proxy-Authorization; empty: none
	userAgent string
	timeout   time.Duration // of a whole connection
}

func newTunneler(proxy *url.URL, direct *net.Dialer, o Options) *tunneler {
	t := &tunneler{
		direct: direct, toProxy: &net.Dialer{}, proxy: proxy.Host, userAgent: o.UserAgent,
		timeout: o.Timeout * 4 / 5, // the rest is left to tell of it before the request ends
	}
	if proxy.User != nil {
		password, _ := proxy.User.Password()
		t.login = "Basic " + base64.StdEncoding.EncodeToString([]byte(proxy.User.Username()+":"+password))
	}
	return t
}

// proxyError says why the proxy opened no connection. It repeats no login.
type proxyError struct {
	why  string
	ends bool // no other address of the name would fare better
}

func (e *proxyError) Error() string { return "the proxy " + e.why }

// dial tries the addresses of a name in turn. Its error is that of the first.
func (t *tunneler) dial(ctx context.Context, network, target string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, t.timeout)
	defer cancel()
	name, port, err := net.SplitHostPort(target)
	if err != nil {
		return nil, err
	}
	addresses, err := lookUp(ctx, name)
	if err != nil {
		return nil, err
	}
	var first error
	for _, ip := range addresses {
		conn, err := t.reach(ctx, network, ip.Unmap(), port)
		if err == nil {
			return conn, nil
		}
		if first == nil {
			first = err
		}
		if refused, ok := errors.AsType[*proxyError](err); ok && refused.ends {
			return nil, err
		}
	}
	return nil, first
}

// lookUp finds at least one address of a name.
func lookUp(ctx context.Context, name string) ([]netip.Addr, error) {
	found, err := net.DefaultResolver.LookupNetIP(ctx, "ip", name)
	if err == nil && len(found) > 0 {
		return found, nil
	}
	why := "no address"
	if wrong, ok := errors.AsType[*net.DNSError](err); ok {
		why = wrong.Err
	}
	return nil, fmt.Errorf("the gateway cannot look the name up (%s); it does so itself with webhooks.proxy "+
		"too, to judge the address", why)
}

func (t *tunneler) reach(ctx context.Context, network string, ip netip.Addr, port string) (net.Conn, error) {
	target := net.JoinHostPort(ip.String(), port)
	if public := (Policy{}).Allows(ip); !public {
		return t.direct.DialContext(ctx, network, target)
	}
	conn, err := t.toProxy.DialContext(ctx, "tcp", t.proxy)
	if err != nil {
		return nil, unreached(err)
	}
	if err := t.connect(ctx, conn, target); err != nil {
		conn.Close()
		return nil, err
	}
	return conn, nil
}

// unreached names the reason and not the proxy's address: callers read the log of
// deliveries.
func unreached(err error) error {
	why := "no connection"
	if wrong, ok := errors.AsType[*net.DNSError](err); ok {
		why = wrong.Err
	} else if wrong, ok := errors.AsType[*os.SyscallError](err); ok {
		why = wrong.Err.Error()
	} else if late(err) {
		why = "no answer in time"
	}
	return &proxyError{why: "cannot be reached: " + why, ends: true}
}

func late(err error) bool {
	wrong, ok := errors.AsType[net.Error](err)
	return ok && wrong.Timeout()
}

// connect asks the proxy for a tunnel to an address.
func (t *tunneler) connect(ctx context.Context, conn net.Conn, target string) error {
	if by, bounded := ctx.Deadline(); bounded {
		if err := conn.SetDeadline(by); err != nil {
			return err
		}
	}
	r := &http.Request{
		Method: http.MethodConnect, URL: &url.URL{Opaque: target}, Host: target,
		Header: http.Header{"User-Agent": {t.userAgent}},
	}
	if t.login != "" {
		r.Header["Proxy-Authorization"] = []string{t.login}
	}
	if err := r.Write(conn); err != nil {
		return unanswered(err)
	}
	in := bufio.NewReader(io.LimitReader(conn, maxAnswer))
	answer, err := http.ReadResponse(in, r) //nolint:bodyclose // to close it would read on in the tunnel
	switch {
	case err != nil:
		return unanswered(err)
	case answer.StatusCode < 200 || answer.StatusCode > 299:
		return t.refusal(answer.StatusCode)
	case in.Buffered() > 0: // nobody speaks in a new tunnel before we do
		return unanswered(nil)
	}
	return conn.SetDeadline(time.Time{})
}

func unanswered(err error) error {
	_, broken := errors.AsType[*net.OpError](err)
	switch {
	case late(err):
		return &proxyError{why: "gave no answer in time", ends: true}
	case broken, errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return &proxyError{why: "closed the connection without an answer"}
	}
	return &proxyError{why: "did not answer as an HTTP proxy does", ends: true}
}

func (t *tunneler) refusal(status int) error {
	e := &proxyError{why: fmt.Sprintf("answered %d %s", status, http.StatusText(status))}
	switch {
	case status == http.StatusProxyAuthRequired && t.login == "":
		e.why, e.ends = e.why+": it wants a login, and webhooks.proxy has none", true
	case status == http.StatusProxyAuthRequired:
		e.why, e.ends = e.why+": it does not take the login of webhooks.proxy", true
	case status == http.StatusForbidden:
		e.why += ": it does not allow connections to this address and port"
	}
	return e
}
