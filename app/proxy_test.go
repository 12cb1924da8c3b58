package app_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	official "github.com/ovh/go-ovh/ovh"

	"relais/app"
)

// proxyNames are those of the servers in the examples under deploy: of each certificate,
// which is called by the first.
var proxyNames = [][]string{{"sms.town.example"}, {"eu.api.ovh.com", "api.ovh.com"}, {"api.town.example"}}

// authority is a certificate authority of one test.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	pool *x509.CertPool
	file string // its certificate
}

// newAuthority writes certificates and their keys into dir, as NAME.pem and NAME.key.
func newAuthority(t *testing.T, dir string, certificates [][]string) *authority {
	t.Helper()
	a := &authority{pool: x509.NewCertPool(), file: filepath.Join(dir, "authority.pem")}
	a.cert = &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Test authority"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	a.key = newSigner(t)
	a.issue(t, a.file, "", a.cert, a.key)
	a.pool.AddCert(a.cert)
	for i, names := range certificates {
		name, key := names[0], newSigner(t)
		a.issue(t, filepath.Join(dir, name+".pem"), filepath.Join(dir, name+".key"), &x509.Certificate{
			SerialNumber: big.NewInt(int64(i) + 2), Subject: pkix.Name{CommonName: name}, DNSNames: names,
			NotBefore: a.cert.NotBefore, NotAfter: a.cert.NotAfter,
		}, key)
	}
	return a
}

func newSigner(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// issue signs a certificate and writes it, and its key where a file is named.
func (a *authority) issue(
	t *testing.T, certFile, keyFile string, cert *x509.Certificate, key *ecdsa.PrivateKey,
) {
	t.Helper()
	der, err := x509.CreateCertificate(rand.Reader, cert, a.cert, &key.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	if cert == a.cert {
		if a.cert, err = x509.ParseCertificate(der); err != nil {
			t.Fatal(err)
		}
	}
	writePEM(t, certFile, "CERTIFICATE", der)
	if keyFile == "" {
		return
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	writePEM(t, keyFile, "PRIVATE KEY", private)
}

func writePEM(t *testing.T, file, kind string, der []byte) {
	t.Helper()
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o644); err != nil {
		t.Fatal(err)
	}
}

// proxy is a program that ends TLS before the gateway, with the example of deploy.
type proxy struct {
	name string
	port int
	*authority
}

// client leads every name to the proxy, as a hosts file does.
func (p *proxy) client() *http.Client {
	return &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: p.pool},
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network,
				net.JoinHostPort("127.0.0.1", strconv.Itoa(p.port)))
		},
	}}
}

// startProxy runs the program of a name, which must be installed, until the test ends.
func startProxy(t *testing.T, name, gatewayURL string) *proxy {
	t.Helper()
	program, err := exec.LookPath(name)
	if err != nil {
		if program, err = exec.LookPath("/usr/sbin/" + name); err != nil {
			t.Fatalf("%v: install the package %s (scripts/deps proxies)", err, name)
		}
	}
	const tries = 3 // another program may take the port before this one
	for range tries {
		if p := tryProxy(t, name, program, gatewayURL); p != nil {
			return p
		}
	}
	t.Fatalf("%s does not come up", name)
	return nil
}

func tryProxy(t *testing.T, name, program, gatewayURL string) *proxy {
	t.Helper()
	dir := t.TempDir()
	ports := freePorts(t, 2)
	p := &proxy{name: name, port: ports[0], authority: newAuthority(t, dir, proxyNames)}
	upstream := strings.TrimPrefix(gatewayURL, "http://")
	var args []string
	switch name {
	case "nginx":
		example := adapted(t, "nginx/relais.conf", "127.0.0.1:8080", upstream, "/etc/ssl/relais/", dir+"/",
			"listen 443 ssl", fmt.Sprintf("listen 127.0.0.1:%d ssl", p.port))
		for _, kind := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
			example = fmt.Sprintf("%s_temp_path %s/%s;\n%s", kind, dir, kind, example)
		}
		write(t, filepath.Join(dir, "nginx.conf"), fmt.Sprintf(
			"daemon off; pid %[1]s/pid; error_log %[1]s/log; worker_processes 1;\nevents {}\nhttp {\naccess_log off;\n%[2]s}\n", dir, example))
		args = []string{"-p", dir, "-c", filepath.Join(dir, "nginx.conf")}
	case "caddy":
		example := adapted(t, "caddy/Caddyfile", "127.0.0.1:8080", upstream, "/etc/ssl/relais/", dir+"/")
		write(t, filepath.Join(dir, "Caddyfile"), fmt.Sprintf(
			"{\nadmin off\nhttps_port %d\nhttp_port %d\nauto_https disable_redirects\ndefault_bind 127.0.0.1\n}\n%s", p.port, ports[1], example))
		args = []string{"run", "--config", filepath.Join(dir, "Caddyfile"), "--adapter", "caddyfile"}
	}
	command := exec.Command(program, args...)
	command.Env = append(os.Environ(), "HOME="+dir, "XDG_DATA_HOME="+dir, "XDG_CONFIG_HOME="+dir)
	var out bytes.Buffer
	command.Stdout, command.Stderr = &out, &out
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		command.Wait()
	}()
	t.Cleanup(func() {
		command.Process.Signal(os.Interrupt)
		<-ended
		if t.Failed() {
			t.Logf("%s: %s", name, out.String())
		}
	})
	if !p.up(t, ended) {
		return nil
	}
	return p
}

