package webhook_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/dns/dnsmessage"

	"relais/webhook"
)

// connectProxy is an HTTP proxy that makes tunnels, and knows where the addresses of
// RFC 5737 are on this machine.
type connectProxy struct {
	*httptest.Server
	t       *testing.T
	login   string            // that it wants, user:password; empty: none
	world   map[string]string // what listens at an address
	refuses map[string]int    // addresses that it answers with a status

	mu      sync.Mutex
	asked   []string
	tunnels sync.WaitGroup
}

func newProxy(t *testing.T, login string, world map[string]string) *connectProxy {
	t.Helper()
	p := &connectProxy{t: t, login: login, world: world, refuses: map[string]int{}}
	p.Server = httptest.NewServer(p)
	t.Cleanup(func() {
		p.Close()
		p.tunnels.Wait()
	})
	return p
}

// at is the proxy's address with a login.
func (p *connectProxy) at(login string) *url.URL {
	p.t.Helper()
	u, err := url.Parse(p.URL)
	if err != nil {
		p.t.Fatal(err)
	}
	if user, password, found := strings.Cut(login, ":"); found {
		u.User = url.UserPassword(user, password)
	}
	return u
}

func (p *connectProxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	p.asked = append(p.asked, r.Method+" "+r.RequestURI)
	status := p.refuses[r.RequestURI]
	p.mu.Unlock()
	login := &http.Request{Header: http.Header{"Authorization": r.Header["Proxy-Authorization"]}}
	user, password, _ := login.BasicAuth()
	switch {
	case r.Method != http.MethodConnect:
		status = http.StatusMethodNotAllowed
	case p.login != "" && user+":"+password != p.login:
		w.Header().Set("Proxy-Authenticate", `Basic realm="town"`)
		status = http.StatusProxyAuthRequired
	}
	if status != 0 {
		w.WriteHeader(status)
		return
	}
	far, err := net.Dial("tcp", p.world[r.RequestURI])
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	near, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		p.t.Error(err)
		return
	}
	io.WriteString(near, "HTTP/1.1 200 Connection established\r\n\r\n")
	p.join(near, far)
}

// join carries bytes both ways until one side closes.
func (p *connectProxy) join(near, far net.Conn) {
	carry := func(to, from net.Conn) func() {
		return func() {
			defer to.Close()
			io.Copy(to, from)
		}
	}
	p.tunnels.Go(carry(near, far))
	p.tunnels.Go(carry(far, near))
}

func (p *connectProxy) requests() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string{}, p.asked...)
}

// names is a DNS server on this machine for as long as a test runs. Each question for a
// name takes the next of its answers; the last one stays.
func names(t *testing.T, answers map[string][]string) {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	before := net.DefaultResolver
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
	var serving sync.WaitGroup
	serving.Go(func() { serveNames(t, conn, answers) })
	t.Cleanup(func() {
		conn.Close()
		serving.Wait()
		net.DefaultResolver = before
	})
}

func serveNames(t *testing.T, conn net.PacketConn, answers map[string][]string) {
	buffer := make([]byte, 1500)
	for {
		n, from, err := conn.ReadFrom(buffer)
		if err != nil {
			return
		}
		var m dnsmessage.Message
		if err := m.Unpack(buffer[:n]); err != nil || len(m.Questions) != 1 {
			t.Errorf("question %v", err)
			continue
		}
		q := m.Questions[0]
		name := strings.TrimSuffix(q.Name.String(), ".")
		known := answers[name]
		answer := dnsmessage.Message{
			Header: dnsmessage.Header{ID: m.ID, Response: true}, Questions: m.Questions,
		}
		switch {
		case len(known) == 0:
			answer.RCode = dnsmessage.RCodeNameError
		case q.Type == dnsmessage.TypeA:
			for text := range strings.FieldsSeq(known[0]) {
				answer.Answers = append(answer.Answers, dnsmessage.Resource{
					Header: dnsmessage.ResourceHeader{Name: q.Name, Class: dnsmessage.ClassINET},
					Body:   &dnsmessage.AResource{A: netip.MustParseAddr(text).As4()},
				})
			}
			answers[name] = known[min(1, len(known)-1):]
		}
		packed, err := answer.Pack()
		if err != nil {
			t.Error(err)
			continue
		}
		if _, err := conn.WriteTo(packed, from); err != nil {
			return
		}
	}
}

