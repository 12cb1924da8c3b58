package ovh

import "testing"

func TestSignature(t *testing.T) {
	for _, tc := range []struct{ name, method, url, body, want string }{
		{
			name: "no body", method: "GET", url: "https://eu.api.ovh.com/1.0/sms",
			want: "$1$6a4a335d4567ce6e6ddda6af45a76f25c6f031aa",
		},
		{
			name: "accent and port", method: "POST", url: "http://127.0.0.1:8089/1.0/sms/sms-ab12345-1/jobs",
			body: `{"message":"Héllo","receivers":["+33600000000"],"sender":"Acme"}`,
			want: "$1$4720dbdc878171720accaf53949d7a80f8a17a18",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := signature(testSecret, testToken, tc.method, tc.url, []byte(tc.body), 1700000000)
			if got != tc.want {
				t.Errorf("got %s, want %s", got, tc.want)
			}
		})
	}
}
