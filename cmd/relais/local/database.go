package local

import (
	"errors"
	"time"

	"relais/app"
	"relais/auth"
	"relais/cmd/relais/terminal"
	"relais/config"
)

// dataFlags say where the database is.
type dataFlags struct {
	Config   string  `help:"Configuration file (TOML)." placeholder:"FILE" env:"RELAIS_CONFIG"`
	Data     *string `help:"Data directory (default ./relais-data)." placeholder:"DIR"`
	Database *string `help:"Database URL; default: SQLite in --data." placeholder:"URL"`
	JSON     bool    `help:"Print JSON."`
}

// settings are those of the configuration.
func (f *dataFlags) settings(t *terminal.Terminal) (config.Config, error) {
	return (&Flags{Config: f.Config, Data: f.Data, Database: f.Database}).Load(t)
}

// open opens the database beside a gateway that may run on it. A missing one is
// made for the command that makes accounts, which says so, and an error for the
// others: what they did would be of a wrong directory.
func (f *dataFlags) open(t *terminal.Terminal, create bool) (app.Database, error) {
	settings, err := f.settings(t)
	if err != nil {
		return nil, err
	}
	at := placeOf(settings)
	have, _, err := at.schema(t.Ctx)
	if err != nil {
		return nil, at.failed(t, err)
	}
	if have == 0 && !create {
		return nil, errors.New(t.Text("database_none", "directory", at.where))
	}
	store, err := app.OpenDatabase(t.Ctx, settings)
	if err != nil {
		return nil, at.failed(t, err)
	}
	if have == 0 {
		t.Say("database_made", "directory", at.where)
	}
	t.Ctx = auth.WithBy(t.Ctx, onMachine()) // what the command changes is in the audit
	return store, nil
}

// checkSealKey reports what is wrong with the seal key beside the database, when
// there is one that this program can read.
func checkSealKey(t *terminal.Terminal, settings config.Config) error {
	at := placeOf(settings)
	have, want, err := at.schema(t.Ctx)
	if err != nil {
		return at.failed(t, err)
	}
	if have != want {
		return nil // serve makes it, or says what is wrong with it
	}
	store, err := app.OpenDatabase(t.Ctx, settings)
	if err != nil {
		return at.failed(t, err)
	}
	return closed(store, app.CheckSealKey(t.Ctx, settings, store))
}

// closed joins the error of a command with that of closing what it used.
func closed(store app.Database, err error) error {
	return errors.Join(err, store.Close())
}

// moment is a time in JSON: absent when there is none.
func moment(at time.Time) *time.Time {
	if at.IsZero() {
		return nil
	}
	at = at.UTC()
	return &at
}
