package sms_test

import (
	"testing"

	"relais/sms"
)

func TestMoneyIsReadAndWritten(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text    string
		money   sms.Money
		written string
	}{
		{"0.047", 47_000, "0.047"},
		{"120", 120 * sms.Unit, "120.00"},
		{"0.5", 500_000, "0.50"},
		{"1.000001", sms.Unit + 1, "1.000001"},
		{"999999999.999999", 999_999_999_999_999, "999999999.999999"},
		{"0", 0, "0.00"},
	} {
		money, err := sms.ParseMoney(c.text)
		if err != nil || money != c.money || money.String() != c.written {
			t.Errorf("%s: read as %d, written %s, error %v; want %d, %s",
				c.text, money, money, err, c.money, c.written)
		}
	}
	if written := sms.Money(-1_500_000).String(); written != "-1.50" {
		t.Errorf("a negative amount is written %s", written)
	}
	if written := sms.Money(47_000).French(); written != "0,047" {
		t.Errorf("French writes %s, want a comma", written)
	}
}

func TestMoneyThatIsRefused(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", ".5", "5.", "-1", "+1", "1,5", "1e3", "0.0000001", "1000000000", "1.2.3", " 1", "٣",
	} {
		if money, err := sms.ParseMoney(text); err == nil {
			t.Errorf("%q was read as %s", text, money)
		}
	}
}
