package lane

import (
	"context"
	"log/slog"
	"time"

	"relais/connector"
	"relais/credit"
	"relais/duty"
	"relais/sender"
	"relais/terms"
)

// Questions makes the chores that ask operators about something other than messages.
type Questions struct {
	Currency     string // of all amounts, ISO 4217
	SendersEvery time.Duration
	Credit       *credit.Watch
	Log          *slog.Logger
	Now          func() time.Time
}

// Common are the chores in which each node asks an operator for itself, because each node
// accepts messages.
func (q *Questions) Common(l *Lane) (chores []duty.Chore) {
	if l.Terms.Prices.Asked() {
		reading := q.prices(l)
		chores = append(chores, duty.Chore{
			Name: "tariff", Every: terms.PricesEvery, On: "a first message to a country", Loop: reading.Run,
		})
	}
	if l.Caps.SenderLister != nil && l.Facts.CheckSenders {
		reading := q.senders(l)
		chores = append(chores, duty.Chore{
			Name: "senders", Every: q.SendersEvery, On: "a sender that the list may lack", Loop: reading.Run,
		})
	}
	return chores
}

// Credits reads the credit of a lane.
func (q *Questions) Credits(l *Lane) []duty.Chore {
	if l.Caps.Balancer == nil {
		return nil
	}
	return q.Credit.Chores(credit.Purse{
		Connector: l.Name, Threshold: l.CreditAlert(),
		Balance: func(ctx context.Context) (connector.Balance, error) {
			return l.Guard.Balance(l.Paced(ctx))
		},
		Keep: func(r *credit.Record) {
			perDay, emptyAt := r.Forecast()
			l.KeepBalance(r.Balance, perDay, emptyAt)
		},
	})
}

// prices asks the operator of a lane for its prices.
func (q *Questions) prices(l *Lane) terms.PriceReading {
	return terms.PriceReading{
		Connector: l.Name, Prices: l.Terms.Prices, Currency: q.Currency, Log: q.Log, Now: q.Now,
		Ask: func(ctx context.Context, country string) (connector.Price, error) {
			return l.Guard.Tariff(l.Paced(ctx), country)
		},
	}
}

// senders reads the senders that the operator of a lane declares.
func (q *Questions) senders(l *Lane) sender.Reading {
	return sender.Reading{
		Connector: l.Name, Declared: l.Senders.Declared, Every: q.SendersEvery, Log: q.Log,
		Ask: func(ctx context.Context) ([]connector.DeclaredSender, error) {
			return l.Guard.Senders(l.Paced(ctx))
		},
	}
}
