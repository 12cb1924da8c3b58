package client_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"relais/client"
)

func TestTextThatIsNotUTF8IsNotSent(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a request left") }))
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
