//go:build oracle

package app_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"relais/sandbox"
)

// peerMessages is how many go each way, unless RELAIS_SMPP_MESSAGES says otherwise.
const peerMessages = 210

// peerMessage is one that a foreign client sends.
type peerMessage struct {
	To      string   `json:"to"`
	Text    string   `json:"text"`
	Coding  *int     `json:"coding,omitempty"` // nil: what the client takes
	Parts   []string `json:"parts,omitempty"`  // of a long text; who has a library that cuts it sends the text
	Payload bool     `json:"payload,omitempty"`
}

// peerMessageOf is the one of a number: in each alphabet, long in each way, and one that is answered in any case.
func peerMessageOf(n int) peerMessage {
	m := peerMessage{To: fmt.Sprintf("3363998%04d", n%10_000)}
	coded := func(coding int, text string) {
		m.Coding, m.Text = &coding, fmt.Sprintf("%s %d", text, n)
	}
	cut := func(at int) {
		whole := []rune(m.Text)
		m.Parts = []string{string(whole[:at]), string(whole[at:])}
	}
	switch n % 7 {
	case 0:
		coded(0, "Réunion à 9 h @£$_€[Ç")
	case 1:
		coded(3, "Fête à Nîmes, île de Bréhat ÿ")
	case 2:
		coded(8, "œuvre, été et 🎉")
	case 3:
		coded(0, strings.Repeat("Réunion à 9 h. ", 20))
		cut(153)
	case 4:
		coded(8, strings.Repeat("œuvre 🎉 ", 10)) // 9 units of UTF-16
		cut(56)
	case 5: // marked as ASCII by node's library
		m.Text, m.Payload = fmt.Sprint(strings.Repeat("Bonjour Madame, ", 12), n), true
	default:
		coded(8, "Echo œ 🎉")
	}
	return m
}

// peer is a library that nobody who knows package smpp has written.
type peer struct {
	client, smsc []string // commands
	dir          string
	echoes       func(text string) bool // what the operator's people say back
}

// peers are those on both sides, by their name.
func peers(t *testing.T) map[string]peer {
	t.Helper()
	dir := t.TempDir()
	const source = "../internal/oracle/smppgo"
	files, err := os.ReadDir(source)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(filepath.Join(source, file.Name()))
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, strings.TrimSuffix(file.Name(), ".txt")), string(text))
	}
	perform(t, dir, "go", "build", "-o", "smppgo", ".") // of modules that scripts/deps fetched
	program := filepath.Join(dir, "smppgo")
	all := func(string) bool { return true }
	smsc := []string{program, "smsc", peerSystemID, peerPassword}
	return map[string]peer{
		"node": {
			client: []string{"node", "esme.js"}, dir: "../internal/oracle",
			smsc:   []string{"node", "smsc.js", fmt.Sprintf(`{"system_id":%q,"password":%q}`, peerSystemID, peerPassword)},
			echoes: func(text string) bool { return strings.HasPrefix(text, "Echo") },
		},
		"go-smpp": {client: []string{program, "go-smpp"}, smsc: smsc, dir: dir, echoes: all},
		"gosmpp":  {client: []string{program, "gosmpp"}, smsc: smsc, dir: dir, echoes: all},
	}
}

func (p *peer) command(t *testing.T, words []string) *exec.Cmd {
	t.Helper()
	c := exec.CommandContext(t.Context(), words[0], words[1:]...)
	c.Dir = p.dir
	return c
}

const peerSystemID, peerPassword = "peer", "secret08"

// peerSMSC is an operator by such a library.
type peerSMSC struct {
	port    string
	command *exec.Cmd
	stdin   io.WriteCloser
	said    *bufio.Reader
}

func (p *peer) startSMSC(t *testing.T) *peerSMSC {
	t.Helper()
	n := &peerSMSC{command: p.command(t, p.smsc)}
	n.command.Stderr = os.Stderr
	var err error
	if n.stdin, err = n.command.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := n.command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := n.command.Start(); err != nil {
		t.Fatal(err)
	}
	n.said = bufio.NewReader(out)
	line, err := n.said.ReadString('\n')
	if err != nil {
		t.Fatalf("run %s, after scripts/deps node: %v", p.smsc[0], err)
	}
	n.port = strings.TrimSpace(line)
	return n
}

