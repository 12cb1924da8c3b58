package table

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"relais/auth"
)

var _ auth.PeopleStore = Tables{}

// users implements auth.UserStore.
type users struct{ *runner }

const selectUsers = `SELECT id, name, display, language, created_at, disabled_at, signed_in_at, password,
	secret, second_step_at, last_step, codes, mail, issuer, subject, bound_at, emergency,
	(SELECT count(*) FROM passkeys WHERE user_id = users.id) FROM users `

func scanUser(scan Scan) (r auth.Record, err error) {
	var codes string
	err = scan(&r.ID, &r.Name, &r.Display, &r.Language, &r.CreatedAt, &r.DisabledAt, &r.SignedInAt, &r.Password,
		&r.Secret, &r.SecondStepAt, &r.LastStep, &codes, &r.Mail, &r.Identity.Issuer, &r.Identity.Subject,
		&r.Identity.Since, &r.Emergency, &r.PasskeyCount)
	if err != nil {
		return r, err
	}
	if r.Codes, err = readCodes(codes); err != nil {
		return r, err
	}
	r.HasPassword, r.CodesLeft = r.Password != "", len(r.Codes)
	return r, nil
}

func readCodes(text string) ([]auth.Hash, error) {
	var codes []auth.Hash
	for word := range strings.FieldsSeq(text) {
		raw, err := hex.DecodeString(word)
		if err != nil || len(raw) != len(auth.Hash{}) {
			return nil, errors.New("a recovery code in the database cannot be read")
		}
		codes = append(codes, auth.Hash(raw))
	}
	return codes, nil
}

func writeCodes(codes []auth.Hash) string {
	words := make([]string, len(codes))
	for i, c := range codes {
		words[i] = hex.EncodeToString(c[:])
	}
	return strings.Join(words, " ")
}

// user reads one with their roles.
func (r runs) user(statement string, args ...any) (auth.Record, error) {
	u, found, err := first(r, scanUser, statement, args...)
	if err := unknown(found, err, "read a user"); err != nil {
		return u, err
	}
	if u.Roles, err = r.roles(u.ID); err != nil {
		return u, err
	}
	u.Passkeys, err = r.passkeys(u.ID)
	u.PasskeyCount = len(u.Passkeys) // what was counted may be older than the lock of the row
	return u, err
}

func (r runs) roles(user string) ([]auth.Grant, error) {
	scan := func(scan Scan) (g auth.Grant, err error) { return g, scan(&g.Account, &g.Role) }
	roles, err := list(r, scan, "SELECT account, role FROM user_roles WHERE user_id = $1 ORDER BY account, "+
		"role", user)
	if err != nil {
		return nil, fmt.Errorf("read roles: %w", err)
	}
	return roles, nil
}

// UserByID implements auth.UserStore.
func (t users) UserByID(ctx context.Context, id string) (auth.Record, error) {
	return t.on(ctx).user(selectUsers+"WHERE id = $1", id)
}

// UserByName implements auth.UserStore.
func (t users) UserByName(ctx context.Context, name string) (auth.Record, error) {
	return t.on(ctx).user(selectUsers+"WHERE name = $1", name)
}

// UserByIdentity implements auth.IdentityStore.
func (t users) UserByIdentity(ctx context.Context, issuer, subject string) (auth.Record, error) {
	if subject == "" {
		return auth.Record{}, auth.ErrUnknown
	}
	return t.on(ctx).user(selectUsers+"WHERE issuer = $1 AND subject = $2", issuer, subject)
}

// UserByMail implements auth.IdentityStore.
func (t users) UserByMail(ctx context.Context, mail string) (auth.Record, error) {
	if mail == "" {
		return auth.Record{}, auth.ErrUnknown
	}
	return t.on(ctx).user(selectUsers+"WHERE mail = $1", mail)
}

// alone refuses the address and the identity of another user.
func (r runs) alone(u *auth.Record) error {
	var some bool
	if u.Mail != "" {
		taken, err := r.read("SELECT true FROM users WHERE mail = $1 AND id <> $2", []any{u.Mail, u.ID}, &some)
		if err != nil {
			return fmt.Errorf("look for an address: %w", err)
		}
		if taken {
			return auth.ErrMailTaken
		}
	}
	if u.Identity.Subject == "" {
		return nil
	}
	taken, err := r.read("SELECT true FROM users WHERE issuer = $1 AND subject = $2 AND id <> $3",
		[]any{u.Identity.Issuer, u.Identity.Subject, u.ID}, &some)
	if err != nil {
		return fmt.Errorf("look for an identity: %w", err)
	}
	if taken {
		return auth.ErrBound
	}
	return nil
}

