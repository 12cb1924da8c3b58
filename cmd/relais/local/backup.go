package local

import (
	"errors"
	"os"
	"path/filepath"
	"time"

	"relais/app"
	"relais/cmd/relais/terminal"
	"relais/config"
	"relais/store/sqlite"
)

type backupCommand struct {
	dataFlags
	To string `arg:"" help:"Directory that gets the copy; made when it is missing." placeholder:"DIR"`
}

// Run implements the command. The copy is a data directory: a gateway starts on
// it.
func (c *backupCommand) Run(t *terminal.Terminal) error {
	settings, err := c.settings(t)
	if err != nil {
		return err
	}
	if settings.Database != "" {
		return errors.New(t.Text("backup_pg"))
	}
	dir := settings.Data
	if _, err := os.Stat(filepath.Join(dir, sqlite.FileName)); err != nil {
		return errors.New(t.Text("database_none", "directory", dir))
	}
	if err := os.MkdirAll(c.To, 0o700); err != nil {
		return t.Failed(err, "backup_failed")
	}
	copied, err := app.CopySealKey(dir, c.To)
	if err != nil {
		return t.Failed(err, "backup_failed")
	}
	target := filepath.Join(c.To, sqlite.FileName)
	if err := sqlite.Backup(t.Ctx, dir, target); err != nil {
		return t.Failed(err, "backup_failed")
	}
	info, err := os.Stat(target)
	if err != nil {
		return err
	}
	switch {
	case copied:
	case settings.SealKey != "":
		t.Say("backup_no_key")
	default:
		t.Say("backup_key_lost", "directory", dir)
	}
	if err := noteBackup(t, settings); err != nil {
		t.Say("backup_not_noted", "error", err.Error())
	}
	if c.JSON {
		return terminal.PrintJSON(t.Stdout, map[string]any{"file": target, "bytes": info.Size()})
	}
	t.Say("backup_done", "file", target, "bytes", info.Size())
	return nil
}

// noteBackup writes down in the database when its backup was made, so that the console can
// tell. A schema of another version stays as it is, and says nothing.
func noteBackup(t *terminal.Terminal, settings config.Config) error {
	have, want, err := placeOf(settings).schema(t.Ctx)
	if err != nil || have != want {
		return err
	}
	store, err := app.OpenDatabase(t.Ctx, settings)
	if err != nil {
		return err
	}
	return closed(store, app.BackedUp(t.Ctx, store, time.Now()))
}
