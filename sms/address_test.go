package sms_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"relais/sms"
)

func TestSenderKind(t *testing.T) {
	for _, tc := range []struct {
		name   string
		sender sms.Sender
		want   sms.SenderKind
	}{
		{"none", "", sms.NoSender},
		{"a name", "MAIRIE", sms.Alphanumeric},
		{"a name with digits", "Mairie75", sms.Alphanumeric},
		{"spaces between digits", "36 180", sms.Alphanumeric},
		{"only a plus", "+", sms.Alphanumeric},
		{"two pluses", "++33639980123", sms.Alphanumeric},
		{"digits of another script", "٣٦١٨٠", sms.Alphanumeric},
		{"short code", "36180", sms.ShortCode},
		{"longest short code", "123456", sms.ShortCode},
		{"shortest number", "1234567", sms.LongNumber},
		{"number with a plus", "+33639980123", sms.LongNumber},
		{"number without a plus", "33639980123", sms.LongNumber},
		{"a plus makes a number", "+36180", sms.LongNumber},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := tc.sender.Kind(); got != tc.want {
				t.Errorf("Kind = %q, want %q", got, tc.want)
			}
		})
	}
}

// logged gives what both handlers of log/slog write of a value, at any depth
// of groups.
func logged(value any) string {
	var out bytes.Buffer
	for _, handler := range []slog.Handler{
		slog.NewTextHandler(&out, nil),
		slog.NewJSONHandler(&out, nil),
	} {
		log := slog.New(handler)
		log.Info("message accepted", "value", value)
		log.With("value", value).WithGroup("attempt").Info("submit", slog.Group("inner", "value", value))
	}
	return out.String()
}

func TestNumberIsMaskedInLogs(t *testing.T) {
	for _, tc := range []struct {
		name   string
		number sms.Number
		want   string
	}{
		{"metropolitan", "+33639980123", "+33*********"},
		{"overseas", "+262639980123", "+26**********"},
		{"shortest", "+6834000", "+68*****"},
		{"cut", "+33", "***"},
		{"empty", "", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := tc.number.Masked(); got != tc.want {
				t.Errorf("Masked = %q, want %q", got, tc.want)
			}
			out := logged(tc.number)
			if !strings.Contains(out, tc.want) {
				t.Errorf("%q is not in the log:\n%s", tc.want, out)
			}
			const shown = len("+33")
			if len(tc.number) <= shown {
				return
			}
			if leak := string(tc.number[:shown+1]); strings.Contains(out, leak) {
				t.Errorf("the third digit is in the log:\n%s", out)
			}
			if leak := string(tc.number[shown:]); strings.Contains(out, leak) {
				t.Errorf("the last digits are in the log:\n%s", out)
			}
		})
	}
}

func TestSenderInLogs(t *testing.T) {
	for _, tc := range []struct {
		name   string
		sender sms.Sender
		want   string
	}{
		{"a name is shown", "MAIRIE", "MAIRIE"},
		{"a short code is shown", "36180", "36180"},
		{"a number is not", "+33639980123", "+33*********"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			out := logged(tc.sender)
			if !strings.Contains(out, tc.want) {
				t.Errorf("%q is not in the log:\n%s", tc.want, out)
			}
			if strings.Contains(out, "9980123") {
				t.Errorf("the number is in the log:\n%s", out)
			}
		})
	}
}
