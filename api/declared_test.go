package api_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"relais/api"
	"relais/connector"
	"relais/gateway"
	"relais/sms"
)

// declaring is an operator that tells which senders it takes.
type declaring struct{ silent }

func (declaring) Senders(context.Context, ...sms.Sender) ([]connector.DeclaredSender, error) {
	return []connector.DeclaredSender{
		{Name: "MAIRIE", State: connector.SenderUsable},
		{Name: "PISCINE", State: connector.SenderRefused, Comment: "No proof"},
	}, nil
}

func TestRefusalOfSendersThatAreNotDeclared(t *testing.T) {
	d := open(t, func(g *gateway.Options, _ *api.Options) {
		g.Instances[0].Connector, g.Instances[0].Facts.CheckSenders = declaring{}, true
	})
	if err := d.gateway.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer d.gateway.Stop(context.Background())
	asked := func(language string) request {
		body := `{"to":"+33639980001","text":"Bonjour Madame","connector":"ovh","sender":"PISCINE"}`
		return withHeader(request{method: "POST", path: "/v1/messages/preview", body: body},
			"Accept-Language", language)
	}
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(20 * time.Second); d.do(asked("en")).StatusCode == http.StatusOK; <-tick.C {
		if time.Now().After(deadline) {
			t.Fatal("the senders of the operator are not read")
		}
	}
	for _, language := range []string{"en", "fr"} {
		got := d.do(asked(language))
		got.problem(http.StatusUnprocessableEntity, "sender_not_declared")
		golden(t, "sender not declared in "+language, transcript(asked(language))+got.transcript())
	}
}
