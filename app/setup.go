package app

import (
	"context"
	"time"

	"relais/console"
	"relais/sender"
)

// backupSetting is when the last backup was made, in the database that it was made of.
const backupSetting = "backed_up_at"

// BackedUp writes down that a backup of a database was made.
func BackedUp(ctx context.Context, store Database, at time.Time) error {
	return store.SetSetting(ctx, backupSetting, at.UTC().Format(time.RFC3339))
}

// setup tells how far an account is set up.
func (a *generation) setup(ctx context.Context, account string) (console.Setup, error) {
	c := a.config.Account(account)
	s := console.Setup{
		Sender: c.DefaultSender != "" || len(c.Senders) > 0, Policy: c.Policy != "",
		Retention: c.KeepTextsDays > 0 || c.KeepNumbersDays > 0 || a.config.KeepHistoryMonths > 0,
		Access:    a.config.Accessibility.Contact != "" && a.config.Accessibility.DeclaredOn != "",
		Backups:   a.config.Database == "",
	}
	noted, err := a.store.Setting(ctx, backupSetting)
	if err != nil || noted == "" {
		return s, err
	}
	s.BackedUpAt, err = time.Parse(time.RFC3339, noted)
	return s, err
}

// listedSenders are those that the configuration lists for an account.
func (a *generation) listedSenders(account string) []sender.Listed {
	return senders(a.config.Account(account)).Listed
}
