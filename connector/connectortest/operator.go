package connectortest

import (
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"relais/sms"
)

// answer is how the operator answers one request, whose body is read already.
type answer func(w http.ResponseWriter, r *http.Request, body []byte)

// operator is the server at the other end. It counts what reaches it.
type operator struct {
	server  *httptest.Server
	target  Target
	arrived chan struct{} // one for each counted request, once its body is read
	over    chan struct{} // closed at the end of the test

	mu       sync.Mutex
	answer   answer
	requests int
}

// newOperator starts an operator that accepts. The server is plain HTTP.
func newOperator(t *testing.T, target Target) *operator {
	t.Helper()
	o := quietOperator(target)
	o.server = httptest.NewUnstartedServer(o)
	// resets and bad handshakes are its life
	o.server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug)
	o.server.Start()
	t.Cleanup(o.close)
	return o
}

// newTLSOperator starts an operator whose certificate nobody trusts.
func newTLSOperator(t *testing.T, target Target) *operator {
	t.Helper()
	o := quietOperator(target)
	o.server = httptest.NewUnstartedServer(o)
	o.server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug)
	o.server.StartTLS()
	t.Cleanup(o.close)
	return o
}

func quietOperator(target Target) *operator {
	return &operator{
		target:  target,
		answer:  target.Accept,
		arrived: make(chan struct{}, 1024),
		over:    make(chan struct{}),
	}
}

func (o *operator) close() {
	close(o.over)
	o.server.CloseClientConnections()
	o.server.Close()
}

// ServeHTTP answers preliminary requests well and the others as told.
func (o *operator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the caller went away in the middle: it has not asked
	}
	if o.target.Preliminary != nil && o.target.Preliminary(r) {
		o.target.Accept(w, r, body)
		return
	}
	reply := o.count()
	o.arrived <- struct{}{}
	reply(w, r, body)
}

func (o *operator) count() answer {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.requests++
	return o.answer
}

// willAnswer sets how the next requests are answered.
func (o *operator) willAnswer(a answer) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.answer = a
}

// requestCount is the number of requests that asked for something.
func (o *operator) requestCount() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.requests
}

// reset reads the request and breaks the connection.
func reset(w http.ResponseWriter, _ *http.Request, _ []byte) {
	conn := hijack(w)
	_ = conn.(*net.TCPConn).SetLinger(0) // close with RST
	_ = conn.Close()
}

// hangUp reads the request and closes the connection in order.
func hangUp(w http.ResponseWriter, _ *http.Request, _ []byte) {
	_ = hijack(w).Close()
}

func hijack(w http.ResponseWriter) net.Conn {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(fmt.Sprintf("take the connection over: %v", err)) // the server is HTTP/1
	}
	return conn
}

// silence reads the request and says nothing until the test is over.
func (o *operator) silence(_ http.ResponseWriter, r *http.Request, _ []byte) {
	o.wait(r)
}

func (o *operator) wait(r *http.Request) {
	select {
	case <-r.Context().Done():
	case <-o.over:
	}
}

// stall begins the good answer and says no more.
func (o *operator) stall(w http.ResponseWriter, r *http.Request, body []byte) {
	good := record(o.target.Accept, r, body)
	w.Header().Set("Content-Length", fmt.Sprint(good.Body.Len()))
	w.WriteHeader(good.Code)
	_, _ = w.Write(good.Body.Bytes()[:good.Body.Len()/2])
	_ = http.NewResponseController(w).Flush()
	o.wait(r)
}

// cut is the good answer, of which the network loses the end: keep tells how
// many of its bytes arrive.
func (o *operator) cut(keep func(size int) int) answer {
	return func(w http.ResponseWriter, r *http.Request, body []byte) {
		good := record(o.target.Accept, r, body)
		size := good.Body.Len()
		conn := hijack(w)
		defer conn.Close()
		fmt.Fprintf(conn, "HTTP/1.1 %d OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n",
			good.Code, size+1)
		_, _ = conn.Write(good.Body.Bytes()[:keep(size)])
	}
}

// cutChunks is the good answer as one chunk, without the chunk that ends it.
func (o *operator) cutChunks(w http.ResponseWriter, r *http.Request, body []byte) {
	good := record(o.target.Accept, r, body)
	conn := hijack(w)
	defer conn.Close()
	fmt.Fprintf(conn, "HTTP/1.1 %d OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n", good.Code,
		good.Body.Len(), good.Body)
}

// endless is the good answer, followed by more blanks than anybody should read.
func (o *operator) endless(w http.ResponseWriter, r *http.Request, body []byte) {
	good := record(o.target.Accept, r, body)
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(good.Code)
	_, _ = w.Write(good.Body.Bytes())
	blanks := []byte(strings.Repeat(" ", 1<<20))
	for range 5 {
		_, _ = w.Write(blanks)
	}
}

func record(a answer, r *http.Request, body []byte) *httptest.ResponseRecorder {
	recorder := httptest.NewRecorder()
	a(recorder, r, body)
	return recorder
}

// fixed answers always the same.
func fixed(status int, header http.Header, body string) answer {
	return func(w http.ResponseWriter, _ *http.Request, _ []byte) {
		for key, values := range header {
			w.Header()[http.CanonicalHeaderKey(key)] = values
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// fill puts the first message into a case's body.
func fill(body string, m sms.Message) string {
	return strings.NewReplacer("{to}", string(m.To), "{text}", m.Text).Replace(body)
}
