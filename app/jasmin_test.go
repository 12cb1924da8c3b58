package app_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"relais/sandbox"
)

// jasminProgram is what Jasmin would call: it acknowledges what it is told.
type jasminProgram struct {
	*httptest.Server
	mu    sync.Mutex
	calls map[string][]url.Values // by path
}

func listenForJasmin(t *testing.T) *jasminProgram {
	t.Helper()
	p := &jasminProgram{calls: map[string][]url.Values{}}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil {
			t.Error(err)
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		p.calls[r.URL.Path] = append(p.calls[r.URL.Path], r.Form)
		io.WriteString(w, "ACK/Jasmin")
	}))
	t.Cleanup(p.Close)
	return p
}

func (p *jasminProgram) of(path string) []url.Values {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]url.Values(nil), p.calls[path]...)
}

// TestJasminsCallers send by the requests of Jasmin's documentation, and hear of receipts and replies as from Jasmin.
func TestJasminsCallers(t *testing.T) {
	t.Parallel()
	program := listenForJasmin(t)
	w := live(t, sandbox.Options{}, fmt.Sprintf("\n[jasmin.town]\npassword = \"foobar\"\naccount = \"sandbox\"\nreplies_url = %q\n", program.URL+"/mo"))
	const to, absent = "33639980500", "33639980550"
	send := func(to, path string) string {
		t.Helper()
		said := page(t, w.app.URL()+"/send?"+url.Values{
			"username": {"town"}, "password": {"foobar"}, "to": {to}, "content": {"Bonjour"}, "dlr-url": {program.URL + path}, "dlr-level": {"3"}, "dlr-method": {"GET"},
		}.Encode())
		_, id, ok := strings.Cut(said, `Success "`)
		if !ok {
			t.Fatal(said)
		}
		return strings.TrimSuffix(id, `"`)
	}
	for path, tc := range map[string]struct{ to, end string }{"/arrives": {to, "DELIVRD"}, "/absent": {absent, "UNDELIV"}} {
		id := send(tc.to, path)
		await(t, "the receipts", patience, func() bool { return len(program.of(path)) == 2 })
		first, second := program.of(path)[0], program.of(path)[1]
		if first.Get("id") != id || first.Get("level") != "1" || first.Get("message_status") != "ESME_ROK" {
			t.Errorf("%s: level 1 %v", path, first)
		}
		if second.Get("id") != id || second.Get("level") != "2" || second.Get("message_status") != tc.end || second.Get("id_smsc") == "" || second.Get("text") != "Bonjour" {
			t.Errorf("%s: level 2 %v", path, second)
		}
	}
	if err := w.sandbox.Reply("+"+to, "", "Oui, à demain"); err != nil {
		t.Fatal(err)
	}
	await(t, "the reply", patience, func() bool { return len(program.of("/mo")) == 1 })
	if reply := program.of("/mo")[0]; reply.Get("content") != "Oui, à demain" || reply.Get("from") != "+"+to || reply.Get("coding") != "0" {
		t.Errorf("reply %v", reply)
	}
}
