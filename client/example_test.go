package client_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"

	"relais/client"
)

func Example() {
	// This stands for a gateway; with a real one, give its URL and your key.
	gateway := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusAccepted)
		io.WriteString(w, `{"messages":[{"id":"01a20389-5c64-7003-adab-1015d547f31c","to":"+33639980001",
			"status":"queued","connector":"ovh"}],"rejected":[],"warnings":[]}`)
	}))
	defer gateway.Close()

	c := client.New(gateway.URL, "relais_the_key")
	answer, err := c.Submit(context.Background(), client.SubmitRequest{
		To: []string{"+33639980001"}, Text: "Votre carte est prête.", Reference: "card-4711",
	})
	if refused, ok := errors.AsType[*client.Problem](err); ok {
		fmt.Println("refused:", refused.Code)
		return
	}
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, m := range answer.Messages {
		fmt.Println(m.ID, m.Status, m.Connector)
	}
	// Output: 01a20389-5c64-7003-adab-1015d547f31c queued ovh
}