// tried is the log's line of an event that was tried once.
func (d *desk) tried(e webhook.Endpoint) webhook.Delivery {
	d.t.Helper()
	for {
		found, err := d.store.Deliveries(d.t.Context(), "default", e.ID, "", 0, 10)
		if err != nil || len(found) != 1 {
			d.t.Fatalf("%d in the log, %v", len(found), err)
		}
		if found[0].Attempts > 0 {
			return found[0]
		}
	}
}

func TestProxyLeadsToThePublicInternet(t *testing.T) {
	for _, tc := range []struct {
		name, url, login string
		tls              bool
		names            map[string][]string
		refuses          map[string]int
		want             []string
	}{
		{name: "http", url: "http://example.com/sms", want: []string{"CONNECT 203.0.113.7:80"}},
		{name: "https", url: "https://example.com/sms", tls: true, want: []string{"CONNECT 203.0.113.7:443"}},
		{name: "with a port", url: "https://example.com:8443/sms", tls: true, want: []string{"CONNECT 203.0.113.7:8443"}},
		{name: "an address", url: "http://203.0.113.7/sms", want: []string{"CONNECT 203.0.113.7:80"}},
		{name: "with a login", url: "https://example.com/", tls: true, login: "relais:p@ss:w/rd", want: []string{"CONNECT 203.0.113.7:443"}},
		{
			name: "a name that turns to this machine once it was judged", url: "http://example.com/",
			names: map[string][]string{"example.com": {"203.0.113.7", "127.0.0.1"}},
			want:  []string{"CONNECT 203.0.113.7:80"},
		},
		{
			name: "a second address", url: "http://example.com/",
			names:   map[string][]string{"example.com": {"203.0.113.7 203.0.113.8"}},
			refuses: map[string]int{"203.0.113.7:80": http.StatusBadGateway, "203.0.113.8:80": 0},
			want:    []string{"CONNECT 203.0.113.7:80", "CONNECT 203.0.113.8:80"},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if tc.names == nil {
				tc.names = map[string][]string{"example.com": {"203.0.113.7"}}
			}
			names(t, tc.names)
			seen := make(chan *http.Request, 10)
			r := &receiver{t: t, came: make(chan struct{}, 10), answer: func(_ int, _ http.ResponseWriter, r *http.Request) {
				seen <- r
			}}
			if r.Server = httptest.NewServer(r); tc.tls {
				r.Close()
				r.Server = httptest.NewTLSServer(r)
			}
			defer r.Close()
			here := r.Listener.Addr().String()
			p := newProxy(t, tc.login, map[string]string{
				"203.0.113.7:80": here, "203.0.113.8:80": here, "203.0.113.7:443": here,
				"203.0.113.7:8443": here,
			})
			p.refuses = tc.refuses
			d := openBehind(t, t.TempDir(), webhook.Policy{}, p.at(tc.login))
			defer d.close()
			made, err := d.Create(t.Context(), "default", tc.url, nil, "")
			if err != nil {
				t.Fatal(err)
			}
			r.secret = made.Secret
			d.Start()
			d.tell(1)
			d.settled(made.Endpoint, 0)
			got := <-seen
			if want, _ := url.Parse(tc.url); got.Host != want.Host || tc.tls &&
				got.TLS.ServerName != want.Hostname() ||
				got.Header.Get("Proxy-Authorization") != "" {
				t.Errorf("a request for %s with %v and TLS %+v", got.Host, got.Header, got.TLS)
			}
			if diff := cmp.Diff(tc.want, p.requests()); diff != "" {
				t.Errorf("the proxy was asked (-want +got):\n%s", diff)
			}
		})
	}
}