// up waits until the proxy answers, or has ended.
func (p *proxy) up(t *testing.T, ended <-chan struct{}) (answers bool) {
	t.Helper()
	await(t, p.name, patience, func() bool {
		select {
		case <-ended:
			return true
		default:
		}
		got, err := p.client().Get("https://sms.town.example/healthz")
		if err != nil {
			return false
		}
		got.Body.Close()
		answers = got.StatusCode == http.StatusOK
		return answers
	})
	return answers
}

// adapted is an example of deploy with other words in the place of some.
func adapted(t *testing.T, file string, pairs ...string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("../deploy", file))
	if err != nil {
		t.Fatal(err)
	}
	for pair := range slices.Chunk(pairs, 2) {
		if !bytes.Contains(text, []byte(pair[0])) {
			t.Fatalf("%s lacks %q: the test adapts another example", file, pair[0])
		}
	}
	return strings.NewReplacer(pairs...).Replace(string(text))
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// behindGateway is what the third server of the examples wants in the configuration.
const behindGateway = "[ovh.sandbox]\npublic_urls = [\"https://api.town.example/gateway/sms-api\"]\n"

// TestGoOVHBehindRealProxies has OVH's own client for Go call through nginx and Caddy,
// as they stand in deploy: the signature must be right for the address that it called.
func TestGoOVHBehindRealProxies(t *testing.T) {
	c := startOVHClientWith(t, behindGateway)
	for _, name := range []string{"nginx", "caddy"} {
		p := startProxy(t, name, c.app.URL())
		for _, way := range []struct{ name, endpoint, before string }{
			{"host alone", "https://sms.town.example/1.0", ""},
			{"host alone, /v1 in the path", "https://sms.town.example/1.0", "/v1"},
			{"host alone, /v1", "https://sms.town.example/v1", ""},
			{"a path", "https://sms.town.example/ovh/1.0", ""},
			{"the endpoint of OVH", "ovh-eu", ""},
			{"the endpoint of OVH, /v1 in the path", "ovh-eu", "/v1"},
			{"the older name of OVH", "https://api.ovh.com/1.0", ""},
			{"a path that the proxy changes", "https://api.town.example/gateway/sms-api", ""},
		} {
			t.Run(name+" "+way.name, func(t *testing.T) {
				client, err := official.NewClient(way.endpoint, c.issued.ApplicationKey,
					c.issued.ApplicationSecret, c.issued.ConsumerKey)
				if err != nil {
					t.Fatal(err)
				}
				client.Client = p.client()
				tag := name + " & " + way.name
				var sent ovhReport
				body := map[string]any{
					"message": "Réunion à 9 h", "receivers": []string{"+33639980001"},
					"noStopClause": true, "tag": tag, "senderForResponse": true,
				}
				if err := client.Post(way.before+c.service+"/jobs", body, &sent); err != nil ||
					len(sent.IDs) != 1 {
					t.Fatalf("%+v, %v", sent, err)
				}
				var ids []int64
				await(t, "the message", patience, func() bool {
					if err := client.Get(
						way.before+c.service+"/outgoing?tag="+url.QueryEscape(tag), &ids,
					); err != nil {
						t.Fatal(err)
					}
					return slices.Equal(ids, sent.IDs)
				})
				// What is escaped in the path must arrive as it was signed.
				wantOVHRefusal(t, client.Get(way.before+c.service+"/blacklists/%2B33639980077", nil),
					404, "does not exist")
			})
		}
		t.Run(name+" native API beside", func(t *testing.T) {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost,
				"https://sms.town.example/v1/messages/preview",
				strings.NewReader(`{"to":"+33639980001","text":"a"}`))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Authorization", "Bearer "+app.SandboxKey)
			got, err := p.client().Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer got.Body.Close()
			if got.StatusCode != http.StatusOK {
				t.Errorf("answer %d", got.StatusCode)
			}
		})
	}
}
