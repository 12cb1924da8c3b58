package sms_test

import (
	"testing"
	"time"

	"relais/sms"
)

func TestClass(t *testing.T) {
	for _, tc := range []struct {
		name     string
		class    sms.Class
		valid    bool
		priority int
		validity time.Duration
	}{
		{"one-time code", sms.OTP, true, 0, 15 * time.Minute},
		{"transactional", sms.Transactional, true, 1, 48 * time.Hour},
		{"marketing", sms.Marketing, true, 2, 48 * time.Hour},
		{"none", "", false, 1, 48 * time.Hour},
		{"unknown", "urgent", false, 1, 48 * time.Hour},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := tc.class.Valid(); got != tc.valid {
				t.Errorf("Valid = %v, want %v", got, tc.valid)
			}
			if got := tc.class.Priority(); got != tc.priority {
				t.Errorf("Priority = %d, want %d", got, tc.priority)
			}
			if got := tc.class.Validity(); got != tc.validity {
				t.Errorf("Validity = %v, want %v", got, tc.validity)
			}
		})
	}
}

func TestClassesAreInOrder(t *testing.T) {
	for i, c := range sms.Classes {
		if !c.Valid() || c.Priority() != i {
			t.Errorf("%s at place %d has priority %d", c, i, c.Priority())
		}
	}
}
