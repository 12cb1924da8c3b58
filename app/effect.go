package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"relais/config"
	"relais/store/sqlite"
)

// InEffect is what a gateway tells of its configuration, through the database: to
// commands, and to the other nodes.
type InEffect struct {
	Node        string    `json:"node,omitempty"` // empty: SQLite, which has one
	PID         int       `json:"pid"`
	Digest      string    `json:"digest"` // of the file: the same where the same was read
	Since       time.Time `json:"since"`
	TriedAt     time.Time `json:"tried_at"`          // when it was read the last time
	Refused     string    `json:"refused,omitempty"` // why that changed nothing, in English
	NeedRestart []string  `json:"need_restart,omitempty"`
}

// effects keeps what is in effect where others can read it, and counts readings.
type effects struct {
	now      InEffect
	readings *prometheus.CounterVec
	since    prometheus.Gauge
}

func newEffects(r prometheus.Registerer) *effects {
	e := &effects{
		readings: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: "relais", Name: "config_readings_total",
			Help: "Readings of the configuration: at the start and by reload; refused ones changed nothing.",
		}, []string{"outcome"}),
		since: prometheus.NewGauge(prometheus.GaugeOpts{
			Namespace: "relais", Name: "config_since_seconds",
			Help: "When the configuration that is in effect came into effect, in Unix time.",
		}),
	}
	for _, outcome := range []string{"applied", "refused"} {
		e.readings.WithLabelValues(outcome)
	}
	r.MustRegister(e.readings, e.since)
	return e
}

// applied tells that a configuration is in effect.
func (a *App) applied(ctx context.Context, c *config.Config, needRestart []string) error {
	at := time.Now().UTC()
	a.effects.now = InEffect{
		Node: a.node.Name, PID: os.Getpid(), Digest: c.Digest, Since: at, TriedAt: at, NeedRestart: needRestart,
	}
	a.effects.readings.WithLabelValues("applied").Inc()
	a.effects.since.Set(float64(at.Unix()))
	return a.tell(ctx)
}

// Refused tells that a configuration could not be read, or not be used, and changed
// nothing.
func (a *App) Refused(ctx context.Context, why error) error {
	a.turn.Lock()
	defer a.turn.Unlock()
	return a.refused(ctx, why)
}

func (a *App) refused(ctx context.Context, why error) error {
	a.effects.readings.WithLabelValues("refused").Inc()
	a.effects.now.TriedAt, a.effects.now.Refused = time.Now().UTC(), why.Error()
	return a.tell(ctx)
}

func (a *App) tell(ctx context.Context) error {
	text, err := json.Marshal(a.effects.now)
	if err != nil {
		return err
	}
	if err := a.store.SetSetting(ctx, effectOf(a.node.Name), string(text)); err != nil {
		return fmt.Errorf("tell which configuration is in effect: %w", err)
	}
	return nil
}

// effectOf is the setting of the database in which a node tells it.
func effectOf(node string) string { return "configuration:" + node }

// ErrNotRunning is returned where no gateway runs on the data of a configuration.
var ErrNotRunning = errors.New("no gateway runs on these data")

// Running returns what the gateway tells that runs on the data of a configuration, on
// this machine. The error is ErrNotRunning where none does.
func Running(ctx context.Context, c config.Config, store Database) (InEffect, error) {
	var told InEffect
	lock, err := sqlite.LockDir(c.Data)
	if err == nil {
		return told, errors.Join(ErrNotRunning, lock.Close())
	}
	node := ""
	if c.Database != "" {
		name, err := os.ReadFile(filepath.Join(c.Data, nodeFile))
		if errors.Is(err, fs.ErrNotExist) {
			return told, ErrNotRunning
		}
		if err != nil {
			return told, err
		}
		node = trimmed(name)
	}
	text, err := store.Setting(ctx, effectOf(node))
	if err != nil {
		return told, err
	}
	if text == "" {
		return told, ErrNotRunning
	}
	return told, json.Unmarshal([]byte(text), &told)
}
