package connectortest

import (
	"context"
	"fmt"
	"net/http"

	"relais/connector"
	"relais/sms"
)

// Broken is a connector with every ability that fails at each call in one way: it panics, it
// does not return, whatever becomes of its context, or it answers nothing at all.
type Broken struct {
	how      connector.Failing
	released chan struct{}
}

// NewBroken makes a connector that fails so.
func NewBroken(how connector.Failing) *Broken {
	return &Broken{how: how, released: make(chan struct{})}
}

// Release ends the calls that do not return. It is called once.
func (b *Broken) Release() { close(b.released) }

func (b *Broken) fail(what any) {
	switch b.how {
	case connector.Panicked:
		panic(fmt.Sprint("cannot go on with ", what))
	case connector.TimedOut:
		<-b.released
	default: // it is silent
	}
}

// Submit fails, and its panic tells texts and numbers.
func (b *Broken) Submit(_ context.Context, batch []sms.Message) ([]connector.Outcome, error) {
	b.fail(batch[0].Text + " to +" + string(batch[0].To))
	return nil, nil
}

// ParseNews fails.
func (b *Broken) ParseNews(*http.Request) (connector.News, error) {
	b.fail("a push")
	return connector.News{}, (*connector.Error)(nil)
}

// PollNews fails.
func (b *Broken) PollNews(context.Context, string, func(connector.News) error) (string, error) {
	b.fail("a poll")
	return "", (*connector.Error)(nil)
}

// ReadStatus fails.
func (b *Broken) ReadStatus(_ context.Context, messages []sms.Message) ([]sms.Receipt, error) {
	b.fail(messages[0].To)
	return nil, (*connector.Error)(nil)
}

// Run fails.
func (b *Broken) Run(context.Context, connector.Sink) error {
	b.fail("a session")
	return (*connector.Error)(nil)
}

// Balance fails.
func (b *Broken) Balance(context.Context) (connector.Balance, error) {
	b.fail("the credit")
	return connector.Balance{}, nil
}

// Tariff fails.
func (b *Broken) Tariff(context.Context, string) (connector.Price, error) {
	b.fail("the prices")
	return connector.Price{}, (*connector.Error)(nil)
}

// Lookup fails.
func (b *Broken) Lookup(context.Context, sms.ID) (connector.Outcome, error) {
	b.fail("a question")
	return connector.Outcome{}, nil
}

// Check fails.
func (b *Broken) Check(context.Context) []connector.Finding {
	b.fail("a check-up")
	return nil
}

// Senders fails.
func (b *Broken) Senders(context.Context, ...sms.Sender) ([]connector.DeclaredSender, error) {
	b.fail("the senders")
	return nil, (*connector.Error)(nil)
}
