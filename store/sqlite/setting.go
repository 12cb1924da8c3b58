package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

const (
	insertSetting  = "INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT DO NOTHING"
	replaceSetting = "INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value"
	selectSetting  = "SELECT value FROM settings WHERE name = ?"
	selectSealed   = `SELECT secret FROM (SELECT secret FROM endpoints LIMIT 1) UNION ALL SELECT secret FROM (SELECT secret FROM signing_secrets LIMIT 1)
		UNION ALL SELECT secret FROM (SELECT secret FROM ovh_applications LIMIT 1) LIMIT 1`
)

// Agree stores a value that belongs to the database, or reports whether the one
// that is stored is the same.
func (s *Store) Agree(ctx context.Context, name, value string) (same bool, err error) {
	have, err := s.Setting(ctx, name)
	if err != nil || have != "" {
		return have == value, err
	}
	if err := s.commits.do(ctx, func(t *tx) error { return t.exec(insertSetting, name, value) }); err != nil {
		return false, fmt.Errorf("store a setting: %w", err)
	}
	have, err = s.Setting(ctx, name)
	return have == value, err
}

// Setting is what Agree or SetSetting stored, "" when there is nothing.
func (s *Store) Setting(ctx context.Context, name string) (value string, err error) {
	err = s.readers.QueryRowContext(ctx, selectSetting, name).Scan(&value)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", fmt.Errorf("read a setting: %w", explain(err))
	}
	return value, nil
}

// SetSetting stores a value, whatever is there.
func (s *Store) SetSetting(ctx context.Context, name, value string) error {
	if err := s.commits.do(ctx, func(t *tx) error { return t.exec(replaceSetting, name, value) }); err != nil {
		return fmt.Errorf("store a setting: %w", err)
	}
	return nil
}

// Sealed is one of the secrets that are sealed, nil when there is none.
func (s *Store) Sealed(ctx context.Context) (sealed []byte, err error) {
	err = s.readers.QueryRowContext(ctx, selectSealed).Scan(&sealed)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("look for what is sealed: %w", explain(err))
	}
	return sealed, nil
}
