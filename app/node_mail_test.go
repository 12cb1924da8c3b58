//go:build oracle

package app_test

import (
	"bytes"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"relais/sandbox"
)

// nodeMail is a mail that nodemailer.js sends; tries is how often it begins anew when it gets no answer.
type nodeMail struct {
	Mail  map[string]any `json:"mail"`
	Tries int            `json:"tries,omitempty"`
}

// nodeSent is what Nodemailer says of one try.
type nodeSent struct {
	Response     string
	Accepted     []string
	Rejected     []string
	ID           string
	Code         string
	ResponseCode int
	Command      string
}

// runNodemailer has Nodemailer send some mails.
func runNodemailer(t *testing.T, transport map[string]any, mails []nodeMail, environment ...string) (all []nodeSent) {
	t.Helper()
	question, err := json.Marshal(map[string]any{"transport": transport, "mails": mails})
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), "node", "nodemailer.js")
	command.Dir, command.Stdin = "../internal/oracle", bytes.NewReader(question)
	command.Env = append(os.Environ(), environment...)
	var complaint bytes.Buffer
	command.Stderr = &complaint
	answer, err := command.Output()
	if err != nil {
		t.Fatalf("run node in internal/oracle, after npm ci there: %v\n%s", err, complaint.String())
	}
	if err := json.Unmarshal(answer, &all); err != nil {
		t.Fatalf("%s: %v", answer, err)
	}
	return all
}

// at are the options of a transport to an address, with the login of the sandbox.
func transportTo(t *testing.T, address string) map[string]any {
	t.Helper()
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	return map[string]any{"host": host, "port": json.Number(port), "auth": map[string]string{"user": "sandbox", "pass": "sandbox"}}
}

func mailTo(to any, more map[string]any) nodeMail {
	m := map[string]any{"from": "Mairie <mairie@town.example>", "to": to, "subject": "Réunion", "text": "Réunion à 9 h, œuvre 🎉"}
	maps.Copy(m, more)
	return nodeMail{Mail: m}
}

// TestNodemailer has Nodemailer, unchanged, send in all its forms, and takes each refusal as its own exception.
func TestNodemailer(t *testing.T) {
	t.Parallel()
	w := live(t, sandbox.Options{}, "")
	const text = "Réunion à 9 h, œuvre 🎉"
	mails := []nodeMail{
		mailTo("33639980600@sms", nil),
		mailTo([]string{"33639980601@sms", "0639980602@sms"}, nil),
		mailTo("33639980603@sms", map[string]any{"html": "<p>En <b>HTML</b></p>"}),
		mailTo("33639980604@sms", map[string]any{"text": "", "html": "<p>En <b>HTML</b></p>"}),
		mailTo("33639980605@sms", map[string]any{"attachments": []map[string]any{{"filename": "réunion.pdf", "content": strings.Repeat("x", 100_000)}}}),
		mailTo("33639980606@sms", map[string]any{"textEncoding": "base64"}),
		mailTo("33639980607@sms", map[string]any{"textEncoding": "quoted-printable"}),
		mailTo([]string{"33639980608@sms", "zoe@sms"}, nil),
		mailTo("zoe@sms", nil),
		mailTo("33639980609@sms", map[string]any{"text": ""}),
		mailTo("33639980609@sms", map[string]any{"headers": map[string]string{"Auto-Submitted": "auto-replied"}}),
		mailTo("33639980609@sms", map[string]any{"attachments": []map[string]any{{"filename": "a.bin", "content": strings.Repeat("x", 2_000_000)}}}),
	}
	all := runNodemailer(t, transportTo(t, w.mailAddress(t)), mails)
	if len(all) != len(mails) {
		t.Fatalf("%d answers: %+v", len(all), all)
	}
	for i, a := range all[:8] {
		if !strings.HasPrefix(a.Response, "250 2.0.0 accepted ") || len(a.Rejected) != map[int]int{7: 1}[i] {
			t.Errorf("mail %d: %+v", i, a)
		}
	}
	for i, want := range map[int]string{8: "550 5.1.1", 9: "554 5.6.0", 10: "550 5.7.1", 11: "552 5.3.4"} {
		if a := all[i]; !strings.Contains(a.Response, want) || a.Code == "" {
			t.Errorf("mail %d: %+v, want %s", i, a, want)
		}
	}
	for i, want := range []string{text, text, text, text, "En HTML", text, text, text, text} {
		to := fmt.Sprintf("+3363998%04d", 600+i)
		await(t, "a text", patience, func() bool { return len(w.sandbox.Handset(to)) == 1 })
		if got := w.sandbox.Handset(to)[0].Text; got != want {
			t.Errorf("%s: %q, want %q", to, got, want)
		}
	}
	wrong := transportTo(t, w.mailAddress(t))
	wrong["auth"] = map[string]string{"user": "sandbox", "pass": "wrong"}
	if all := runNodemailer(t, wrong, mails[:1]); len(all) != 1 || all[0].Code != "EAUTH" || all[0].ResponseCode != 535 {
		t.Errorf("a wrong password: %+v", all)
	}
}

