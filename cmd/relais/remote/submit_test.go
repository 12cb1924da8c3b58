package remote

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"relais/app"
	"relais/client"
	"relais/cmd/relais/terminal"
	"relais/config"
	"relais/reason"
)

// trialGateway is a whole gateway beside simulated operators.
func trialGateway(t *testing.T) string {
	t.Helper()
	settings, err := config.Load("", func(string) (string, bool) { return "", false }, app.Parts())
	if err != nil {
		t.Fatal(err)
	}
	settings.Data, settings.Sandbox, settings.Listen, settings.SandboxListen = t.TempDir(), true, "127.0.0.1:0", "127.0.0.1:0"
	a, err := app.New(t.Context(), settings, "test", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return a.URL()
}

// cutting is a proxy that hands every request on, and loses the answers of some.
func cutting(t *testing.T, target string, lost func(n int64) bool) string {
	t.Helper()
	to, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(to)
	var n atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !lost(n.Add(1)) {
			proxy.ServeHTTP(w, r)
			return
		}
		proxy.ServeHTTP(httptest.NewRecorder(), r)
		panic(http.ErrAbortHandler)
	}))
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, 0)
	t.Cleanup(server.Close)
	return server.URL
}

// TestASecondRunSendsNothingTwice sends in several requests, of which the answers of
// the second get lost for good, and runs the same again.
func TestASecondRunSendsNothingTwice(t *testing.T) {
	address := trialGateway(t)
	var to []string
	for i := range 35 {
		to = append(to, fmt.Sprintf("+3363998%04d", i))
	}
	to = append(to, "12")
	send := func(through, key string) (*client.SubmitAnswer, string, error) {
		var said strings.Builder
		quiet := &terminal.Terminal{
			Ctx: t.Context(), Stdout: io.Discard, Stderr: &said, Language: reason.English,
		}
		s := newSubmission(quiet, client.New(through, "sandbox"), client.SubmitRequest{
			To: to, Text: "Bonjour", SendAt: time.Now().Add(time.Hour).Truncate(24 * time.Hour).Add(48 * time.Hour), IdempotencyKey: key,
		}, 10)
		s.pause = time.Millisecond
		answer, err := s.send()
		return answer, said.String(), err
	}
	first, said, err := send(cutting(t, address, func(n int64) bool { return n > 1 }), "campaign-7")
	if err == nil || len(first.Messages) != 10 {
		t.Fatalf("%d messages, %v; want 10 and a lost connection", len(first.Messages), err)
	}
	if want := "36 recipients in 4 requests; idempotency key campaign-7\n10 of 36 recipients\n"; !strings.HasPrefix(said, want) {
		t.Errorf("said %q, want %q first", said, want)
	}
	// and one that gets lost once
	second, _, err := send(cutting(t, address, func(n int64) bool { return n == 2 }), "campaign-7")
	if err != nil {
		t.Fatal(err)
	}
	list, err := client.New(address, "sandbox").Messages(t.Context(), client.Query{Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	if len(list.Items) != 35 || len(second.Messages) != 35 {
		t.Errorf("%d messages at the gateway and %d in the answer, want 35",
			len(list.Items), len(second.Messages))
	}
	want := []client.Refused{
		{To: "12", Index: 35, Code: "number_too_short", Detail: second.Rejected[0].Detail},
	}
	if diff := cmp.Diff(want, second.Rejected); diff != "" {
		t.Errorf("rejected (-want +got):\n%s", diff)
	}
}

func TestRecipients(t *testing.T) {
	dir := t.TempDir()
	for _, tc := range []struct {
		name  string
		given []string
		file  string
		stdin string
		want  []string
		fails string
		said  string
	}{
		{name: "one", given: []string{"0639980001"}, want: []string{"0639980001"}},
		{name: "between commas, and twice", given: []string{"0639980001, 0639980002", "06 39 98 00 01"}, want: []string{"0639980001", "0639980002"}},
		{name: "a file", given: []string{"@FILE"}, file: "0639980001\n\n  0639980002  # Mme Dupont\n# none\n06 39 98 00 03,0639980004\n", want: []string{"0639980001", "0639980002", "06 39 98 00 03", "0639980004"}},
		{name: "a byte order mark and CR LF", given: []string{"@FILE"}, file: "\ufeff0639980001\r\n0639980002\r\n", want: []string{"0639980001", "0639980002"}},
		{name: "without an end of the last line", given: []string{"@FILE"}, file: "0639980001\n0639980002", want: []string{"0639980001", "0639980002"}},
		{name: "a spreadsheet's", given: []string{"@FILE"}, file: "téléphone\n\"0639980001\";\n\"0639980002\";\n", want: []string{"0639980001", "0639980002"}, said: "FILE:1: taken for a heading: téléphone\n"},
		{name: "a table", given: []string{"@FILE"}, file: "Nom;Portable;Code postal\n\"Dupont; Anne\";06 39 98 00 01;97400\nHoarau;;97410\nPayet;0639980002\nRivière\n", want: []string{"06 39 98 00 01", "0639980002"}, said: "FILE:1: taken for a heading: Nom;Portable;Code postal\n"},
		{name: "a table without a column of numbers", given: []string{"@FILE"}, file: "nom,ville\nDupont,97400\n", fails: "FILE:1: a table of several columns, and not exactly one of them is named number, phone or mobile: nom,ville; name that of the recipients so. Nothing was sent"},
		{name: "a table with two columns of numbers", given: []string{"@FILE"}, file: "phone,mobile\n0262000001,0639980001\n", fails: "FILE:1: a table of several columns, and not exactly one of them is named number, phone or mobile: phone,mobile; name that of the recipients so. Nothing was sent"},
		{name: "a table without a heading", given: []string{"@FILE"}, file: "0639980001;Anne\n0639980002;Paul\n", fails: "FILE:1: several columns and no heading: 0639980001;Anne; put a first line above them that names the column of the recipients number, phone or mobile. Nothing was sent"},
		{name: "standard input", given: []string{"-"}, stdin: "0639980001\n+33 6 39 98 00 02\n0033639980002\n", want: []string{"0639980001", "+33 6 39 98 00 02"}},
		{name: "a file and a number", given: []string{"0639980009", "@FILE"}, file: "0639980001\n", want: []string{"0639980009", "0639980001"}},
		{name: "what is no number is the gateway's to refuse", given: []string{"@FILE"}, file: "0639980001\nDupont\n", want: []string{"0639980001", "Dupont"}},
		{name: "an empty file", given: []string{"@FILE"}, file: "\n# nobody\n", fails: "--to @FILE names no recipient: want numbers, one a line or between commas"},
		{name: "no such file", given: []string{"@FILE"}, fails: "cannot read FILE: no such file or directory"},
		{name: "UTF-16", given: []string{"@FILE"}, file: "\xff\xfe0\x006\x00", fails: "FILE is UTF-16; save it as UTF-8"},
		{name: "Latin-1", given: []string{"@FILE"}, file: "0639980001\n# R\xe9union\n", fails: "FILE:2: not UTF-8; save the file as UTF-8"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			name := filepath.Join(dir, "list of "+strings.ReplaceAll(tc.name, " ", "-"))
			if tc.file != "" {
				if err := os.WriteFile(name, []byte(tc.file), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			var said strings.Builder
			p := &terminal.Terminal{
				Ctx: t.Context(), Stdin: strings.NewReader(tc.stdin), Stderr: &said, Language: reason.English,
			}
			given := make([]string, len(tc.given))
			for i := range given {
				given[i] = strings.ReplaceAll(tc.given[i], "FILE", name)
			}
			got, err := recipients(p, given)
			failed := ""
			if err != nil {
				failed = strings.ReplaceAll(err.Error(), name, "FILE")
			}
			if diff := cmp.Diff(tc.want, got); diff != "" || failed != tc.fails {
				t.Errorf("error %q, want %q; recipients (-want +got):\n%s", failed, tc.fails, diff)
			}
			if got := strings.ReplaceAll(said.String(), name, "FILE"); got != tc.said {
				t.Errorf("said %q, want %q", got, tc.said)
			}
		})
	}
}
