package app

import (
	"context"
	"fmt"

	"relais/alert"
	"relais/door/alertmanager"
	"relais/sms"
)

func (a *App) alertmanager(ctx context.Context) (door, error) {
	receivers := map[string]alertmanager.Receiver{}
	for name, c := range a.config.Alertmanagers {
		if err := a.checkAccount(ctx, "alertmanager."+name, c.Account); err != nil {
			return nil, err
		}
		text, err := alert.Parse(c.Text())
		if err != nil {
			return nil, fmt.Errorf("[alertmanager.%s]: template: %w", name, err)
		}
		receivers[name] = alertmanager.Receiver{
			Secret: c.Secret.Reveal(), Account: c.Account, AllowFrom: networks(c.AllowFrom), To: c.To, Sender: sms.Sender(c.Sender),
			Class: c.Class, Connector: c.Connector, Template: text, Resolved: c.Resolved, MaxSegments: c.MaxSegments,
		}
	}
	return alertmanager.New(alertmanager.Options{Gateway: a.gateway, Receivers: receivers, Log: a.log}), nil
}
