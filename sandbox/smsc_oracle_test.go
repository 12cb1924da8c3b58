//go:build oracle

package sandbox

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"relais/sandbox/smsc"
)

// TestForeignClientBindsToTheSMSC has the npm library smpp send through the simulated SMSC: it was
// written by nobody who knows package smpp.
func TestForeignClientBindsToTheSMSC(t *testing.T) {
	type message struct {
		To      string `json:"to"`
		Text    string `json:"text"`
		Payload bool   `json:"payload,omitempty"`
	}
	s := start(t, Options{})
	// What the library marks as ASCII and writes in the GSM alphabet stays within both.
	texts := []string{"Bonjour Madame, rendez-vous a 9 h", "œuvre, été et 🎉", strings.Repeat("Réunion œcuménique ", 12)}
	const many, answered = 1000, 3
	var messages []message
	for i := range many {
		text := texts[i%len(texts)]
		messages = append(messages, message{fmt.Sprintf("33639%02d00%02d", 98-i/50%9, i%50), fmt.Sprint(text, i), len(text) > 140})
	}
	for i := range answered { // the person answers OUI
		messages = append(messages, message{fmt.Sprintf("336399812%d", 95+i), "Viendrez-vous ?", false})
	}
	question, err := json.Marshal(map[string]any{
		"address": s.SMSC().Address(), "system_id": smsc.SystemID, "password": smsc.Password, "messages": messages,
		"replies": answered,
	})
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "node", "esme.js")
	cmd.Dir, cmd.Stdin = "../internal/oracle", bytes.NewReader(question)
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	answer, err := cmd.Output()
	if err != nil {
		t.Fatalf("run node in internal/oracle, after npm ci there: %v\n%s", err, complaint.String())
	}
	var told struct {
		Answers []struct {
			Status int
			ID     string
		}
		Receipts, Replies []string
	}
	if err := json.Unmarshal(answer, &told); err != nil {
		t.Fatal(err)
	}
	var ids []string
	for i, a := range told.Answers {
		if a.Status != 0 {
			t.Fatalf("message %d: status %d", i, a.Status)
		}
		ids = append(ids, a.ID)
	}
	slices.Sort(ids)
	slices.Sort(told.Receipts)
	if len(ids) != len(messages) || !slices.Equal(ids, told.Receipts) {
		t.Errorf("%d answers and %d receipts of %d messages, of the same ids: %t", len(ids), len(told.Receipts), len(messages),
			slices.Equal(ids, told.Receipts))
	}
	if !slices.Equal(told.Replies, []string{"OUI", "OUI", "OUI"}) {
		t.Errorf("replies %q", told.Replies)
	}
	for i, m := range messages {
		found := 0
		for _, text := range s.Handset("+" + m.To) {
			if text.Text == m.Text {
				found++
			}
		}
		if found != 1 {
			t.Fatalf("message %d is %d times on its handset: %+v", i, found, s.Handset("+"+m.To))
		}
	}
	if stats := s.Stats().SMSC; stats.Duplicates != 0 || stats.Accepted != int64(len(messages)) {
		t.Errorf("stats %+v", stats)
	}
}
