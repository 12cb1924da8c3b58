package manual_test

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"relais/api/manual"
)

// probe is a request that a webhook may get, and whether its signature is genuine.
type probe struct {
	ID        string `json:"webhook-id"`
	Timestamp string `json:"webhook-timestamp"`
	Signature string `json:"webhook-signature"`
	body      []byte
	genuine   bool
}

// probes are a real request of a gateway and what somebody may make of it.
func probes(t *testing.T, got delivered) []probe {
	t.Helper()
	real := probe{
		got.header.Get("webhook-id"), got.header.Get("webhook-timestamp"), got.header.Get("webhook-signature"), got.body, true,
	}
	seconds, err := strconv.Atoi(real.Timestamp)
	if err != nil {
		t.Fatal(err)
	}
	two, other, late, none := real, real, real, real
	two.Signature = "v1,bm9uZQ== " + real.Signature
	other.body, other.genuine = []byte(strings.Replace(string(real.body), "delivered", "submitted", 1)), false
	late.Timestamp, late.genuine = strconv.Itoa(seconds-1000), false
	none.Signature, none.genuine = "v1,bm9uZQ==", false
	return []probe{real, two, other, late, none}
}

// judges are programs that print true or false for each probe: what the manual shows, and
// the lines that call it. They read a secret, and files with a probe and its body.
var judges = map[string]struct {
	file, more string
	command    []string
}{
	"python": {"judge.py", `
import json, sys
secret = sys.argv[1]
for n in range(5):
    print("true" if genuine(secret, json.load(open(f"{n}.json")), open(f"{n}.body", "rb").read()) else "false")
`, []string{"python3", "judge.py"}},
	"php": {"judge.php", `
for ($n = 0; $n < 5; $n++) {
    $headers = json_decode(file_get_contents("$n.json"), true);
    echo genuine($argv[1], $headers, file_get_contents("$n.body")) ? "true\n" : "false\n";
}
`, []string{"php", "judge.php"}},
	"javascript": {"judge.mjs", `
import { readFileSync } from "node:fs";
for (let n = 0; n < 5; n++) {
  console.log(genuine(process.argv[2], JSON.parse(readFileSync(n + ".json")), readFileSync(n + ".body")));
}
`, []string{"node", "judge.mjs"}},
	"go": {"judge.go", `
func main() {
	for n := range 5 {
		var fields map[string]string
		text, _ := os.ReadFile(strconv.Itoa(n) + ".json")
		json.Unmarshal(text, &fields)
		header := http.Header{}
		for name, value := range fields {
			header.Set(name, value)
		}
		body, _ := os.ReadFile(strconv.Itoa(n) + ".body")
		fmt.Println(genuine(os.Args[1], header, body))
	}
}
`, []string{"go", "run", "judge.go"}},
	"curl": {"judge.sh", `
for n in 0 1 2 3 4; do
  if genuine "$1" "$(cat $n.id)" "$(cat $n.time)" "$(cat $n.signatures)" < $n.body; then echo true; else echo false; fi
done
`, []string{"sh", "judge.sh"}},
}

// TestSignaturesInEveryLanguage has the code of the manual judge a request that a gateway
// signed, and what somebody made of it.
func TestSignaturesInEveryLanguage(t *testing.T) {
	w := newWorld(t, beside)
	secret := w.secret()
	w.send(1, `,"connector":"ovh"`)
	w.await("an event", func() bool { _, ok := w.receiver.event("message.delivered"); return ok })
	got, _ := w.receiver.event("message.delivered")
	want := ""
	dir := t.TempDir()
	for n, p := range probes(t, got) {
		text, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		for ending, text := range map[string]string{
			"json": string(text), "body": string(p.body), "id": p.ID, "time": p.Timestamp, "signatures": p.Signature,
		} {
			put(t, filepath.Join(dir, strconv.Itoa(n)+"."+ending), text)
		}
		want += strconv.FormatBool(p.genuine) + "\n"
	}
	for _, code := range manual.Codes {
		t.Run(code.ID, func(t *testing.T) {
			judge := judges[code.ID]
			program := manual.Verifier(code.ID) + judge.more
			if code.ID == "go" {
				program = strings.Replace(program, "import (", "import (\n\t\"encoding/json\"\n\t\"fmt\"\n\t\"os\"", 1)
			}
			put(t, filepath.Join(dir, judge.file), program)
			if said := run(t, dir, judge.command[0], append(judge.command[1:], secret)...); said != want {
				t.Errorf("it says\n%s, want\n%s", said, want)
			}
		})
	}
}

// secret replaces the secret of the receiver's webhook, and returns the new one.
func (w *world) secret() string {
	w.t.Helper()
	_, list := w.ask(http.MethodGet, "/v1/webhooks", "")
	id := list["items"].([]any)[0].(map[string]any)["id"].(string)
	_, answer := w.ask(http.MethodPost, "/v1/webhooks/"+id+"/rotate", `{"overlap":"0s"}`)
	secret, _ := answer["secret"].(string)
	if _, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_")); err != nil || secret == "" {
		w.t.Fatalf("no secret: %v", answer)
	}
	return secret
}

// TestVerifiersAreThere: each language of the examples has one.
func TestVerifiersAreThere(t *testing.T) {
	for _, code := range manual.Codes {
		if manual.Verifier(code.ID) == "" {
			t.Errorf("nothing verifies a signature in %s: add a file to api/manual/verify", code.Name)
		}
	}
	files, err := os.ReadDir("verify")
	if err != nil || len(files) != len(manual.Codes) {
		t.Errorf("%d files in verify, %v", len(files), err)
	}
}
