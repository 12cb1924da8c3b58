package app

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"relais/auth"
	"relais/config"
	"relais/plaintext"
	"relais/reason"
	"relais/store/sqlite"
	"relais/webhook"
)

// sealKeyName is the key file inside the data directory.
const sealKeyName = "seal.key"

// sealSetting is where a database keeps the fingerprint of its key.
const sealSetting = "seal_key"

func fingerprint(s *auth.Sealer) string { return s.Derive("fingerprint") }

// Reasons why a key is not the database's. Each says what to do.
var (
	errKeyLost  = reason.NewError(whyKeyLost, nil)
	errKeyWrong = reason.NewError(whyKeyWrong, nil)
	errKeyNone  = reason.NewError(whyKeyNone, nil)
)

// sealKeyFile is where the key of a configuration is, when it is not in it.
func sealKeyFile(c config.Config) string { return filepath.Join(c.Data, sealKeyName) }

// readSealer makes the sealer of the configuration. It makes no key: where there
// is none the error is fs.ErrNotExist.
func readSealer(c config.Config) (*auth.Sealer, error) {
	if key := c.SealKey.Reveal(); key != "" {
		return auth.NewSealer(key)
	}
	data, err := plaintext.ReadFile(sealKeyFile(c))
	if err != nil {
		return nil, reason.Wrap(err, whyKeyFile, reason.Args{"file": reason.Name(sealKeyFile(c))})
	}
	s, err := auth.NewSealer(plaintext.Trim(string(data)))
	if err != nil {
		return nil, reason.At(sealKeyFile(c), err)
	}
	return s, nil
}

// sealer is readSealer for what needs no database.
func sealer(c config.Config) (*auth.Sealer, error) {
	s, err := readSealer(c)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, reason.At(sealKeyFile(c), errKeyNone)
	}
	return s, err
}

// sealerOf makes the sealer of the configuration, and refuses one that is not the
// database's. Where there is no key, it makes one when create is set and the
// database never had any.
func sealerOf(ctx context.Context, c config.Config, store Database, create bool) (*auth.Sealer, error) {
	s, err := fittingSealer(ctx, c, store)
	if create && errors.Is(err, errKeyNone) {
		s, err = makeSealer(c)
	}
	if err != nil {
		return nil, err
	}
	same, err := store.Agree(ctx, sealSetting, fingerprint(s))
	if err != nil {
		return nil, err
	}
	if !same { // another node was first
		return nil, errKeyWrong
	}
	return s, nil
}

// fittingSealer is the sealer of the configuration, errKeyLost or errKeyWrong when
// it cannot be that of the database, errKeyNone when neither has one.
func fittingSealer(ctx context.Context, c config.Config, store Database) (*auth.Sealer, error) {
	known, err := store.Setting(ctx, sealSetting)
	if err != nil {
		return nil, err
	}
	sealed, err := store.Sealed(ctx)
	if err != nil {
		return nil, err
	}
	s, err := readSealer(c)
	switch missing := errors.Is(err, fs.ErrNotExist); {
	case missing && (known != "" || sealed != nil):
		return nil, reason.Wrap(errKeyLost, whyKeyMissing, reason.Args{"file": reason.Name(sealKeyFile(c))})
	case missing:
		return nil, reason.At(sealKeyFile(c), errKeyNone)
	case err != nil:
		return nil, err
	case known != "" && known != fingerprint(s):
		return nil, errKeyWrong
	case known == "" && sealed != nil: // a database from before the fingerprint
		if _, err := s.Open(sealed); err != nil {
			return nil, errKeyWrong
		}
	}
	return s, nil
}

// CheckSealKey reports what is wrong with the seal key of a configuration beside
// its database; a first start that is still to make one is no fault. It changes
// neither.
func CheckSealKey(ctx context.Context, c config.Config, store Database) error {
	_, err := fittingSealer(ctx, c, store)
	if errors.Is(err, errKeyNone) {
		return nil
	}
	return err
}

