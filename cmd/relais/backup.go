package main

import (
	"errors"
	"os"
	"path/filepath"

	"relais/app"
	"relais/store/sqlite"
)

type backupCommand struct {
	dataFlags
	To string `arg:"" help:"Directory that gets the copy; made when it is missing." placeholder:"DIR"`
}

// Run implements the command. The copy is a data directory: a gateway starts on
// it.
func (c *backupCommand) Run(t *terminal) error {
	settings, err := c.settings()
	if err != nil {
		return err
	}
	if settings.Database != "" {
		return errors.New(t.text("backup_pg"))
	}
	dir := settings.Data
	if _, err := os.Stat(filepath.Join(dir, sqlite.FileName)); err != nil {
		return errors.New(t.text("database_none", "directory", dir))
	}
	if err := os.MkdirAll(c.To, 0o700); err != nil {
		return errors.New(t.text("backup_failed", "error", err))
	}
	copied, err := app.CopySealKey(dir, c.To)
	if err != nil {
		return errors.New(t.text("backup_failed", "error", err))
	}
	target := filepath.Join(c.To, sqlite.FileName)
	if err := sqlite.Backup(t.ctx, dir, target); err != nil {
		return errors.New(t.text("backup_failed", "error", err))
	}
	info, err := os.Stat(target)
	if err != nil {
		return err
	}
	switch {
	case copied:
	case settings.SealKey != "":
		t.say("backup_no_key")
	default:
		t.say("backup_key_lost", "directory", dir)
	}
	if c.JSON {
		return printJSON(t.stdout, map[string]any{"file": target, "bytes": info.Size()})
	}
	t.say("backup_done", "file", target, "bytes", info.Size())
	return nil
}
