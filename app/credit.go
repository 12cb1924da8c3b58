package app

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"relais/credit"
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
	sender, err := mailSender(c.Mail)
	if err != nil {
		return nil, err
	}
	o.Mail = func(ctx context.Context, alert credit.Alert) error {
		subject, body := alert.Mail(reason.Language(c.Mail.Language), time.Local)
		return sender.Send(ctx, subject, body)
	}
	return credit.New(o), nil
}
