package connector_test

import (
	"errors"
	"fmt"
	"io"
	"testing"
	"time"

	"relais/connector"
)

func TestFaultZeroValueIsCareful(t *testing.T) {
	var zero connector.Fault
	if zero != connector.Uncertain {
		t.Errorf("zero value of Fault is %s, want uncertain", zero)
	}
	if got := (&connector.Error{}).Fault; got != connector.Uncertain {
		t.Errorf("fault of an Error without one is %s, want uncertain", got)
	}
}

func TestFaultOf(t *testing.T) {
	blocked := &connector.Error{Fault: connector.Blocked, Code: "E42"}
	for _, tc := range []struct {
		name     string
		err      error
		want     connector.Fault
		wantCode string
	}{
		{"nil", nil, connector.Uncertain, ""},
		{"not classified", io.ErrUnexpectedEOF, connector.Uncertain, ""},
		{"classified", blocked, connector.Blocked, "E42"},
		{"wrapped", fmt.Errorf("submit: %w", blocked), connector.Blocked, "E42"},
		{"wrapped twice", fmt.Errorf("lane: %w", fmt.Errorf("submit: %w", blocked)), connector.Blocked, "E42"},
		{"joined", errors.Join(io.EOF, blocked), connector.Blocked, "E42"},
		{"only its text", errors.New(blocked.Error()), connector.Uncertain, ""},
		{"the outer one counts", &connector.Error{Fault: connector.Uncertain, Err: blocked}, connector.Uncertain, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := connector.FaultOf(tc.err); got != tc.want {
				t.Errorf("FaultOf = %s, want %s", got, tc.want)
			}
			if got := connector.CodeOf(tc.err); got != tc.wantCode {
				t.Errorf("CodeOf = %q, want %q", got, tc.wantCode)
			}
		})
	}
}

func TestFaultWords(t *testing.T) {
	want := map[connector.Fault]string{
		connector.Uncertain: "uncertain",
		connector.Temporary: "temporary",
		connector.Throttled: "throttled",
		connector.Blocked:   "blocked",
		connector.Rejected:  "rejected",
	}
	if got := len(connector.Faults); got != len(want) {
		t.Errorf("Faults lists %d faults, want %d", got, len(want))
	}
	for _, fault := range connector.Faults {
		if got := fault.String(); got != want[fault] {
			t.Errorf("word of fault %d is %q, want %q", fault, got, want[fault])
		}
	}
	if got := connector.Fault(200).String(); got != "uncertain" {
		t.Errorf("word of an unknown fault is %q, want uncertain", got)
	}
}

func TestErrorText(t *testing.T) {
	for _, tc := range []struct {
		name string
		err  *connector.Error
		want string
	}{
		{"fault alone", &connector.Error{Fault: connector.Temporary}, "temporary"},
		{"code", &connector.Error{Fault: connector.Rejected, Code: "E42"}, "rejected [E42]"},
		{"detail", &connector.Error{Fault: connector.Blocked, Detail: "no credit"}, "blocked: no credit"},
		{"cause", &connector.Error{Err: io.EOF}, "uncertain: EOF"},
		{
			"everything",
			&connector.Error{
				Fault: connector.Throttled, Code: "E42", Detail: "too fast", Trace: "call-7",
				RetryAfter: time.Second, Err: io.EOF,
			},
			"throttled [E42]: too fast: EOF (call call-7)",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := tc.err.Error(); got != tc.want {
				t.Errorf("Error = %q, want %q", got, tc.want)
			}
		})
	}
}

func TestErrorUnwraps(t *testing.T) {
	err := fmt.Errorf("look up: %w", &connector.Error{Fault: connector.Rejected, Err: connector.ErrNotTaken})
	if !errors.Is(err, connector.ErrNotTaken) {
		t.Errorf("errors.Is does not find the cause of %v", err)
	}
}
