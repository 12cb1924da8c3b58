package postgres

import (
	"strconv"
	"testing"

	"relais/webhook"
)

func TestGiveUp(t *testing.T) {
	if want := strconv.FormatInt(webhook.GiveUp.Microseconds(), 10); giveUp != want {
		t.Errorf("giveUp is %s, want %s as webhook.GiveUp", giveUp, want)
	}
}
