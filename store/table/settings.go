package table

import (
	"context"
	"fmt"
)

// settings are values that belong to the database as a whole, such as the fingerprint
// of its seal key.
type settings struct{ *runner }

// Agree stores a value that belongs to the database, or reports whether the one
// that is stored is the same.
func (t settings) Agree(ctx context.Context, name, value string) (same bool, err error) {
	have, err := t.Setting(ctx, name)
	if err != nil || have != "" {
		return have == value, err
	}
	if err := t.on(ctx).do("INSERT INTO settings (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING", name,
		value); err != nil {
		return false, fmt.Errorf("store a setting: %w", err)
	}
	have, err = t.Setting(ctx, name)
	return have == value, err
}

// Setting is what Agree or SetSetting stored, "" when there is nothing.
func (t settings) Setting(ctx context.Context, name string) (value string, err error) {
	if _, err := t.on(ctx).read("SELECT value FROM settings WHERE name = $1", []any{name}, &value); err != nil {
		return "", fmt.Errorf("read a setting: %w", err)
	}
	return value, nil
}

// SetSetting stores a value, whatever is there.
func (t settings) SetSetting(ctx context.Context, name, value string) error {
	const replace = "INSERT INTO settings (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET " +
		"value = excluded.value"
	if err := t.on(ctx).do(replace, name, value); err != nil {
		return fmt.Errorf("store a setting: %w", err)
	}
	return nil
}

// Settings are those whose names begin with a prefix.
func (t settings) Settings(ctx context.Context, prefix string) (map[string]string, error) {
	type setting struct{ name, value string }
	scan := func(scan Scan) (s setting, err error) { return s, scan(&s.name, &s.value) }
	found, err := list(t.on(ctx), scan, "SELECT name, value FROM settings WHERE substr(name, 1, $2) = $1", prefix,
		len(prefix))
	if err != nil {
		return nil, fmt.Errorf("read settings: %w", err)
	}
	values := map[string]string{}
	for _, s := range found {
		values[s.name] = s.value
	}
	return values, nil
}

// DropSetting removes a value. One that is not there is no error.
func (t settings) DropSetting(ctx context.Context, name string) error {
	if err := t.on(ctx).do("DELETE FROM settings WHERE name = $1", name); err != nil {
		return fmt.Errorf("remove a setting: %w", err)
	}
	return nil
}

const selectSealed = `SELECT secret FROM (SELECT secret FROM endpoints LIMIT 1) AS e
	UNION ALL SELECT secret FROM (SELECT secret FROM signing_secrets LIMIT 1) AS s
	UNION ALL SELECT secret FROM (SELECT secret FROM ovh_applications LIMIT 1) AS a
	UNION ALL SELECT secret FROM (SELECT secret FROM users WHERE secret IS NOT NULL LIMIT 1) AS u LIMIT 1`

// Sealed is one of the secrets that are sealed, nil when there is none.
func (t settings) Sealed(ctx context.Context) (sealed []byte, err error) {
	if _, err := t.on(ctx).read(selectSealed, nil, &sealed); err != nil {
		return nil, fmt.Errorf("look for what is sealed: %w", err)
	}
	return sealed, nil
}
