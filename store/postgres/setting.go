package postgres

import (
	"context"
	"fmt"
)

// Agree stores a value that belongs to the database, or reports whether the one
// that is stored is the same.
func (s *Store) Agree(ctx context.Context, name, value string) (same bool, err error) {
	if _, err := s.pool.Exec(ctx, "INSERT INTO settings (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING", name, value); err != nil {
		return false, fmt.Errorf("store a setting: %w", explain(err))
	}
	have, err := s.Setting(ctx, name)
	return have == value, err
}

// Setting is what Agree or SetSetting stored, "" when there is nothing.
func (s *Store) Setting(ctx context.Context, name string) (value string, err error) {
	err = s.pool.QueryRow(ctx, "SELECT value FROM settings WHERE name = $1", name).Scan(&value)
	if err := ignoreNone(err); err != nil {
		return "", fmt.Errorf("read a setting: %w", explain(err))
	}
	return value, nil
}

// SetSetting stores a value, whatever is there.
func (s *Store) SetSetting(ctx context.Context, name, value string) error {
	const upsert = "INSERT INTO settings (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
	if _, err := s.pool.Exec(ctx, upsert, name, value); err != nil {
		return fmt.Errorf("store a setting: %w", explain(err))
	}
	return nil
}

// Sealed is one of the secrets that are sealed, nil when there is none.
func (s *Store) Sealed(ctx context.Context) (sealed []byte, err error) {
	err = s.pool.QueryRow(ctx, `(SELECT secret FROM endpoints LIMIT 1) UNION ALL (SELECT secret FROM signing_secrets LIMIT 1)
		UNION ALL (SELECT secret FROM ovh_applications LIMIT 1) LIMIT 1`).Scan(&sealed)
	if err := ignoreNone(err); err != nil {
		return nil, fmt.Errorf("look for what is sealed: %w", explain(err))
	}
	return sealed, nil
}
