package app

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"relais/config"
	"relais/config/effect"
	"relais/internal/snapshot"
	"relais/reason"
	"relais/store/sqlite"
)

// effects keep what is in effect where others can read it, and count readings.
type effects struct {
	readings *prometheus.CounterVec
	since    *snapshot.Gauge
	info     *snapshot.Gauge
	board    *snapshot.Board // of since and info

	mu  sync.Mutex
	now effect.Node
}

func newEffects(r prometheus.Registerer) *effects {
	gauge := snapshot.NewGauge
	e := &effects{
		readings: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: "relais", Name: "config_readings_total",
			Help: "Readings of the configuration: at the start and by reload; refused ones changed nothing.",
		}, []string{"outcome"}),
		since: gauge("config_since_seconds",
			"When the configuration that is in effect came into effect, in Unix time."),
		info: gauge("config_info",
			"1 for the version of the configuration that is in effect: the same where the same file was read.", "version"),
	}
	e.board = snapshot.NewBoard(r, e.since, e.info)
	for _, outcome := range []string{"applied", "refused"} {
		e.readings.WithLabelValues(outcome)
	}
	r.MustRegister(e.readings)
	return e
}

// applied tells that a configuration is in effect.
func (p *process) applied(ctx context.Context, c *config.Config, needRestart []string) error {
	at := time.Now().UTC()
	p.effects.readings.WithLabelValues("applied").Inc()
	p.effects.board.Show("", p.effects.since.At(float64(at.Unix())), p.effects.info.At(1, c.Digest))
	return errors.Join(
		effect.TellPrints(ctx, p.store, p.node.Name, c.Prints(p.sealer.Derive)),
		p.tell(ctx, func(n *effect.Node) {
			*n = effect.Node{
				Name: p.node.Name, PID: os.Getpid(), Program: p.version, Digest: c.Digest, Since: at, TriedAt: at,
				NeedRestart: needRestart,
			}
		}),
	)
}

// Refused tells that a configuration could not be read, or not be used, and changed
// nothing.
func (a *App) Refused(ctx context.Context, why error) error {
	if !a.turn.take(ctx) {
		return ctx.Err()
	}
	defer a.turn.give()
	return a.refused(ctx, why)
}

func (p *process) refused(ctx context.Context, why error) error {
	p.effects.readings.WithLabelValues("refused").Inc()
	said := map[reason.Language]string{}
	for _, l := range reason.Languages() {
		said[l] = refusalIn(why, l)
	}
	return p.tell(ctx, func(n *effect.Node) {
		n.TriedAt, n.Refused, n.Why = time.Now().UTC(), why.Error(), said
	})
}

// refusalIn is what is wrong with a configuration, for a reader.
func refusalIn(why error, l reason.Language) string {
	if whole, ok := errors.AsType[*config.Error](why); ok {
		return whole.In(l)
	}
	return reason.OfError(why).In(l)
}

// tell changes what this node tells, and stores it.
func (p *process) tell(ctx context.Context, change func(*effect.Node)) error {
	p.effects.mu.Lock()
	defer p.effects.mu.Unlock()
	change(&p.effects.now)
	if p.leases != nil {
		p.effects.now.SeenAt = time.Now().UTC()
	}
	return effect.Tell(ctx, p.store, p.effects.now)
}

// tellAgain is work of the chore by which nodes of one database know of each other which
// configuration each has.
func (p *process) tellAgain(ctx context.Context) {
	err := errors.Join(p.tell(ctx, func(*effect.Node) {}), effect.Forget(ctx, p.store, time.Now()))
	if err != nil && ctx.Err() == nil {
		p.log.Warn("cannot tell the other nodes which configuration is in effect", "error", err)
	}
}

// leave takes back what this node told: it has ended in order. Without it the others take
// the node for gone a little later.
func (p *process) leave(ctx context.Context) {
	if p.leases == nil {
		return
	}
	const patience = 2 * time.Second
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	if err := effect.Leave(ctx, p.store, p.node.Name); err != nil {
		p.log.Warn("cannot tell the other nodes that this one has ended", "error", err)
	}
}

// ErrNotRunning is returned where no gateway runs on the data of a configuration.
var ErrNotRunning = errors.New("no gateway runs on these data")

// Running returns what the gateway tells that runs on the data of a configuration, on
// this machine. The error is ErrNotRunning where none does.
func Running(ctx context.Context, c config.Config, store Database) (effect.Node, error) {
	var none effect.Node
	name, err := runningNode(c)
	if err != nil {
		return none, err
	}
	n, told, err := effect.Of(ctx, store, name)
	if err == nil && !told {
		err = ErrNotRunning
	}
	return n, err
}

// runningNode is the name of the node that runs on the data of a configuration, on this
// machine.
func runningNode(c config.Config) (string, error) {
	held, err := sqlite.InUse(c.Data)
	switch {
	case err != nil:
		return "", err
	case !held:
		return "", ErrNotRunning
	case c.Database == "":
		return "", nil
	}
	name, err := os.ReadFile(filepath.Join(c.Data, nodeFile))
	if errors.Is(err, fs.ErrNotExist) {
		return "", ErrNotRunning
	}
	return trimmed(name), err
}

// Beside is what the gateway tells that runs on the data of a configuration.
type Beside struct {
	effect.Node

	NotInEffect effect.Pending // how the configuration differs from the one that it has in effect
	Nodes       effect.Nodes   // all that share the database, this one among them
}

// RunningBeside returns what the gateway tells that runs on the data of a configuration, on
// this machine, and what its nodes do. It makes nothing where there is no such gateway, and
// returns ErrNotRunning.
func RunningBeside(ctx context.Context, c config.Config) (b *Beside, err error) {
	if _, err := os.Stat(c.Data); err != nil {
		return nil, ErrNotRunning
	}
	name, err := runningNode(c)
	if err != nil {
		return nil, err
	}
	store, err := OpenDatabase(ctx, c)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	n, told, err := effect.Of(ctx, store, name)
	if err != nil || !told {
		return nil, errors.Join(err, notTold(told))
	}
	sealer, err := readSealer(c)
	if err != nil {
		return nil, err
	}
	prints, err := effect.PrintsOf(ctx, store, name)
	if err != nil {
		return nil, err
	}
	all, err := effect.All(ctx, store)
	return &Beside{n, effect.Differ(prints, c.Prints(sealer.Derive), fixedKeys()), all}, err
}

func notTold(told bool) error {
	if told {
		return nil
	}
	return ErrNotRunning
}