// TestProxyLeadsToNoPrivateNetwork: the proxy stands in the organisation's network, and
// what it could reach there is not ours to ask for.
func TestProxyLeadsToNoPrivateNetwork(t *testing.T) {
	for name, address := range map[string]string{
		"this machine": "127.0.0.1", "a private network": "10.1.2.3", "link-local": "169.254.169.254",
		"a shared network": "100.64.0.1",
		"several":          "192.168.0.1 127.0.0.1",
	} {
		t.Run(name, func(t *testing.T) {
			names(t, map[string][]string{"example.com": {address}})
			p := newProxy(t, "", nil)
			d := openBehind(t, t.TempDir(), webhook.Policy{}, p.at(""))
			defer d.close()
			made, err := d.Create(t.Context(), "default", "http://example.com/", nil, "")
			if err != nil {
				t.Fatal(err)
			}
			d.Start()
			d.tell(1)
			want := "no answer: the address is of a private or local network, which webhooks.allow does not open"
			if got := d.tried(made.Endpoint); got.Last.Error != want || len(p.requests()) > 0 {
				t.Errorf("error %q, want %q; the proxy was asked %v", got.Last.Error, want, p.requests())
			}
		})
	}
}

// TestWhatThePolicyOpensGoesPastTheProxy: the sandbox's receiver is on this machine.
func TestWhatThePolicyOpensGoesPastTheProxy(t *testing.T) {
	names(t, map[string][]string{"inside.example": {"127.0.0.1"}})
	p := newProxy(t, "", nil)
	d := openBehind(t, t.TempDir(), local, p.at(""))
	defer d.close()
	byAddress, byName := receive(t, nil), receive(t, nil)
	_, port, err := net.SplitHostPort(byName.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	byName.URL = "http://inside.example:" + port
	one, other := d.register(byAddress), d.register(byName)
	d.Start()
	d.tell(1)
	d.settled(one, 0)
	d.settled(other, 0)
	if got := []int{
		len(byAddress.posts()), len(byName.posts()), len(p.requests()),
	}; !cmp.Equal(got, []int{1, 1, 0}) {
		t.Errorf("requests to the receivers and to the proxy: %v, want 1, 1 and 0", got)
	}
}

// TestFormatsGoThroughTheProxy: the doors for OVH and Kannel clients call back in
// shapes of their own.
func TestFormatsGoThroughTheProxy(t *testing.T) {
	names(t, map[string][]string{"example.com": {"203.0.113.7"}})
	r := hear(t, nil)
	p := newProxy(t, "", map[string]string{"203.0.113.7:80": r.Listener.Addr().String()})
	d := openBehind(t, t.TempDir(), webhook.Policy{}, p.at(""))
	defer d.close()
	d.Formats = map[string]webhook.Format{"shape": &shape{path: "/told", taken: func(string) error {
		return nil
	}}}
	id, err := d.ForFormat(t.Context(), "default", "http://example.com", "shape")
	if err != nil {
		t.Fatal(err)
	}
	e, err := d.store.Endpoint(t.Context(), "default", id)
	if err != nil {
		t.Fatal(err)
	}
	tellOne(t, d.store, e)
	d.Start()
	d.settled(e, 0)
	if got := r.next(); got.URL.Path != "/told" ||
		!cmp.Equal(p.requests(), []string{"CONNECT 203.0.113.7:80"}) {
		t.Errorf("%s came, the proxy was asked %v", got.URL, p.requests())
	}
}

// rude is something that listens where a proxy should: it reads a request and says a
// text, or nothing until the client goes.
func rude(t *testing.T, says string, goes bool) *url.URL {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			conn.Read(make([]byte, 4096))
			io.WriteString(conn, says)
			if !goes {
				io.Copy(io.Discard, conn)
			}
			conn.Close()
		}
	})
	t.Cleanup(func() {
		listener.Close()
		serving.Wait()
	})
	return &url.URL{
		Scheme: "http", Host: listener.Addr().String(), User: url.UserPassword("relais", "hunter2"),
	}
}

