package app

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"relais/credit"
	"relais/mail"
	"relais/reason"
)

// credit says how credit is watched, and who is told.
func (a *generation) credit(registry prometheus.Registerer) (*credit.Watch, error) {
	c := a.config
	o := credit.Options{
		Store: a.store, Every: c.Credit.CheckEvery, RemindEvery: c.Credit.RemindEvery,
		Told:    a.rouse,
		Metrics: credit.NewMetrics(registry), Log: a.log, Now: a.clock.Now,
	}
	if c.Mail.Server == "" {
		return credit.New(o), nil
	}
	sender, err := mail.New(mail.Options{
		Server: c.Mail.Server, TLS: c.Mail.TLS, Username: c.Mail.Username, Password: c.Mail.Password.Reveal(),
		From: c.Mail.From, To: c.Mail.To,
	})
	if err != nil {
		return nil, reason.At("mail", err)
	}
	o.Mail = func(ctx context.Context, alert credit.Alert) error {
		subject, body := alert.Mail(reason.Language(c.Mail.Language), time.Local)
		return sender.Send(ctx, subject, body)
	}
	return credit.New(o), nil
}
