package app

import (
	"context"

	"relais/door/kannel"
	"relais/door/shadow"
	"relais/internal/trial"
	"relais/sms"
	"relais/webhook"
)

func (a *App) kannel(ctx context.Context, webhooks *webhook.Manager, shadows *shadow.Keeper) (door, error) {
	users, tried := map[string]kannel.User{}, false
	for name, u := range a.config.Kannel {
		if err := a.checkAccount(ctx, "kannel."+name, u.Account); err != nil {
			return nil, err
		}
		users[name] = kannel.User{
			Password: u.Password.Reveal(), Account: u.Account, AllowFrom: networks(u.AllowFrom), Sender: sms.Sender(u.Sender),
			Connector: u.Connector, ForceConnector: u.ForceConnector, Class: u.Class, UrgentClass: u.UrgentClass,
			National: u.Numbers == "national", Shadow: u.Shadow,
		}
		tried = tried || u.Shadow != ""
	}
	o := kannel.Options{Gateway: a.gateway, Users: users, Report: webhooks.ForFormat, Log: a.log, Now: trial.Now}
	if !tried {
		return kannel.New(o), nil
	}
	planning := o
	planning.Gateway, planning.Log = shadow.Planner{Gateway: a.gateway}, a.log.With("shadow", true)
	planning.Report = func(_ context.Context, _, url, _ string) (id sms.ID, err error) {
		return id, plainly(webhook.CheckURL(url, webhooks.Policy))
	}
	return shadow.Wrap(shadows, kannel.New(o), kannel.New(planning)), nil
}
