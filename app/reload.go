package app

import (
	"context"
	"errors"
	"maps"
	"reflect"
	"slices"
	"time"

	"relais/config"
	"relais/duty"
	"relais/reason"
)

// ErrStopping is returned by Reload once the application stops.
var ErrStopping = reason.NewError(whyStopping, nil)

// fixed are the settings that a process has from its start to its end, by their keys in
// the file.
var fixed = map[string]func(*config.Config) any{
	"currency":       func(c *config.Config) any { return &c.Currency },
	"data":           func(c *config.Config) any { return &c.Data },
	"database":       func(c *config.Config) any { return &c.Database },
	"lease":          func(c *config.Config) any { return &c.Lease },
	"listen":         func(c *config.Config) any { return &c.Listen },
	"log":            func(c *config.Config) any { return &c.Log },
	"sandbox":        func(c *config.Config) any { return &c.Sandbox },
	"sandbox_at":     func(c *config.Config) any { return &c.SandboxAt },
	"sandbox_listen": func(c *config.Config) any { return &c.SandboxListen },
	"seal_key":       func(c *config.Config) any { return &c.SealKey },
	"stop_timeout":   func(c *config.Config) any { return &c.StopTimeout },
	"traces":         func(c *config.Config) any { return &c.Traces },
}

// keep puts the settings of the start back into a configuration, and returns the keys of
// those that differ.
func keep(start, c *config.Config) (changed []string) {
	for name, of := range fixed {
		before, now := reflect.ValueOf(of(start)).Elem(), reflect.ValueOf(of(c)).Elem()
		if !reflect.DeepEqual(before.Interface(), now.Interface()) {
			changed = append(changed, name)
			now.Set(before)
		}
	}
	slices.Sort(changed)
	return changed
}

// fixedKeys are the names of the settings that need a restart.
func fixedKeys() []string { return slices.Sorted(maps.Keys(fixed)) }

// Reload gives the gateway another configuration: all of it, or nothing where something
// in it is wrong, with the sentence of the start. It returns the keys of what has changed
// and needs a restart. Requests go on meanwhile. Sending pauses until the calls under way
// have ended: what they sent is known before anybody sends again. A stop cuts it short.
func (a *App) Reload(ctx context.Context, c config.Config) (needRestart []string, err error) {
	if !a.turn.take(ctx) {
		return nil, ctx.Err()
	}
	defer a.turn.give()
	ctx, done := a.end.cut(ctx)
	defer done()
	if a.end.asked() {
		return nil, ErrStopping
	}
	needRestart = keep(&a.start, &c)
	next, err := newGeneration(ctx, a.process, c)
	if a.end.asked() {
		return nil, errors.Join(ErrStopping, drop(ctx, next))
	}
	if err != nil {
		return nil, errors.Join(err, a.refused(ctx, err))
	}
	a.replace(ctx, next)
	if err := a.startAgain(ctx, next); err != nil {
		return nil, errors.Join(ErrStopping, err)
	}
	if err := a.applied(ctx, &c, needRestart); err != nil {
		a.log.Error("cannot tell which configuration is in effect", "error", err)
	}
	return needRestart, nil
}

// drop ends a generation that never began.
func drop(ctx context.Context, g *generation) error {
	if g == nil {
		return nil
	}
	return g.stop(context.WithoutCancel(ctx))
}

// replace gives the requests to the next generation and ends the work of the present one.
func (a *App) replace(ctx context.Context, next *generation) {
	old := a.current.Swap(next)
	old.gateway.StopClaims()
	old.console.EndStreams() // browsers come back to the next one
	a.log.Info("a configuration was read anew; sending pauses until the calls under way have ended")
	draining, cancel := context.WithTimeout(ctx, drainTime) // a stop waits for requests itself
	defer cancel()
	if err := old.requests.drain(draining); err != nil {
		a.log.Warn("requests of before the reload are still under way", "error", err)
	}
	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), a.start.StopTimeout)
	defer cancel()
	defer a.end.over(cancel)()
	if err := old.stop(stopping); err != nil {
		a.log.Warn("the gateway of before the reload did not end in order", "error", err)
	}
}

// startAgain starts a generation, and tries again until the database lets it or a stop is
// asked for.
func (a *App) startAgain(ctx context.Context, next *generation) error {
	const pause = time.Second
	for {
		if a.end.asked() {
			return ErrStopping
		}
		err := next.start(ctx)
		if err == nil {
			return nil
		}
		a.log.Error("the gateway cannot go on after the reload, and tries again", "error", err)
		if duty.Sleep(ctx, pause) != nil {
			return err
		}
	}
}
