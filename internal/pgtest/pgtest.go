// Package pgtest runs a real PostgreSQL for tests: the server binaries of the
// machine, a temporary directory, a Unix socket. `make test` installs them where
// they are missing.
//
// One server serves a test binary: Main starts nothing yet, the first call of
// Database does, and Main stops it behind the last test.
package pgtest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// Server is a running PostgreSQL.
type Server struct {
	dir     string // holds the data, the socket and the log
	bin     string
	owner   *syscall.Credential // PostgreSQL does not run as root; nil: as we are
	process *exec.Cmd
	exited  chan struct{}
	held    *os.File // the directory, locked
}

// Start makes an empty server in a new temporary directory and waits until it
// answers. It dies with the test binary, however that ends, and what it kept goes with the
// next start. Tests make hundreds of
// databases, whose files are synced one by one, so that memory holds them where there
// is room: a server that is killed finds there what it had synced.
func Start(ctx context.Context) (*Server, error) { return StartIn(ctx, memory()) }

// room is what a server of tests takes at most, with its log of writes.
const room = 2 << 30

// memory is where files are in memory; empty: there is no such place, or no room.
func memory() string {
	const place = "/dev/shm"
	var fs syscall.Statfs_t
	if err := syscall.Statfs(place, &fs); err != nil || uint64(fs.Bavail)*uint64(fs.Bsize) < room {
		return ""
	}
	return place
}

// StartIn is Start with the temporary directory in a given one, which must have a
// short name; empty: where temporary directories are.
func StartIn(ctx context.Context, parent string) (*Server, error) {
	bin, err := binaries()
	if err != nil {
		return nil, err
	}
	parent = cmp.Or(parent, os.TempDir())
	if err := sweep(parent); err != nil {
		return nil, fmt.Errorf("remove what earlier tests left: %w", err)
	}
	dir, err := os.MkdirTemp(parent, prefix)
	if err != nil {
		return nil, fmt.Errorf("make a directory for PostgreSQL: %w", err)
	}
	s := &Server{dir: dir, bin: bin}
	if s.held, err = hold(dir); err != nil {
		return nil, errors.Join(fmt.Errorf("lock a directory: %w", err), os.RemoveAll(dir))
	}
	if err := s.make(ctx); err != nil {
		return nil, errors.Join(err, s.remove())
	}
	if err := s.Run(ctx); err != nil {
		return nil, errors.Join(err, s.remove())
	}
	return s, nil
}

func binaries() (string, error) {
	if path, err := exec.LookPath("initdb"); err == nil {
		if path, err = filepath.EvalSymlinks(path); err == nil {
			return filepath.Dir(path), nil
		}
	}
	var found []string
	for _, pattern := range []string{
		"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql*/bin",
	} {
		dirs, err := filepath.Glob(pattern)
		if err != nil {
			return "", fmt.Errorf("look for PostgreSQL: %w", err)
		}
		found = append(found, dirs...)
	}
	slices.Sort(found)
	for _, dir := range slices.Backward(found) {
		if _, err := os.Stat(filepath.Join(dir, "initdb")); err == nil {
			return dir, nil
		}
	}
	return "", errors.New("the server binaries of PostgreSQL are missing: run `scripts/deps postgres`, or install the package postgresql")
}

func (s *Server) make(ctx context.Context) error {
	if os.Getuid() == 0 {
		if err := s.disown(); err != nil {
			return err
		}
	}
	if out, err := s.command(ctx, "initdb", "--pgdata", s.data(), "--username=relais", "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C.UTF-8").CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, out)
	}
	return nil
}

// disown gives the directory to somebody who is not root.
func (s *Server) disown() error {
	somebody, err := user.Lookup("postgres")
	if err != nil {
		if somebody, err = user.Lookup("nobody"); err != nil {
			return fmt.Errorf("PostgreSQL does not run as root, and there is nobody else: %w", err)
		}
	}
	uid, err := strconv.ParseUint(somebody.Uid, 10, 32)
	if err != nil {
		return err
	}
	gid, err := strconv.ParseUint(somebody.Gid, 10, 32)
	if err != nil {
		return err
	}
	s.owner = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return os.Chown(s.dir, int(uid), int(gid))
}

