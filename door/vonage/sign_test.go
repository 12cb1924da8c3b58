package vonage_test

import (
	"maps"
	"strings"
	"testing"

	"relais/door/vonage"
)

// TestSignature has the vectors of VON (packages/sms, signature.ts): one secret, one receipt, each method.
func TestSignature(t *testing.T) {
	fields := map[string]string{
		"message-timestamp": "2013-11-21 15:27:30", "messageId": "020000001B0FE827", "msisdn": "14843472194", "text": "Test again",
		"timestamp": "1385047698", "to": "13239877404", "type": "text",
	}
	const secret = "my_secret_key_for_testing"
	for method, want := range map[string]string{
		"md5hash": "d2e7b1dc968737c5998ad624e02f90b7",
		"md5":     "DDEBD46008C2D4E93CCE578A332A52D5",
		"sha1":    "27D0D05C2876C7CB1720DBCDBA4D492E1E55C09A",
		"sha256":  "DDB8397C2B90AAC7F3882D306475C9A5058C92322EEF43C92B298B6E0FC0D330",
		"sha512": "E0D3C650F8C9D1A5C174D10DDDBFB003E561F59B265616208B0487C5D819481C" +
			"D3C311D59CF6165ECD1139622D5BA3A256C0D763AC4A9AD9144B5A426B94FE82",
	} {
		if got := vonage.Signature(method, secret, fields); got != strings.ToLower(want) {
			t.Errorf("%s: %s, want %s", method, got, want)
		}
		signed := maps.Clone(fields)
		for _, sig := range []string{want, strings.ToLower(want), strings.ToUpper(want)} {
			if signed["sig"] = sig; !vonage.Verify(method, secret, signed) {
				t.Errorf("%s: %s is found wrong", method, sig)
			}
		}
		for name, change := range map[string]func(map[string]string){
			"another text":    func(f map[string]string) { f["text"] = "Test again!" },
			"one field more":  func(f map[string]string) { f["a"] = "" },
			"one field less":  func(f map[string]string) { delete(f, "type") },
			"no signature":    func(f map[string]string) { delete(f, "sig") },
			"half of it":      func(f map[string]string) { f["sig"] = f["sig"][:8] },
			"that of another": func(f map[string]string) { f["sig"] = vonage.Signature(method, secret+"x", fields) },
		} {
			forged := maps.Clone(signed)
			if change(forged); vonage.Verify(method, secret, forged) {
				t.Errorf("%s: %s is found right", method, name)
			}
		}
	}
	// & and = of a value count as _ (NXD), so that a value cannot pass for another field.
	if vonage.Signature("sha256", secret, map[string]string{"text": "a&b=c"}) != vonage.Signature("sha256", secret, map[string]string{"text": "a_b_c"}) {
		t.Error("separators of a value are signed as they are")
	}
}
