package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Role is what a child process does.
type Role string

// The roles of a child.
const (
	RoleBare    Role = "bare"    // the reference handler, ServeBare
	RoleGateway Role = "gateway" // a gateway beside simulated operators, with a profile if asked
	RoleCodec   Role = "codec"   // an SMPP peer that answers from memory, ServeCodec
	RoleServe   Role = "serve"   // `relais serve` as anybody would start it
)

// Child is what the program is told, as JSON in `relais bench --child`.
type Child struct {
	Role     Role   `json:"role"`
	Listen   string `json:"listen"`
	Data     string `json:"data,omitempty"`
	Database string `json:"database,omitempty"` // URL of PostgreSQL; empty: SQLite in Data
	Config   string `json:"config,omitempty"`   // file of the gateway's configuration
	Operator string `json:"operator,omitempty"` // address of the simulated operators
	SMPP     string `json:"smpp,omitempty"`     // where SMPP clients come; empty: nowhere in particular
	Profile  string `json:"profile,omitempty"`  // file for a CPU profile
}

// server is a running child.
type server struct {
	session *session
	child   Child
	run     Run
	command *exec.Cmd
	stdin   io.Closer // its end ends the child, should this process die
	log     *tail
	exited  chan struct{}
	failure error // why it ended; read after exited
	ready   time.Duration
	used    time.Duration // processor time of the database before
	beside  []*server     // other nodes of the same cluster, which share the load
}

// nodes is who a generator writes to.
func (s *server) nodes(generator int) *server {
	all := append([]*server{s}, s.beside...)
	return all[generator%len(all)]
}

// Bounds of a child's life.
const (
	startWithin = 30 * time.Second
	stopWithin  = time.Minute
)

// start runs a child and waits until it is ready.
func (s *session) start(ctx context.Context, c Child, name string, round int) (*server, error) {
	var err error
	if s.rules && c.Role == RoleGateway {
		if c.Config, err = s.writeRules(); err != nil {
			return nil, err
		}
		name += withRules
	}
	if c.Data, err = os.MkdirTemp(s.dir, "data-"); err != nil {
		return nil, fmt.Errorf("make a data directory: %w", err)
	}
	if s.postgres && c.Role == RoleGateway && c.Database == "" {
		if c.Database, err = s.newDatabase(ctx); err != nil {
			return nil, err
		}
	}
	if s.postgres {
		name += onPostgres
	}
	return s.launch(ctx, c, name, round)
}

// launch starts a child on its data, which may be those of an earlier one.
func (s *session) launch(ctx context.Context, c Child, name string, round int) (*server, error) {
	if s.ProfileDir != "" && c.Role != RoleServe {
		c.Profile = filepath.Join(s.ProfileDir, fmt.Sprintf("%s-%d.pprof", name, round+1))
	}
	var err error
	if c.Listen, err = freeAddress(ctx); err != nil {
		return nil, fmt.Errorf("find a free port: %w", err)
	}
	child := &server{
		session: s, child: c, run: Run{Name: name, Round: round}, log: &tail{},
		exited: make(chan struct{}),
	}
	if err := child.launch(ctx); err != nil {
		return nil, fmt.Errorf("start the %s: %w", c.Role, err)
	}
	return child, nil
}