// Users implements auth.UserStore.
func (t users) Users(ctx context.Context) ([]auth.User, error) {
	records, err := list(t.on(ctx), scanUser, selectUsers+"ORDER BY name")
	if err != nil {
		return nil, fmt.Errorf("read users: %w", err)
	}
	roles := map[string][]auth.Grant{}
	err = t.on(ctx).query("SELECT user_id, account, role FROM user_roles ORDER BY account, role", nil,
		func(scan Scan) error {
			var user string
			var g auth.Grant
			err := scan(&user, &g.Account, &g.Role)
			roles[user] = append(roles[user], g)
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("read roles: %w", err)
	}
	all := make([]auth.User, len(records))
	for i := range records {
		all[i] = records[i].User
		all[i].Roles = roles[all[i].ID]
	}
	return all, nil
}

// AddUser implements auth.UserStore.
func (t users) AddUser(ctx context.Context, u auth.Record, c auth.Change) error {
	return t.transact(ctx, func(tx runs) error {
		if err := tx.alone(&u); err != nil {
			return err
		}
		added, err := tx.exec(`INSERT INTO users (id, name, display, language, created_at, disabled_at,
				signed_in_at, password, secret, second_step_at, last_step, codes, mail, issuer, subject,
				bound_at, emergency)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
			ON CONFLICT DO NOTHING`,
			u.ID, u.Name, u.Display, u.Language, u.CreatedAt, u.DisabledAt, u.SignedInAt, u.Password,
			orNoBytes(u.Secret), u.SecondStepAt, u.LastStep, writeCodes(u.Codes), u.Mail, u.Identity.Issuer,
			u.Identity.Subject, u.Identity.Since, u.Emergency)
		if err != nil {
			return fmt.Errorf("add a user: %w", err)
		}
		if added == 0 {
			return fmt.Errorf("user %q: %w", u.Name, auth.ErrExists)
		}
		if err := tx.putRoles(u.ID, u.Roles); err != nil {
			return err
		}
		if err := tx.putPasskeys(u.ID, nil, u.Passkeys); err != nil {
			return err
		}
		return applyChange(tx, u.ID, &c)
	})
}

// orNoBytes is NULL for no bytes.
func orNoBytes(b []byte) any {
	if len(b) == 0 {
		return nil
	}
	return b
}

// putRoles writes the roles of a user who has none.
func (r runs) putRoles(user string, roles []auth.Grant) error {
	for _, g := range roles {
		var some bool
		if g.Account != "" {
			known, err := r.read("SELECT true FROM accounts WHERE name = $1", []any{g.Account}, &some)
			if err != nil {
				return fmt.Errorf("look for an account: %w", err)
			}
			if !known {
				return fmt.Errorf("account %q: %w", g.Account, auth.ErrNoAccount)
			}
		}
		const insert = "INSERT INTO user_roles (user_id, account, role) VALUES ($1, $2, $3)"
		if err := r.do(insert, user, g.Account, g.Role); err != nil {
			return fmt.Errorf("give a role: %w", err)
		}
	}
	return nil
}

// ChangeUser implements auth.UserStore.
func (t users) ChangeUser(
	ctx context.Context, id string, change func(*auth.Record) (auth.Change, error),
) error {
	return t.transact(ctx, func(tx runs) error { return tx.changeUser(id, change) })
}

// Redeem implements auth.UserStore. Of two who have the same link, one deletes its row.
func (t users) Redeem(
	ctx context.Context, invitation auth.Hash, now time.Time, change func(*auth.Record) (auth.Change, error),
) error {
	return t.transact(ctx, func(tx runs) error {
		var id string
		found, err := tx.read("SELECT user_id FROM invitations WHERE hash = $1 AND ends_at > $2",
			[]any{invitation[:], now}, &id)
		if err := unknown(found, err, "read an invitation"); err != nil {
			return err
		}
		used, err := tx.exec("DELETE FROM invitations WHERE hash = $1", invitation[:])
		if err := unknown(used == 1, err, "use an invitation up"); err != nil {
			return err
		}
		return tx.changeUser(id, change)
	})
}

func (r runs) changeUser(id string, change func(*auth.Record) (auth.Change, error)) error {
	u, err := r.user(selectUsers+"WHERE id = $1 FOR UPDATE", id)
	if err != nil {
		return err
	}
	before, keys := slices.Clone(u.Roles), slices.Clone(u.Passkeys)
	c, err := change(&u)
	if err != nil {
		return err
	}
	if err := r.alone(&u); err != nil {
		return err
	}
	if err := r.do(`UPDATE users SET display = $1, language = $2, disabled_at = $3, signed_in_at = $4,
			password = $5, secret = $6, second_step_at = $7, last_step = $8, codes = $9, mail = $10,
			issuer = $11, subject = $12, bound_at = $13, emergency = $14 WHERE id = $15`,
		u.Display, u.Language, u.DisabledAt, u.SignedInAt, u.Password, orNoBytes(u.Secret), u.SecondStepAt,
		u.LastStep, writeCodes(u.Codes), u.Mail, u.Identity.Issuer, u.Identity.Subject, u.Identity.Since,
		u.Emergency, id); err != nil {
		return fmt.Errorf("change a user: %w", err)
	}
	if !slices.Equal(before, u.Roles) {
		if err := r.do("DELETE FROM user_roles WHERE user_id = $1", id); err != nil {
			return fmt.Errorf("take roles: %w", err)
		}
		if err := r.putRoles(id, u.Roles); err != nil {
			return err
		}
	}
	if err := r.putPasskeys(id, keys, u.Passkeys); err != nil {
		return err
	}
	return applyChange(r, id, &c)
}

// applyChange writes what comes with the change of a user.
func applyChange(r runs, user string, c *auth.Change) error {
	for _, part := range []func(runs, string, *auth.Change) error{
		spendAnswer, endSessions, beginSession, keepAddress, invite, keepAdmin,
	} {
		if err := part(r, user, c); err != nil {
			return err
		}
	}
	for _, a := range c.Acts {
		if err := r.addAct(a); err != nil {
			return err
		}
	}
	return nil
}

func keepAddress(r runs, user string, c *auth.Change) error {
	if c.Address == "" || c.Begin == nil {
		return nil
	}
	now := c.Begin.SeenAt
	const drop = "DELETE FROM user_addresses WHERE user_id = $1 AND at < $2"
	if err := r.do(drop, user, now.Add(-auth.AddressLife)); err != nil {
		return fmt.Errorf("forget addresses: %w", err)
	}
	const keep = `INSERT INTO user_addresses (user_id, address, at) VALUES ($1, $2, $3)
		ON CONFLICT (user_id, address) DO UPDATE SET at = excluded.at`
	if err := r.do(keep, user, c.Address, now); err != nil {
		return fmt.Errorf("keep an address: %w", err)
	}
	return nil
}

func invite(r runs, user string, c *auth.Change) error {
	if c.Invitation == nil {
		return nil
	}
	const put = `INSERT INTO invitations (user_id, hash, created_at, ends_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (user_id) DO UPDATE
		SET hash = excluded.hash, created_at = excluded.created_at, ends_at = excluded.ends_at`
	if err := r.do(put, user, c.Invitation.Hash[:], c.Invitation.CreatedAt, c.Invitation.EndsAt); err != nil {
		return fmt.Errorf("keep an invitation: %w", err)
	}
	return nil
}

// keepAdmin locks every administrator, so that two who take the role from each other at
// once do not both find one who is left.
func keepAdmin(r runs, _ string, c *auth.Change) error {
	if !c.KeepAdmin {
		return nil
	}
	const lock = `SELECT id FROM users WHERE disabled_at = 0
		AND id IN (SELECT user_id FROM user_roles WHERE role = $1) ORDER BY id FOR UPDATE`
	scan := func(scan Scan) (id string, err error) { return id, scan(&id) }
	left, err := list(r, scan, lock, auth.Admin)
	if err != nil {
		return fmt.Errorf("look for administrators: %w", err)
	}
	if len(left) == 0 {
		return auth.ErrLastAdmin
	}
	return nil
}

// Invitation implements auth.UserStore.
func (t users) Invitation(ctx context.Context, hash auth.Hash) (auth.Invitation, error) {
	i := auth.Invitation{Hash: hash}
	found, err := t.on(ctx).read("SELECT user_id, created_at, ends_at FROM invitations WHERE hash = $1",
		[]any{hash[:]}, &i.User, &i.CreatedAt, &i.EndsAt)
	return i, unknown(found, err, "read an invitation")
}

// KnownAddress implements auth.UserStore.
func (t users) KnownAddress(ctx context.Context, id, address string, since time.Time) (bool, error) {
	var some bool
	return t.on(ctx).read("SELECT true FROM user_addresses WHERE user_id = $1 AND address = $2 AND at >= $3",
		[]any{id, address, since}, &some)
}
