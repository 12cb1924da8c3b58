package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"relais/store/sqlite"
)

// dataFlags say where the database is.
type dataFlags struct {
	Config string  `help:"Configuration file (TOML)." placeholder:"FILE" env:"RELAIS_CONFIG"`
	Data   *string `help:"Data directory (default ./relais-data)." placeholder:"DIR"`
	JSON   bool    `help:"Print JSON."`
}

// directory is the data directory of the configuration.
func (f *dataFlags) directory() (string, error) {
	settings, err := (&serveFlags{Config: f.Config, Data: f.Data}).load()
	return settings.Data, err
}

// open opens the database beside a gateway that may run on it. A missing one is
// made for commands that create, and an error for the others: an empty list
// would hide a wrong directory.
func (f *dataFlags) open(t *terminal, create bool) (*sqlite.Store, error) {
	dir, err := f.directory()
	if err != nil {
		return nil, err
	}
	if !create {
		if _, err := os.Stat(filepath.Join(dir, sqlite.FileName)); errors.Is(err, fs.ErrNotExist) {
			return nil, errors.New(t.text("database_none", dir))
		}
	}
	store, err := sqlite.Open(t.ctx, dir)
	if err != nil {
		return nil, errors.New(t.text("data_failed", dir, err))
	}
	return store, nil
}

// closed joins the error of a command with that of closing what it used.
func closed(store *sqlite.Store, err error) error {
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
