package client_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"relais/client"
)

// Whatever a caller gives is sent as it is, or not at all, with a character U+FFFD and a
// backslash before its escape.
func TestNothingElseThatIsNotUTF8IsSent(t *testing.T) {
	for _, tc := range []struct {
		name, reason string
		sent         bool
	}{
		{"not UTF-8", "Re\xe7u", false},
		{"U+FFFD itself", "\uFFFD", true},
		{"what looks like its escape", `\ufffd`, true},
		{"a backslash before bytes that are none", "\\\xe9", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			calls := 0
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				calls++
				w.Write([]byte(`{}`))
			}))
			defer server.Close()
			_, err := client.New(server.URL, "key").AddOptOut(t.Context(), "+33639980001", "", tc.reason)
			_, refused := errors.AsType[*client.NotUTF8Error](err)
			if refused == tc.sent || (calls == 1) != tc.sent {
				t.Errorf("%d calls, error %v", calls, err)
			}
		})
	}
}

func TestTextThatIsNotUTF8IsNotSent(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		t.Error("a request left")
	}))
	defer server.Close()
	c := client.New(server.URL, "key")
	for field, r := range map[string]client.SubmitRequest{
		"text":      {To: []string{"0639980001"}, Text: "Re\xe7u"},
		"sender":    {To: []string{"0639980001"}, Text: "a", Sender: "\xe9"},
		"reference": {To: []string{"0639980001"}, Text: "a", Reference: "\xe9"},
		"metadata":  {To: []string{"0639980001"}, Text: "a", Metadata: map[string]string{"k": "\xe9"}},
	} {
		_, submitted := c.Submit(t.Context(), r)
		_, previewed := c.Preview(t.Context(), client.PreviewRequest{SubmitRequest: r})
		for _, err := range []error{submitted, previewed} {
			if e, ok := errors.AsType[*client.NotUTF8Error](err); !ok || e.Field != field {
				t.Errorf("%s: error = %v", field, err)
			}
		}
	}
}
