package doortest

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
)

// Raw is a request as a hostile reader writes it.
type Raw struct {
	Name    string
	Method  string
	Target  string
	Headers []string // besides Host and Content-Length; one may hold a line break and another header
	Body    string
	Taken   bool // it is answered with a yes
}

// Write sends a request as it stands.
func (h *House) Write(t *testing.T, r *Raw) *Reply {
	t.Helper()
	host := strings.TrimPrefix(h.URL, "http://")
	c, err := new(net.Dialer).DialContext(t.Context(), "tcp", host)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	head := append([]string{
		r.Method + " " + r.Target + " HTTP/1.1", "Host: " + host, "Connection: close", fmt.Sprintf("Content-Length: %d", len(r.Body)),
	}, r.Headers...)
	go io.WriteString(c, strings.Join(head, "\r\n")+"\r\n\r\n"+r.Body) //nolint:errcheck // the answer may come before the end of it
	answer, err := http.ReadResponse(bufio.NewReader(c), &http.Request{Method: r.Method})
	if err != nil {
		t.Fatalf("%s %s: %v", r.Method, r.Name, err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatalf("%s %s: %v", r.Method, r.Name, err)
	}
	return &Reply{answer.StatusCode, answer.Header, string(text)}
}