func (s *Server) data() string { return filepath.Join(s.dir, "data") }

func (s *Server) command(ctx context.Context, name string, args ...string) *exec.Cmd {
	c := exec.CommandContext(ctx, filepath.Join(s.bin, name), args...)
	c.Dir = s.dir
	c.SysProcAttr = &syscall.SysProcAttr{Credential: s.owner}
	return c
}

// settings are those of a small server. Nothing that touches durability is
// changed.
var settings = []string{
	"listen_addresses=", "unix_socket_permissions=0777", "max_connections=200", "shared_buffers=128MB",
	"log_min_messages=warning", "logging_collector=off",
}

// Run starts a server that was killed, and waits until it answers. Backends that
// a killed server left behind keep it from starting for a moment.
func (s *Server) Run(ctx context.Context) (err error) {
	for range 50 {
		if err = s.run(ctx); !errors.Is(err, errEnded) {
			return err
		}
		time.Sleep(100 * time.Millisecond)
	}
	return err
}

var errEnded = errors.New("PostgreSQL ended at its start")

func (s *Server) run(ctx context.Context) error {
	args := []string{"-D", s.data(), "-k", s.dir}
	for _, setting := range settings {
		args = append(args, "-c", setting)
	}
	log, err := os.OpenFile(filepath.Join(s.dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("open the log of PostgreSQL: %w", err)
	}
	defer log.Close()
	s.process = s.command(context.WithoutCancel(ctx), "postgres", args...)
	s.process.Stdout, s.process.Stderr = log, log
	s.process.SysProcAttr.Pdeathsig = syscall.SIGINT // a fast shutdown
	started := make(chan error)
	s.exited = make(chan struct{})
	go func() { // the signal comes when the thread ends that started the process
		runtime.LockOSThread()
		err := s.process.Start()
		started <- err
		if err == nil {
			_ = s.process.Wait() // however it ended
		}
		close(s.exited)
	}()
	if err := <-started; err != nil {
		return fmt.Errorf("start PostgreSQL: %w", err)
	}
	return s.wait(ctx)
}

func (s *Server) wait(ctx context.Context) error {
	var last error
	for range 600 {
		select {
		case <-s.exited:
			log, _ := os.ReadFile(filepath.Join(s.dir, "log"))
			return fmt.Errorf("%w: %s", errEnded, log)
		case <-time.After(50 * time.Millisecond):
		}
		conn, err := pgx.Connect(ctx, s.URL("postgres"))
		if err == nil {
			return conn.Close(ctx)
		}
		last = err
	}
	return fmt.Errorf("PostgreSQL does not answer: %w", last)
}

// URL names a database of the server.
func (s *Server) URL(database string) string {
	return "postgres://relais@/" + database + "?" +
		url.Values{"host": {s.dir}, "sslmode": {"disable"}}.Encode()
}

// Create makes an empty database and returns its URL.
func (s *Server) Create(ctx context.Context, name string) (string, error) {
	return s.copy(ctx, name, "template1")
}

// copy makes a database as another one is, to which nobody is connected.
func (s *Server) copy(ctx context.Context, name, of string) (string, error) {
	conn, err := pgx.Connect(ctx, s.URL("postgres"))
	if err != nil {
		return "", fmt.Errorf("connect to PostgreSQL: %w", err)
	}
	defer conn.Close(ctx) //nolint:errcheck // nothing was left open
	if _, err := conn.Exec(ctx, "CREATE DATABASE "+pgx.Identifier{name}.Sanitize()+" TEMPLATE "+pgx.Identifier{of}.Sanitize()); err != nil {
		return "", fmt.Errorf("make a database: %w", err)
	}
	return s.URL(name), nil
}

// drop removes a database, whoever still has a connection to it.
func (s *Server) drop(ctx context.Context, name string) error {
	conn, err := pgx.Connect(ctx, s.URL("postgres"))
	if err != nil {
		return fmt.Errorf("connect to PostgreSQL: %w", err)
	}
	defer conn.Close(ctx) //nolint:errcheck // nothing was left open
	if _, err := conn.Exec(ctx, "DROP DATABASE "+pgx.Identifier{name}.Sanitize()+" WITH (FORCE)"); err != nil {
		return fmt.Errorf("drop a database: %w", err)
	}
	return nil
}

// Revive waits until the server answers after a disaster, and starts it again when
// it did not survive.
func (s *Server) Revive(ctx context.Context) (died bool, err error) {
	if err = s.wait(ctx); errors.Is(err, errEnded) {
		return true, s.Run(ctx)
	}
	return false, err
}

// Kill ends the server with kill -9, its backends included. Run starts it again.
func (s *Server) Kill() error {
	pid := s.process.Process.Pid
	backends, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	if err != nil {
		return fmt.Errorf("list the backends: %w", err)
	}
	_ = s.process.Process.Kill() // it may have ended
	<-s.exited
	for field := range strings.FieldsSeq(string(backends)) {
		if backend, err := strconv.Atoi(field); err == nil {
			_ = syscall.Kill(backend, syscall.SIGKILL) // it may have ended
		}
	}
	return nil
}

// Stop ends the server and removes what it kept.
func (s *Server) Stop() error {
	_ = s.process.Process.Signal(syscall.SIGINT) // it may have ended
	<-s.exited
	return s.remove()
}

var shared struct {
	sync.Mutex
	server  *Server
	err     error
	made    int
	ready   bool // there is a database to copy
	drops   sync.WaitGroup
	dropErr error
}

// Main runs the tests of a package and stops their server.
func Main(m *testing.M) (code int, err error) {
	code = m.Run()
	shared.drops.Wait()
	shared.Lock()
	defer shared.Unlock()
	if shared.server == nil {
		return code, nil
	}
	return code, errors.Join(shared.dropErr, shared.server.Stop())
}

// Database returns the URL of an empty database on the server of the package's
// tests. It is dropped behind the test, so that a run needs the disk of a few
// databases and not of hundreds.
func Database(tb testing.TB) string {
	tb.Helper()
	shared.Lock()
	defer shared.Unlock()
	return database(tb, "template1")
}

// Upgraded is Database with a schema in it, which upgrade makes in the first one of a
// package: the others are copies, in a tenth of the time.
func Upgraded(tb testing.TB, upgrade func(ctx context.Context, address string) error) string {
	tb.Helper()
	shared.Lock()
	defer shared.Unlock()
	const first = "upgraded"
	if !shared.ready {
		address, err := server(tb).Create(tb.Context(), first)
		if err == nil {
			err = upgrade(tb.Context(), address)
		}
		if err != nil {
			tb.Fatal(err)
		}
		shared.ready = true
	}
	return database(tb, first)
}

// server is that of the package's tests. shared is locked.
func server(tb testing.TB) *Server {
	tb.Helper()
	if shared.server == nil && shared.err == nil {
		shared.server, shared.err = Start(context.Background())
	}
	if shared.err != nil {
		tb.Fatal(shared.err)
	}
	return shared.server
}

// database copies one, and drops the copy behind the test. shared is locked.
func database(tb testing.TB, of string) string {
	tb.Helper()
	shared.made++
	name := fmt.Sprintf("test%d", shared.made)
	address, err := server(tb).copy(tb.Context(), name, of)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { // nobody waits for the checkpoint that it takes
		shared.drops.Go(func() {
			if err := shared.server.drop(context.Background(), name); err != nil {
				shared.Lock()
				defer shared.Unlock()
				shared.dropErr = errors.Join(shared.dropErr, err)
			}
		})
	})
	return address
}

// Tool is the path of one of PostgreSQL's programs, such as pg_dump.
func Tool(t *testing.T, name string) string {
	t.Helper()
	bin, err := binaries()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(bin, name)
}
