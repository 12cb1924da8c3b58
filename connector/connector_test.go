package connector_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"relais/connector"
	"relais/sms"
)

// plain can only submit.
type plain struct{}

func (plain) Submit(context.Context, []sms.Message) ([]connector.Outcome, error) { return nil, nil }

// able can do everything.
type able struct{ plain }

func (able) PollNews(context.Context, string, func(connector.News) error) (string, error) {
	return "", nil
}

func (able) ParseNews(*http.Request) (connector.News, error)                  { return connector.News{}, nil }
func (able) ReadStatus(context.Context, []sms.Message) ([]sms.Receipt, error) { return nil, nil }
func (able) Run(context.Context, connector.Sink) error                        { return nil }
func (able) Balance(context.Context) (connector.Balance, error) {
	return connector.Balance{},
		nil
}

func (able) Tariff(context.Context, string) (connector.Price, error) { return connector.Price{}, nil }

func (able) Lookup(context.Context, sms.ID) (connector.Outcome, error) {
	return connector.Outcome{}, nil
}
func (able) Check(context.Context) []connector.Finding { return nil }
func (able) Senders(context.Context, ...sms.Sender) ([]connector.DeclaredSender, error) {
	return nil, nil
}

func TestCapabilities(t *testing.T) {
	for _, tc := range []struct {
		name      string
		connector connector.Connector
		want      []string
	}{
		{"submits only", plain{}, []string{"submit"}},
		{"asks for the balance", &pigeon{}, []string{"submit", "balance"}},
		{"hidden by a decorator", struct{ connector.Connector }{able{}}, []string{"submit"}},
		{"does everything", able{}, []string{
			"submit", "callbacks", "poll", "status", "session",
			"balance", "tariff", "lookup", "check", "senders",
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := connector.CapabilitiesOf(tc.connector).Names()
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("names (-want +got):\n%s", diff)
			}
		})
	}
}
