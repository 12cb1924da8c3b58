package app

import (
	"context"
	"fmt"
	"time"

	"relais/config"
	"relais/gateway"
	"relais/mail"
)

// credit says how credit is watched, and who is told.
func credit(c config.Config) (gateway.CreditOptions, error) {
	o := gateway.CreditOptions{Every: c.Credit.CheckEvery, RemindEvery: c.Credit.RemindEvery}
	if c.Mail.Server == "" {
		return o, nil
	}
	sender, err := mail.New(mail.Options{
		Server: c.Mail.Server, TLS: c.Mail.TLS, Username: c.Mail.Username, Password: c.Mail.Password.Reveal(),
		From: c.Mail.From, To: c.Mail.To,
	})
	if err != nil {
		return o, fmt.Errorf("mail: %w", err)
	}
	o.Mail = func(ctx context.Context, a gateway.CreditAlert) error {
		low := mail.CreditLow{
			Connector: a.Connector, Amount: a.Amount, Unit: a.Unit, Threshold: a.Threshold, BurnPerDay: a.BurnPerDay,
			At: a.At,
		}
		if a.EmptyAt != nil {
			low.EmptyAt = *a.EmptyAt
		}
		subject, body := low.Words(c.Mail.Language, time.Local)
		return sender.Send(ctx, subject, body)
	}
	return o, nil
}
