package storetest

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"relais/reason"
	"relais/sms"
)

// OldEventRows are rows of the table of events that stores had before timelines stood with
// their messages: seq, at, status, actor, code, detail, reason, attempt, operator_code,
// operator_text.
func OldEventRows(now time.Time) [][]any {
	var rows [][]any
	for i, e := range oldEvents(now) {
		written, says := "", e.Detail.Text()
		if i == 0 {
			written, says = e.Detail.In(reason.English), ""
		}
		rows = append(rows, []any{
			i + 1, e.At.UnixMicro(), string(e.Status), string(e.Actor), e.Code, written, says, e.Attempt,
			e.OperatorCode, e.OperatorText,
		})
	}
	return rows
}

// OldEvents wants the events of OldEventRows in the timeline of a message.
func OldEvents(t *testing.T, s Store, message sms.ID, now time.Time) {
	t.Helper()
	events, _, err := s.Timeline(t.Context(), "default", message)
	if err != nil || len(events) == 0 {
		t.Fatalf("timeline %+v, %v", events, err)
	}
	if diff := cmp.Diff(oldEvents(now), events[1:]); diff != "" {
		t.Errorf("a timeline that was brought up to date (-want +got):\n%s", diff)
	}
}

func oldEvents(now time.Time) []sms.Event {
	at := now.UTC().Truncate(time.Microsecond)
	return []sms.Event{
		{
			At: at, Status: sms.Submitting, Actor: "lane:ovh", Code: sms.CodeAttempt, Attempt: 1,
			Detail: reason.Verbatim("as it was \"said\" once\n<é>"),
		},
		{
			At: at.Add(time.Second), Status: sms.Queued, Actor: "operator:ovh", Code: "told", Attempt: 1,
			Detail: reason.Of("words/verbatim", reason.Args{"text": reason.Name("deux\n")}), OperatorCode: "4\"<", OperatorText: "pas là\n",
		},
	}
}