func makeSealer(c config.Config) (*auth.Sealer, error) {
	key, err := auth.SealKeyFile(sealKeyFile(c))
	if err != nil {
		return nil, reason.Wrap(err, whyKeyMade, nil)
	}
	return auth.NewSealer(key)
}

// CopySealKey copies the key file of a data directory to another; a key that is
// configured elsewhere has none, which copied tells. A key that is there already
// stays.
func CopySealKey(from, to string) (copied bool, err error) {
	key, err := os.ReadFile(filepath.Join(from, sealKeyName))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	file, err := os.OpenFile(filepath.Join(to, sealKeyName), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return false, err
	}
	_, err = file.Write(key)
	return true, errors.Join(err, file.Sync(), file.Close())
}

// ErrKeyFits is returned for a replacement that would change nothing.
var ErrKeyFits = reason.NewError(whyKeyFits, nil)

// Resealed lists what has to be made anew after a change of the key.
type Resealed struct {
	Webhooks     []string `json:"webhooks"`     // ids that cannot be signed any more
	Applications []int64  `json:"applications"` // of OVH clients, whose signatures cannot be checked
	Users        []string `json:"users"`        // names of those whose second step is gone
}

// ReplaceSealKey gives a database whose key is lost the one of the configuration,
// made when there is none. Secrets of accounts are made anew; what only their
// owners can make anew is returned.
func ReplaceSealKey(ctx context.Context, c config.Config, store Database) (Resealed, error) {
	left := Resealed{Webhooks: []string{}, Applications: []int64{}, Users: []string{}}
	s, err := readSealer(c)
	if errors.Is(err, fs.ErrNotExist) {
		s, err = makeSealer(c)
	}
	if err != nil {
		return left, err
	}
	if known, err := store.Setting(ctx, sealSetting); err != nil || known == fingerprint(s) {
		return left, errors.Join(err, ErrKeyFits)
	}
	if err := store.SetSetting(ctx, sealSetting, fingerprint(s)); err != nil {
		return left, err
	}
	if err := resignAccounts(ctx, store, s, &left); err != nil {
		return left, err
	}
	applications, err := store.OVHApplications(ctx)
	for i := range applications {
		if _, opened := s.Open(applications[i].Secret); opened != nil && applications[i].RevokedAt.IsZero() {
			left.Applications = append(left.Applications, applications[i].ID)
		}
	}
	if err != nil {
		return left, err
	}
	people := auth.NewPeople(auth.PeopleOptions{Store: store, Sealer: s})
	left.Users, err = people.DropSealedSteps(ctx, auth.By{Actor: auth.Machine})
	return left, err
}

// resignAccounts makes the signing secrets of accounts anew, and gathers the
// webhooks with secrets of their own.
func resignAccounts(ctx context.Context, store Database, s *auth.Sealer, left *Resealed) error {
	accounts, err := store.Accounts(ctx)
	if err != nil {
		return err
	}
	for _, account := range accounts {
		fresh, err := webhook.NewSecret()
		if err != nil {
			return err
		}
		if _, err := store.SigningSecret(
			ctx, account.Name, s.Seal([]byte(fresh)), true, time.Now(),
		); err != nil {
			return err
		}
		endpoints, err := store.Endpoints(ctx, account.Name)
		if err != nil {
			return err
		}
		for i := range endpoints {
			if _, err := s.Open(endpoints[i].Secret); err != nil {
				left.Webhooks = append(left.Webhooks, endpoints[i].ID.String())
			}
		}
	}
	return nil
}

// OnlyOne holds the data directory of a configuration until free is called, and
// fails while a gateway runs on it.
func OnlyOne(c config.Config) (free func() error, err error) {
	lock, err := sqlite.LockDir(c.Data)
	if err != nil {
		return nil, err
	}
	return lock.Close, nil
}
