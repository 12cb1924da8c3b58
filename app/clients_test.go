package app_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"relais/app"
	"relais/sandbox"
)

// clientSays is what the programs try.* in clients print.
const clientSays = `sent 1 rejected number_too_short
batch 1 no_recipient /messages/1/to
preview gsm7 1
status +33639980001 Ça coûte 5 € 🌴 3 accepted
list 2
canceled canceled
opt-out True ['+33639980005']
removed 0
inbound 0
problem to 422 no_recipient /to ['number_too_short']
problem class 422 class_unknown /class []
problem id 404 message_unknown  []
key 401 key_unknown
no text refused
again 1 True
stored 1
retry-after 7.0 7.0 0.0
webhook True True False True False False
`

// TestClientsInOneFile has the clients in Python and in PHP speak to a real gateway.
func TestClientsInOneFile(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name    string
		command []string
	}{
		{"python", []string{"python3", "../clients/python/try.py"}},
		{"php", []string{"php", "../clients/php/try.php"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := live(t, sandbox.Options{}, "")
			faulty := startFaulty(t, w.app.URL())
			c := exec.CommandContext(t.Context(), tc.command[0],
				append(tc.command[1:], w.app.URL(), app.SandboxKey, faulty)...)
			c.Env = append(c.Environ(), "PYTHONDONTWRITEBYTECODE=1", "PYTHONIOENCODING=utf-8")
			c.Stdin = strings.NewReader(signedTwice(t) + "\n")
			var said, complaint bytes.Buffer
			c.Stdout, c.Stderr = &said, &complaint
			if err := c.Run(); err != nil {
				t.Errorf("%v; scripts/deps clients installs what is missing\n%s", err, complaint.String())
			}
			if diff := cmp.Diff(clientSays, said.String()); diff != "" {
				t.Errorf("it printed (-want +got):\n%s", diff)
			}
		})
	}
}

// startFaulty starts what stands between caller and gateway on a bad day: of the first
// request it loses the answer, the second it puts off for a second, the third goes through.
func startFaulty(t *testing.T, gateway string) string {
	t.Helper()
	var n atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		nth := n.Add(1)
		if nth == 2 {
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		on, err := http.NewRequestWithContext(r.Context(), r.Method, gateway+r.URL.Path, r.Body)
		if err != nil {
			t.Error(err)
			return
		}
		on.Header = r.Header.Clone()
		answer, err := http.DefaultClient.Do(on)
		if err != nil {
			t.Error(err)
			return
		}
		defer answer.Body.Close()
		if nth == 1 {
			w.Header().Set("Content-Length", "1000")
			w.Write([]byte(`{"messages":`)) // it is cut anyway
			panic(http.ErrAbortHandler)
		}
		w.WriteHeader(answer.StatusCode)
		io.Copy(w, answer.Body) // the client would complain
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// signedTwice is the signature header of a webhook while its secret is replaced, made by
// a library that is not ours.
func signedTwice(t *testing.T) string {
	t.Helper()
	var all []string
	for _, secret := range []string{"whsec_bmV3IG5ldyBuZXc=", "whsec_b2xkIG9sZCBvbGQ="} {
		library, err := standardwebhooks.NewWebhook(secret)
		if err != nil {
			t.Fatal(err)
		}
		signature, err := library.Sign("evt_1", time.Unix(1700000000, 0), []byte(`{"é":1}`))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, signature)
	}
	return strings.Join(all, " ")
}