// certificateFiles are those of a local authority for example.com.
func certificateFiles(t *testing.T) (certificate, key string) {
	t.Helper()
	server := httptest.NewTLSServer(nil)
	defer server.Close()
	private, err := x509.MarshalPKCS8PrivateKey(server.TLS.Certificates[0].PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	at := t.TempDir()
	certificate, key = filepath.Join(at, "mail.pem"), filepath.Join(at, "mail.key")
	for file, block := range map[string]*pem.Block{
		certificate: {Type: "CERTIFICATE", Bytes: server.Certificate().Raw}, key: {Type: "PRIVATE KEY", Bytes: private},
	} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return certificate, key
}

// TestNodemailerOverTLS has it send by STARTTLS and by TLS from the first octet on, with a local authority.
func TestNodemailerOverTLS(t *testing.T) {
	t.Parallel()
	certificate, key := certificateFiles(t)
	w := live(t, sandbox.Options{}, fmt.Sprintf(`
[smtp.sandbox]
listen = "127.0.0.1:0"
certificate = %[1]q
key = %[2]q
[smtp.sandbox.client.sandbox]
account = "sandbox"
password = "sandbox"
[smtp.secure]
tls = "127.0.0.1:0"
certificate = %[1]q
key = %[2]q
[smtp.secure.client.sandbox]
account = "sandbox"
password = "sandbox"
`, certificate, key))
	trust := "NODE_EXTRA_CA_CERTS=" + certificate
	starting := transportTo(t, w.mailAddress(t))
	starting["requireTLS"], starting["tls"] = true, map[string]string{"servername": "example.com"}
	if all := runNodemailer(t, starting, []nodeMail{mailTo("33639980620@sms", nil)}, trust); len(all) != 1 || !strings.HasPrefix(all[0].Response, "250 2.0.0") {
		t.Errorf("STARTTLS: %+v", all)
	}
	secure := transportTo(t, w.mailAddressOf(t, "smtps://"))
	secure["secure"], secure["tls"] = true, map[string]string{"servername": "example.com"}
	if all := runNodemailer(t, secure, []nodeMail{mailTo("33639980621@sms", nil)}, trust); len(all) != 1 || !strings.HasPrefix(all[0].Response, "250 2.0.0") {
		t.Errorf("TLS: %+v", all)
	}
	if all := runNodemailer(t, secure, []nodeMail{mailTo("33639980622@sms", nil)}); len(all) != 1 || all[0].Code == "" {
		t.Errorf("an authority that nobody trusts: %+v", all)
	}
}

// TestNodemailerGetsNoAnswer: the line breaks before the answer to each mail, and Nodemailer's queue sends again. Each person gets one text.
func TestNodemailerGetsNoAnswer(t *testing.T) {
	t.Parallel()
	w := live(t, sandbox.Options{}, "")
	deaf := cutAnswers(t, w.mailAddress(t))
	var mails []nodeMail
	for i := range 10 {
		m := mailTo(fmt.Sprintf("3363998%04d@sms", 640+i), map[string]any{"messageId": fmt.Sprintf("<lost-%d@town.example>", i)})
		m.Tries = 4
		mails = append(mails, m)
	}
	all := runNodemailer(t, transportTo(t, deaf), mails)
	lost := 0
	for _, a := range all {
		if a.Code != "" {
			lost++
		}
	}
	if lost < len(mails) || len(all) != lost+len(mails) {
		t.Errorf("%d of %d tries got no answer", lost, len(all))
	}
	for i := range mails {
		to := fmt.Sprintf("+3363998%04d", 640+i)
		await(t, "a text", patience, func() bool { return len(w.sandbox.Handset(to)) > 0 })
	}
	if n := w.messages(t); n != len(mails) {
		t.Errorf("%d messages of %d mails", n, len(mails))
	}
}

// cutAnswers is a line to an address of which two connections of three end before the answer to a mail.
func cutAnswers(t *testing.T, address string) string {
	t.Helper()
	port, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { port.Close() })
	var count atomic.Int64
	go func() {
		for {
			client, err := port.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("tcp", address)
			if err != nil {
				client.Close()
				return
			}
			cuts := count.Add(1)%3 != 0
			go func() {
				io.Copy(server, client) // a line that breaks
				server.Close()
			}()
			go func() {
				defer client.Close()
				answers := make([]byte, 4096)
				for {
					n, err := server.Read(answers)
					if err != nil || cuts && bytes.Contains(answers[:n], []byte("accepted ")) {
						return
					}
					if _, err := client.Write(answers[:n]); err != nil {
						return
					}
				}
			}()
		}
	}()
	return port.Addr().String()
}