func TestProxyThatFails(t *testing.T) {
	away := rude(t, "", true)
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	down := &url.URL{
		Scheme: "http", Host: closed.Addr().String(), User: url.UserPassword("relais", "hunter2"),
	}
	closed.Close()
	status := func(line string) *url.URL {
		return rude(t, "HTTP/1.1 "+line+"\r\nContent-Length: 0\r\n\r\n", true)
	}
	for _, tc := range []struct {
		name  string
		proxy *url.URL
		want  string
	}{
		{"down", down, "the proxy cannot be reached: connection refused"},
		{"no such name", &url.URL{Scheme: "http", Host: "proxy.example:3128"}, "the proxy cannot be reached: no such host"},
		{"no login", newProxy(t, "relais:right", nil).at(""), "the proxy answered 407 Proxy Authentication Required: it wants a login, and webhooks.proxy has none"},
		{"wrong password", newProxy(t, "relais:right", nil).at("relais:hunter2"), "the proxy answered 407 Proxy Authentication Required: it does not take the login of webhooks.proxy"},
		{"forbidden", status("403 no hunter2"), "the proxy answered 403 Forbidden: it does not allow connections to this address and port"},
		{"the target cannot be reached", newProxy(t, "", nil).at(""), "the proxy answered 502 Bad Gateway"},
		{"an endpoint is gone, not this", status("410 Gone"), "the proxy answered 410 Gone"},
		{"a redirect", status("302 Found"), "the proxy answered 302 Found"},
		{"garbage", rude(t, "SSH-2.0-hunter2\r\n\r\n", true), "the proxy did not answer as an HTTP proxy does"},
		{"a page", rude(t, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", true), "the proxy did not answer as an HTTP proxy does"},
		{"closes", away, "the proxy closed the connection without an answer"},
		{"says nothing", rude(t, "", false), "the proxy gave no answer in time"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			names(t, map[string][]string{"example.com": {"203.0.113.7"}})
			d := openBehind(t, t.TempDir(), local, tc.proxy)
			made, err := d.Create(t.Context(), "default", "https://example.com/", nil, "")
			if err != nil {
				t.Fatal(err)
			}
			d.Start()
			d.tell(1)
			got := d.tried(made.Endpoint)
			if got.Last.Error != tc.want || got.Last.Status != 0 || got.State != webhook.Pending ||
				!got.NextAt.After(got.Last.At) {
				t.Errorf("%q, status %d, %s; want %q, to be tried again",
					got.Last.Error, got.Last.Status, got.State, tc.want)
			}
			if err := d.Stop(t.Context()); err != nil { // what is under way is stored
				t.Fatal(err)
			}
			e, err := d.store.Endpoint(t.Context(), "default", made.ID)
			if err != nil || e.State != webhook.Active || e.Failures != 1 {
				t.Errorf("endpoint %s with %d failures, %v", e.State, e.Failures, err)
			}
			d.close()
		})
	}
}

// TestNameThatTheGatewayCannotLookUp: the proxy could, and is not asked.
func TestNameThatTheGatewayCannotLookUp(t *testing.T) {
	names(t, nil)
	p := newProxy(t, "", nil)
	d := openBehind(t, t.TempDir(), local, p.at(""))
	defer d.close()
	made, err := d.Create(t.Context(), "default", "https://example.com/", nil, "")
	if err != nil {
		t.Fatal(err)
	}
	d.Start()
	d.tell(1)
	want := "no answer: the gateway cannot look the name up (no such host); it does so itself with webhooks.proxy too, to judge the address"
	if got := d.tried(made.Endpoint); got.Last.Error != want || len(p.requests()) > 0 {
		t.Errorf("error %q, want %q; the proxy was asked %v", got.Last.Error, want, p.requests())
	}
}

// TestEnvironmentNamesNoProxy: it would be asked for names that nobody has judged. A
// process reads these variables once, so that the test runs in one of its own.
func TestEnvironmentNamesNoProxy(t *testing.T) {
	const nobody = "http://127.0.0.1:1"
	if os.Getenv("HTTP_PROXY") != nobody {
		again := exec.CommandContext(t.Context(), os.Args[0],
			"-test.run=^TestEnvironmentNamesNoProxy$", "-test.v")
		again.Env = append(os.Environ(), "HTTP_PROXY="+nobody, "http_proxy="+nobody, "NO_PROXY=", "no_proxy=")
		out, err := again.CombinedOutput()
		if err != nil || !bytes.Contains(out, []byte("--- PASS: TestEnvironmentNamesNoProxy")) {
			t.Errorf("%v\n%s", err, out)
		}
		return
	}
	names(t, map[string][]string{"example.com": {"127.0.0.1"}})
	r := receive(t, nil)
	_, port, err := net.SplitHostPort(r.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	r.URL = "http://example.com:" + port
	d := open(t, t.TempDir(), local)
	defer d.close()
	e := d.register(r)
	d.Start()
	d.tell(1)
	if got := d.tried(e); got.State != webhook.Delivered {
		t.Errorf("%s, %q", got.State, got.Last.Error)
	}
}
