package gateway_test

import (
	"testing"
	"time"

	"relais/gateway"
	"relais/sms"
)

// TestIDsOfASubmissionAreOfItsAccount: message and submission are found by their ids alone,
// in the database of their account.
func TestIDsOfASubmissionAreOfItsAccount(t *testing.T) {
	l := people(t)
	tail := func(id sms.ID) [2]byte { return [2]byte{id[14] & 0x0f, id[15]} }
	want := tail(sms.BucketOf("default").NewID(time.Now()))
	for _, m := range l.submit(t, gateway.Submission{To: []string{"0639980001", "0639980002"}}) {
		if tail(m.ID) != want || tail(m.Submission) != want {
			t.Errorf("message %s of submission %s ends in another bucket than %v", m.ID, m.Submission, want)
		}
	}
}
