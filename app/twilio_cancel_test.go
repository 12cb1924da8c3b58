package app_test

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"relais/sandbox"
)

// TestTwilioCancelsNothingThatLeft has a message that is on the handset, and a program that wants it back.
func TestTwilioCancelsNothingThatLeft(t *testing.T) {
	t.Parallel()
	w := live(t, sandbox.Options{}, "")
	const to, sid = "+33639980700", "AC00000000000000000000000000000001"
	status, said := byTwilio(t, w.app.URL(), to)
	var sent struct{ Sid string }
	if err := json.Unmarshal([]byte(said), &sent); err != nil || status != http.StatusCreated {
		t.Fatalf("%d %s", status, said)
	}
	await(t, "the text", patience, func() bool { return len(w.sandbox.Handset(to)) == 1 })
	status, said = submit(t, w.app.URL()+"/2010-04-01/Accounts/"+sid+"/Messages/"+sent.Sid+".json", "Status=canceled", http.Header{
		"Content-Type":  {"application/x-www-form-urlencoded"},
		"Authorization": {"Basic " + base64.StdEncoding.EncodeToString([]byte(sid+":sandbox"))},
	})
	if status != http.StatusBadRequest || !strings.Contains(said, `"code":30409`) {
		t.Errorf("%d %s", status, said)
	}
}
