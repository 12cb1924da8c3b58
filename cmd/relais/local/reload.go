package local

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"syscall"
	"time"

	"relais/app"
	"relais/cmd/relais/terminal"
	"relais/config/effect"
)

type reloadCommand struct {
	dataFlags
	Timeout time.Duration `default:"2m" help:"How long to wait for the gateway. It ends the calls to operators that are under way first."`
}

// Run implements the command. It reads the configuration itself first, so that a wrong one
// is told with its place and never reaches the gateway.
func (c *reloadCommand) Run(t *terminal.Terminal) (err error) {
	settings, err := c.settings(t)
	if err != nil {
		return err
	}
	store, err := c.open(t, false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	running := func() (effect.Node, error) { return app.Running(t.Ctx, settings, store) }
	before, err := running()
	if errors.Is(err, app.ErrNotRunning) {
		return errors.New(t.Text("reload_not_running"))
	}
	if err != nil {
		return err
	}
	if err := syscall.Kill(before.PID, syscall.SIGHUP); err != nil {
		return t.Failed(err, "reload_signal", "process", before.PID)
	}
	after, err := c.await(t.Ctx, before, running)
	if err != nil {
		return err
	}
	if after.TriedAt.Equal(before.TriedAt) {
		return errors.New(t.Text("reload_late", "limit", c.Timeout.String()))
	}
	return c.tell(t, &after)
}

// await asks until the gateway has read its configuration.
func (c *reloadCommand) await(
	ctx context.Context, before effect.Node, running func() (effect.Node, error),
) (effect.Node, error) {
	ctx, cancel := context.WithTimeout(ctx, c.Timeout)
	defer cancel()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return before, nil
		}
		now, err := running()
		if err != nil || !now.TriedAt.Equal(before.TriedAt) {
			return now, err
		}
	}
}

func (c *reloadCommand) tell(t *terminal.Terminal, now *effect.Node) error {
	if c.JSON {
		shown := *now
		shown.Why = nil // refused says it
		if err := terminal.PrintJSON(t.Stdout, shown); err != nil {
			return err
		}
	}
	if now.Refused != "" {
		return errors.New(t.Text("reload_refused", "reason", now.RefusedIn(t.Language)))
	}
	if c.JSON {
		return nil
	}
	said := t.Text("reload_done", "digest", now.Digest, "at", shownSecond(now.Since))
	if len(now.NeedRestart) > 0 {
		said += "\n" + t.Text("reload_restart", "keys", strings.Join(now.NeedRestart, ", "))
	}
	_, err := fmt.Fprintln(t.Stdout, said)
	return err
}
