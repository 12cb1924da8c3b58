package remote

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"relais/client"
	"relais/cmd/relais/terminal"
)

func TestJudge(t *testing.T) {
	event := []client.Event{{Code: "code", Detail: "The reason."}}
	for _, tc := range []struct {
		status   client.Status
		timeline []client.Event
		want     bool
		said     string
	}{
		{client.Submitted, event, true, ""},
		{client.Delivered, event, true, ""},
		{client.Uncertain, event, false, "+33639980001: uncertain (code): The reason.\n"},
		{client.Rejected, event, false, "+33639980001: rejected (code): The reason.\n"},
		{client.Undelivered, nil, false, "+33639980001: undelivered (code)\n"},
		{client.Expired, nil, false, "+33639980001: expired (code)\n"},
		{client.Canceled, nil, false, "+33639980001: canceled (code)\n"},
		{client.Queued, nil, false, "+33639980001: still queued after 1m0s (code); relais status 1 tells more\n"},
	} {
		t.Run(string(tc.status), func(t *testing.T) {
			var said strings.Builder
			m := &client.MessageWithTimeline{
				Message:  client.Message{ID: "1", To: "+33639980001", Status: tc.status, Reason: "code"},
				Timeline: tc.timeline,
			}
			got := (&waitFlags{Timeout: time.Minute}).judge(&terminal.Terminal{Stderr: &said}, m)
			if got != tc.want {
				t.Errorf("judge = %v, want %v", got, tc.want)
			}
			if diff := cmp.Diff(tc.said, said.String()); diff != "" {
				t.Errorf("said (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTextOfStandardInput(t *testing.T) {
	for _, tc := range []struct{ name, raw, want string }{
		{"UTF-8", "l’école\n", "l’école"},
		{"the line end of Windows", "a\r\nb\r\n", "a\r\nb"},
		{"the mark of Windows", "\xef\xbb\xbfl’école\n", "l’école"},
		{"UTF-16 of PowerShell", "\xff\xfel\x00\x19 \xe9\x00\r\x00\n\x00", "l’é"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			term := terminal.Terminal{Stdin: strings.NewReader(tc.raw)}
			if got, err := readText(&term); err != nil || got != tc.want {
				t.Errorf("read %q, %v; want %q", got, err, tc.want)
			}
		})
	}
	term := terminal.Terminal{Stdin: strings.NewReader("l\x92\xe9cole")}
	got, err := readText(&term)
	if _, refused := errors.AsType[*terminal.UsageError](err); !refused || got != "" {
		t.Errorf("Windows-1252 is read as %q, %v", got, err)
	}
}
