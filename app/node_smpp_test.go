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
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"relais/sandbox"
)

// nodeMessages is how many go each way, unless RELAIS_SMPP_MESSAGES says otherwise.
const nodeMessages = 240

// nodeMessage is one that esme.js sends.
type nodeMessage struct {
	To      string   `json:"to"`
	Text    string   `json:"text"`
	Coding  *int     `json:"coding,omitempty"`
	Parts   []string `json:"parts,omitempty"`
	Payload bool     `json:"payload,omitempty"`
}

// nodeMessageOf is the one of a number: in each alphabet, long in both ways, and one that is answered.
func nodeMessageOf(n int) nodeMessage {
	m := nodeMessage{To: fmt.Sprintf("3363998%04d", n%10_000)}
	coded := func(coding int, text string) {
		m.Coding, m.Text = &coding, fmt.Sprintf("%s %d", text, n)
	}
	switch n % 6 {
	case 0:
		coded(0, "Réunion à 9 h @£$_€[Ç")
	case 1:
		coded(3, "Fête à Nîmes, île de Bréhat ÿ")
	case 2:
		coded(8, "œuvre, été et 🎉")
	case 3:
		coded(0, strings.Repeat("Réunion à 9 h. ", 20))
		whole := []rune(m.Text)
		m.Parts = []string{string(whole[:153]), string(whole[153:])}
	case 4: // marked as ASCII by the library
		m.Text, m.Payload = fmt.Sprint(strings.Repeat("Bonjour Madame, ", 12), n), true
	default:
		coded(8, "Echo œ 🎉")
	}
	return m
}

// nodeSMSC is an operator that nobody who knows package smpp has written.
type nodeSMSC struct {
	port    string
	command *exec.Cmd
	stdin   io.WriteCloser
	said    *bufio.Reader
}

const nodeSystemID, nodePassword = "node", "secret08"

func startNodeSMSC(t *testing.T) *nodeSMSC {
	t.Helper()
	n := &nodeSMSC{command: exec.CommandContext(t.Context(), "node", "smsc.js",
		fmt.Sprintf(`{"system_id":%q,"password":%q}`, nodeSystemID, nodePassword))}
	n.command.Dir, n.command.Stderr = "../internal/oracle", os.Stderr
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
		t.Fatalf("run node in internal/oracle, after npm ci there: %v", err)
	}
	n.port = strings.TrimSpace(line)
	return n
}

// end is what stands on the handsets.
func (n *nodeSMSC) end(t *testing.T) map[string][]string {
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

// TestNodeOnBothSides has the npm library smpp as the client of the door and as the operator of the
// connector: every text is on its handset once, every receipt and every reply is with the client once.
func TestNodeOnBothSides(t *testing.T) {
	count := nodeMessages
	if text := os.Getenv("RELAIS_SMPP_MESSAGES"); text != "" {
		var err error
		if count, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	smsc := startNodeSMSC(t)
	w := live(t, sandbox.Options{}, fmt.Sprintf(`
[smpp.%[1]s]
password = %[2]q
account = "sandbox"
connector = "node"

[connector.node]
provider = "smpp"
account = "sandbox"
address = "127.0.0.1:%[3]s"
tls = false
system_id = %[1]q
password = %[2]q
`, nodeSystemID, nodePassword, smsc.port))
	handsets, replies, requests := map[string][]string{}, []string{}, 0
	messages := make([]nodeMessage, count)
	for n := range messages {
		m := nodeMessageOf(n)
		messages[n] = m
		requests += max(1, len(m.Parts)) // each part has an id and a receipt of its own
		handsets[m.To] = append(handsets[m.To], m.Text)
		if strings.HasPrefix(m.Text, "Echo") {
			replies = append(replies, m.Text)
		}
	}
	told := runNodeESME(t, w.smppAddress(t), messages, len(replies))
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
	if len(ids) > 0 || len(told.Answers) != requests {
		t.Errorf("%d answers to %d requests, %d without a receipt", len(told.Answers), requests, len(ids))
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

// nodeTold is what esme.js says at its end.
type nodeTold struct {
	Answers []struct {
		Status int
		ID     string
	}
	Receipts, Replies []string
}

func runNodeESME(t *testing.T, address string, messages []nodeMessage, replies int) (told nodeTold) {
	t.Helper()
	question, err := json.Marshal(map[string]any{
		"address": address, "system_id": nodeSystemID, "password": nodePassword, "messages": messages, "replies": replies,
	})
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), "node", "esme.js")
	command.Dir, command.Stdin = "../internal/oracle", bytes.NewReader(question)
	var complaint bytes.Buffer
	command.Stderr = &complaint
	answer, err := command.Output()
	if err != nil {
		t.Fatalf("run node in internal/oracle, after npm ci there: %v\n%s", err, complaint.String())
	}
	if err := json.Unmarshal(answer, &told); err != nil {
		t.Fatal(err)
	}
	return told
}
