package app

import (
	"context"

	"relais/door/kannel"
	"relais/internal/trial"
	"relais/sms"
	"relais/webhook"
)

// formats are the shapes of events that doors need.
func formats() map[string]webhook.Format {
	return map[string]webhook.Format{kannel.Format: kannel.Reports{}}
}

func (a *App) kannel(ctx context.Context, webhooks *webhook.Manager) (*kannel.Door, error) {
	users := map[string]kannel.User{}
	for name, u := range a.config.Kannel {
		if err := a.checkAccount(ctx, "kannel."+name, u.Account); err != nil {
			return nil, err
		}
		users[name] = kannel.User{
			Password: u.Password.Reveal(), Account: u.Account, AllowFrom: networks(u.AllowFrom), Sender: sms.Sender(u.Sender),
			Connector: u.Connector, ForceConnector: u.ForceConnector, Class: u.Class, UrgentClass: u.UrgentClass,
			National: u.Numbers == "national",
		}
	}
	return kannel.New(kannel.Options{Gateway: a.gateway, Users: users, Report: webhooks.ForFormat, Log: a.log, Now: trial.Now}), nil
}
