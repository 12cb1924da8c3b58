package sqlite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Backup writes a copy of the database in dir to a file that does not exist yet,
// also while a gateway runs on it. The copy is one moment of the database, whole
// and compact; the file appears once it is synced to disk.
func Backup(ctx context.Context, dir, target string) (err error) {
	if _, err := os.Lstat(target); err == nil {
		return fmt.Errorf("%s exists; a backup overwrites nothing", target)
	}
	part := target + ".part"
	if err := os.Remove(part); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("remove what an earlier backup left: %w", err)
	}
	if err := touch(part); err != nil { // with rights for its owner alone; VACUUM takes an empty file
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(part))
		}
	}()
	db, err := open(filepath.Join(dir, FileName), "mode=rw")
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, "VACUUM INTO ?", part)
	if err = errors.Join(err, db.Close()); err != nil {
		return fmt.Errorf("copy the database: %w", explain(err))
	}
	if err := pauseCampaigns(ctx, part); err != nil {
		return fmt.Errorf("pause the campaigns of the copy: %w", explain(err))
	}
	if err := syncFile(part); err != nil {
		return fmt.Errorf("sync the copy: %w", err)
	}
	if err := os.Rename(part, target); err != nil {
		return fmt.Errorf("name the copy: %w", err)
	}
	return syncFile(filepath.Dir(target))
}

// pauseCampaigns pauses in a copy what runs or is scheduled: whoever starts on it decides
// which rows have left since.
func pauseCampaigns(ctx context.Context, copied string) (err error) {
	db, err := open(copied, "mode=rw")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	var known int // a database of before has no campaigns
	err = db.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema WHERE name = 'campaign_events'").Scan(&known)
	if err != nil || known == 0 {
		return err
	}
	_, err = db.ExecContext(ctx, `BEGIN IMMEDIATE;
		INSERT INTO campaign_events (account, campaign, n, at, actor, status, why)
			SELECT account, id, events + 1, unixepoch() * 1000000, 'gateway', 'paused', 'restored' FROM campaigns
			WHERE status IN ('running', 'scheduled');
		UPDATE campaigns SET status = 'paused', why = 'restored', events = events + 1
			WHERE status IN ('running', 'scheduled');
		COMMIT`)
	return err
}

func syncFile(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