// end is what stands on the handsets.
func (n *peerSMSC) end(t *testing.T) map[string][]string {
	t.Helper()
	if err := n.stdin.Close(); err != nil {
		t.Fatal(err)
	}
	var handsets map[string][]string
	if err := json.NewDecoder(n.said).Decode(&handsets); err != nil {
		t.Fatal(err)
	}
	if err := n.command.Wait(); err != nil {
		t.Fatal(err)
	}
	return handsets
}

// TestPeersOnBothSides has libraries of others as the client of the door and as the operator of the
// connector: every text is on its handset once, every receipt and every reply is with the client once.
func TestPeersOnBothSides(t *testing.T) {
	t.Parallel()
	count := peerMessages
	if text := os.Getenv("RELAIS_SMPP_MESSAGES"); text != "" {
		var err error
		if count, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	for name, p := range peers(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p.exchange(t, count)
		})
	}
}

// exchange sends messages from one end to the other, and compares what is there.
func (p *peer) exchange(t *testing.T, count int) {
	smsc := p.startSMSC(t)
	w := live(t, sandbox.Options{}, fmt.Sprintf(`
[smpp.%[1]s]
password = %[2]q
account = "sandbox"
connector = "peer"

[connector.peer]
provider = "smpp"
account = "sandbox"
address = "127.0.0.1:%[3]s"
tls = false
system_id = %[1]q
password = %[2]q
`, peerSystemID, peerPassword, smsc.port))
	handsets, replies := map[string][]string{}, []string{}
	messages := make([]peerMessage, count)
	for n := range messages {
		m := peerMessageOf(n)
		messages[n] = m
		handsets[m.To] = append(handsets[m.To], m.Text)
		if p.echoes(m.Text) {
			replies = append(replies, m.Text)
		}
	}
	told := p.runClient(t, w.smppAddress(t), messages, len(replies))
	ids := map[string]bool{}
	for n, a := range told.Answers {
		if a.Status != 0 || a.ID == "" || ids[a.ID] {
			t.Fatalf("answer %d: status %#x, id %q", n, a.Status, a.ID)
		}
		ids[a.ID] = true
	}
	for _, id := range told.Receipts {
		if !ids[id] {
			t.Errorf("a receipt of %q: of nothing, or twice", id)
		}
		delete(ids, id)
	}
	if len(ids) > 0 || len(told.Answers) < count { // each part has an id and a receipt of its own
		t.Errorf("%d answers of %d messages, %d without a receipt", len(told.Answers), count, len(ids))
	}
	slices.Sort(replies)
	slices.Sort(told.Replies)
	if diff := cmp.Diff(replies, told.Replies); diff != "" {
		t.Errorf("replies (-want +got):\n%s", diff)
	}
	got := smsc.end(t)
	for number := range got {
		slices.Sort(got[number])
		slices.Sort(handsets[number])
	}
	if diff := cmp.Diff(handsets, got); diff != "" {
		t.Errorf("on the handsets (-want +got):\n%s", diff)
	}
}

// peerTold is what a client says at its end.
type peerTold struct {
	Answers []struct {
		Status int
		ID     string
	}
	Receipts, Replies []string
}

func (p *peer) runClient(t *testing.T, address string, messages []peerMessage, replies int) (told peerTold) {
	t.Helper()
	question, err := json.Marshal(map[string]any{
		"address": address, "system_id": peerSystemID, "password": peerPassword, "messages": messages, "replies": replies,
	})
	if err != nil {
		t.Fatal(err)
	}
	command := p.command(t, p.client)
	command.Stdin = bytes.NewReader(question)
	var complaint bytes.Buffer
	command.Stderr = &complaint
	answer, err := command.Output()
	if err != nil {
		t.Fatalf("run %s, after scripts/deps node: %v\n%s", p.client, err, complaint.String())
	}
	if err := json.Unmarshal(answer, &told); err != nil {
		t.Fatal(err)
	}
	return told
}
