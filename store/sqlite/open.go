package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"relais/gateway"
	"relais/reason"
	"relais/store/probe"
	"relais/store/table"

	_ "modernc.org/sqlite" // the driver, in Go alone: no C compiler is needed to build
)

// FileName is the database inside the data directory.
const FileName = "relais.db"

// Store is an open database. Its methods may be called from any goroutine.
type Store struct {
	table.Tables

	writer  *sql.DB
	readers *sql.DB
	answers *sql.Stmt // selectKey, by a reader: a busy gateway asks it all the time
	commits *committer
	probes  *probe.Probe
	lock    *os.File // held while a gateway runs on the file; nil otherwise
}

// Open opens the database in dir, making both when they are missing.
// Administration commands use it beside a running gateway; the gateway itself
// calls OpenExclusive. A database with an older schema is refused with ErrSchema.
func Open(ctx context.Context, dir string) (*Store, error) {
	s, err := openDir(ctx, dir, false)
	if err != nil {
		return nil, err
	}
	if err := s.writeLeft(ctx, dir); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// writeLeft writes what the last moment of a gateway left that does not run any more.
func (s *Store) writeLeft(ctx context.Context, dir string) error {
	var left bool
	err := s.readers.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM young)").Scan(&left)
	if err != nil || !left {
		return explain(err)
	}
	lock, err := LockDir(dir)
	if errors.Is(err, ErrInUse) {
		return nil // its gateway does
	}
	if err != nil {
		return err
	}
	err = s.commits.do(ctx, func(t *tx) error {
		t.young.own = true
		defer func() { t.young.own = false }()
		return t.recover()
	})
	return errors.Join(err, lock.Close())
}

func openDir(ctx context.Context, dir string, exclusive bool) (*Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, reason.Wrap(err, whyDirectory, nil)
	}
	path := filepath.Join(dir, FileName)
	if err := touch(path); err != nil {
		return nil, err
	}
	s, err := openStore(ctx, path, exclusive)
	if err != nil && full(dir) {
		return nil, fmt.Errorf("%w: %w", gateway.ErrFull, err)
	}
	return s, err
}

func openStore(ctx context.Context, path string, exclusive bool) (*Store, error) {
	s := &Store{}
	only, err := keepConnection(dsn(path, "_txlock=immediate"))
	if err != nil {
		return nil, err
	}
	s.writer = sql.OpenDB(only)
	s.writer.SetMaxOpenConns(1)
	if err := migrate(ctx, s.writer, exclusive); err != nil {
		return nil, errors.Join(reason.Wrap(explain(err), whyMigrate, reason.Args{"file": reason.Name(path)}), s.writer.Close())
	}
	if s.readers, err = open(path, "_pragma=query_only(1)&_pragma=cache_size(-4000)"); err != nil {
		return nil, errors.Join(err, s.writer.Close())
	}
	s.readers.SetMaxOpenConns(4)
	s.readers.SetMaxIdleConns(4)
	if s.answers, err = s.readers.PrepareContext(ctx, selectKey); err != nil {
		return nil, errors.Join(explain(err), s.readers.Close(), s.writer.Close())
	}
	if s.commits, err = startCommitter(ctx, s.writer, only, exclusive); err != nil {
		return nil, errors.Join(explain(err), s.readers.Close(), s.writer.Close())
	}
	s.Tables = table.New(&tables{commits: s.commits, readers: s.readers, prepared: map[string]*sql.Stmt{}},
		dialect)
	s.probes = probe.New(func() error { return s.takesWrites(filepath.Dir(path)) })
	return s, nil
}

// ErrInUse is returned when another gateway runs on the same file.
var ErrInUse = reason.NewError(whyInUse, nil)

// OpenExclusive is Open for the process that sends, and brings the schema up to
// date. A second one on the same file is refused with ErrInUse.
func OpenExclusive(ctx context.Context, dir string) (*Store, error) {
	lock, err := LockDir(dir)
	if err != nil {
		return nil, err
	}
	s, err := openDir(ctx, dir, true)
	if err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	s.lock = lock
	return s, nil
}

// LockDir gives a data directory, made when it is missing, to this process alone,
// until the file is closed. A second one gets ErrInUse.
func LockDir(dir string) (*os.File, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, reason.Wrap(err, whyDirectory, nil)
	}
	return lockFile(filepath.Join(dir, lockName))
}

// InUse reports whether a gateway runs on a data directory. It makes nothing there.
func InUse(dir string) (bool, error) {
	lock, err := os.Open(filepath.Join(dir, lockName))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, reason.Wrap(err, whyLockFile, nil)
	}
	err = syscall.Flock(int(lock.Fd()), syscall.LOCK_SH|syscall.LOCK_NB)
	held := errors.Is(err, syscall.EWOULDBLOCK)
	if err != nil && !held {
		return false, errors.Join(reason.Wrap(err, whyLock, nil), lock.Close())
	}
	return held, lock.Close()
}

// lockName is the file that a running gateway holds.
const lockName = "relais.lock"

func lockFile(path string) (*os.File, error) {
	lock, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, reason.Wrap(err, whyLockFile, nil)
	}
	err = syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, errors.Join(ErrInUse, lock.Close())
	}
	if err != nil {
		return nil, errors.Join(reason.Wrap(err, whyLock, nil), lock.Close())
	}
	return lock, nil
}

// touch makes the file with rights for its owner alone; SQLite would let others
// read it.
func touch(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return reason.Wrap(err, whyOpen, nil)
	}
	return f.Close()
}

func open(path, option string) (*sql.DB, error) { return sql.Open("sqlite", dsn(path, option)) }

func dsn(path, option string) string {
	return fileURL(path) + "?" + strings.Join([]string{
		"_pragma=busy_timeout(10000)",
		"_pragma=journal_mode(WAL)",
		"_pragma=synchronous(FULL)",
		"_pragma=cache_size(-32000)",
		"_pragma=wal_autocheckpoint(4000)",
		"_pragma=temp_store(2)",
		option,
	}, "&")
}

func fileURL(path string) string {
	return (&url.URL{Scheme: "file", Opaque: url.PathEscape(path)}).String()
}

// Close stops the writer after what it was given, and closes the file.
func (s *Store) Close() error {
	s.commits.stop()
	s.probes.Forget()
	errs := []error{s.readers.Close(), s.writer.Close()}
	if s.lock != nil {
		errs = append(errs, s.lock.Close())
	}
	return errors.Join(errs...)
}

func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func fromMicros(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return time.UnixMicro(us).UTC()
}

// row is what Scan reads from.
type row interface{ Scan(...any) error }

// collect reads every row of an answer.
func collect[T any](rows *sql.Rows, err error, scan func(row) (T, error)) ([]T, error) {
	if err != nil {
		return nil, explain(err)
	}
	defer rows.Close()
	all := []T{}
	for rows.Next() {
		one, err := scan(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, explain(rows.Err())
}