func freeAddress(ctx context.Context) (string, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

func (s *server) launch(ctx context.Context) error {
	arguments, err := s.child.arguments()
	if err != nil {
		return err
	}
	s.command = exec.CommandContext(ctx, s.session.Program, arguments...)
	s.command.Env = append(withoutSettings(os.Environ()), "RELAIS_SEAL_KEY="+strings.Repeat("0f", 32),
		"RELAIS_LIMITS_BACKLOG=10000000")
	s.command.Dir = s.session.dir
	s.command.Stderr = s.log
	if s.stdin, err = s.command.StdinPipe(); err != nil {
		return err
	}
	begun := time.Now()
	if err := s.command.Start(); err != nil {
		return err
	}
	go func() {
		s.failure = s.command.Wait()
		close(s.exited)
	}()
	if err := s.awaitReady(ctx); err != nil {
		return errors.Join(err, s.stop())
	}
	s.ready = time.Since(begun)
	if s.child.Database != "" {
		if s.used, err = databaseTime(ctx, s.child.Database); err != nil {
			return errors.Join(err, s.stop())
		}
	}
	return nil
}

func (c Child) arguments() ([]string, error) {
	if c.Role == RoleServe {
		return []string{"serve", "--listen", c.Listen, "--data", c.Data}, nil
	}
	order, err := json.Marshal(c)
	return []string{"bench", "--child", string(order)}, err
}

// withoutSettings keeps the caller's own configuration out of the measurement.
func withoutSettings(environment []string) []string {
	var kept []string
	for _, variable := range environment {
		if !strings.HasPrefix(variable, "RELAIS_") {
			kept = append(kept, variable)
		}
	}
	return kept
}

// awaitReady asks every millisecond, which is also how exact the start is
// measured.
func (s *server) awaitReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startWithin)
	defer cancel()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	ask := time.NewTicker(time.Millisecond)
	defer ask.Stop()
	for {
		select {
		case <-s.exited:
			return errors.New("it ended before it was ready")
		case <-ctx.Done():
			return fmt.Errorf("it does not get ready: %w", ctx.Err())
		case <-ask.C:
		}
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url("/readyz"), nil)
		if err != nil {
			return err
		}
		answer, err := client.Do(request)
		if err != nil {
			continue // nothing listens yet
		}
		answer.Body.Close()
		if answer.StatusCode == http.StatusOK {
			return nil
		}
	}
}

func (s *server) url(path string) string { return "http://" + s.child.Listen + path }

// database is the URL of the server's PostgreSQL, or the path of its file.
func (s *server) database() string {
	if s.child.Database != "" {
		return s.child.Database
	}
	return filepath.Join(s.child.Data, "relais.db")
}

// stop ends the child as an operator would, and waits for it.
func (s *server) stop() error {
	defer s.stdin.Close()
	err := s.command.Process.Signal(syscall.SIGTERM)
	if err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("stop the %s: %w", s.child.Role, err)
	}
	timer := time.NewTimer(stopWithin)
	defer timer.Stop()
	select {
	case <-s.exited:
	case <-timer.C:
		err := s.command.Process.Kill()
		<-s.exited
		return errors.Join(fmt.Errorf("the %s did not stop in %s", s.child.Role, stopWithin), err)
	}
	if s.failure != nil {
		return fmt.Errorf("the %s failed: %w", s.child.Role, s.failure)
	}
	return nil
}

// finish stops the server, checks what it kept and fills in the run. err is how
// the load went.
func (s *server) finish(ctx context.Context, l load, err error, verify func() error) (Run, error) {
	err = errors.Join(err, s.stop())
	used := s.used
	if err == nil && s.child.Database != "" {
		used, err = databaseTime(ctx, s.child.Database)
	}
	if err == nil && verify != nil {
		err = verify()
		s.run.Checked = len(l.ids)
	}
	if err != nil {
		return Run{}, fmt.Errorf("%s, round %d: %w; the %s said last: %s", s.run.Name, s.run.Round+1, err, s.child.Role, s.log)
	}
	if err := s.remove(ctx); err != nil {
		return Run{}, fmt.Errorf("remove a database: %w", err)
	}
	state := s.command.ProcessState
	r := s.run
	r.Rate = float64(l.counted) / l.elapsed.Seconds()
	r.Offered, r.Answer = l.offered, l.answer
	r.P50, r.P99 = millis(percentile(l.latencies, 50)), millis(percentile(l.latencies, 99))
	r.ServerUS = float64((state.UserTime() + state.SystemTime()).Microseconds()) / float64(max(1, l.total))
	r.DatabaseUS = float64((used - s.used).Microseconds()) / float64(max(1, l.total))
	return r, nil
}

// tail keeps the end of what a child says.
type tail struct {
	mu   sync.Mutex
	text []byte
}

const longestTail = 4 << 10

// Write implements io.Writer.
func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, b...)
	if more := len(t.text) - longestTail; more > 0 {
		t.text = t.text[more:]
	}
	return len(b), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(bytes.TrimSpace(t.text))
}
