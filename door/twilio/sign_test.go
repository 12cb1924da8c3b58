package twilio_test

import (
	"net/url"
	"testing"

	"relais/door/twilio"
)

// TestSignatureOfTheGuide has the example of Twilio's guide on security (documented; it stands in the tests of its
// clients too).
func TestSignatureOfTheGuide(t *testing.T) {
	got := twilio.Signature("12345", "https://mycompany.com/myapp.php?foo=1&bar=2", url.Values{
		"CallSid": {"CA1234567890ABCDE"}, "Caller": {"+14158675309"}, "Digits": {"1234"}, "From": {"+14158675309"}, "To": {"+18005551212"},
	})
	if want := "RSOYDt4T1cUTdK1PDd93/VVr8B8="; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestAddressesThatAreCalled(t *testing.T) {
	for _, tc := range []struct{ address, called, host string }{ // called "": refused
		{"https://town.example/sms?id=7&to=%2B33", "https://town.example/sms?id=7&to=%2B33", "https://town.example/"},
		{"https://town.example:443/sms", "https://town.example/sms", "https://town.example/"},
		{"http://town.example:80", "http://town.example/", "http://town.example/"},
		{"http://town.example:443/a", "http://town.example:443/a", "http://town.example:443/"},
		{"HTTPS://Town.example/A%20b", "https://Town.example/A%20b", "https://Town.example/"},
		{"https://town.example?x=1", "https://town.example/?x=1", "https://town.example/"},
		{"https://town.example/sms#rc=3&rp=all", "https://town.example/sms", "https://town.example/"},
		{"https://town.example/it's?x='", "https://town.example/it's?x='", "https://town.example/"},
		{"http://[2001:db8::1]:8080/a", "http://[2001:db8::1]:8080/a", "http://[2001:db8::1]:8080/"},
		{"https://a:b@town.example/", "", ""},
		{"https://town.example/é", "", ""},
		{"https://town.example/a b", "", ""},
		{"https://town.example/a|b", "", ""},
		{"https://town.example/%zz", "", ""},
		{"https:town.example", "", ""},
		{"//town.example/", "", ""},
		{"ftp://town.example/", "", ""},
		{"", "", ""},
	} {
		if !twilio.ExactAddress(tc.address) {
			if tc.called != "" {
				t.Errorf("%s is refused", tc.address)
			}
			continue
		}
		if got, host := twilio.Called(tc.address), twilio.HostOf(tc.address); got != tc.called || host != tc.host {
			t.Errorf("%s is called as %s at %s, want %s at %s", tc.address, got, host, tc.called, tc.host)
		}
	}
}

// FuzzAddresses looks that what is called is an address that a request goes to as it stands.
func FuzzAddresses(f *testing.F) {
	f.Add("https://town.example/sms?id=7#rc=3")
	f.Fuzz(func(t *testing.T, address string) {
		if !twilio.ExactAddress(address) {
			return
		}
		called := twilio.Called(address)
		u, err := url.Parse(called)
		if err != nil || u.String() != called {
			t.Errorf("%q is called as %q, which goes to %q, %v", address, called, u, err)
		}
		if again := twilio.Called(called); again != called {
			t.Errorf("%q, and again %q", called, again)
		}
	})
}
