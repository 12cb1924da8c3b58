package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// cleanups are the parts that a stop ends, the last one first.
type cleanups struct{ all []cleanup }

type cleanup struct {
	name string
	stop func(context.Context) error
}

func (c *cleanups) add(name string, stop func(context.Context) error) {
	c.all = append(c.all, cleanup{name, stop})
}

func (c *cleanups) undo(ctx context.Context) error {
	var errs []error
	for _, one := range slices.Backward(c.all) {
		if err := one.stop(ctx); err != nil {
			errs = append(errs, fmt.Errorf("stop %s: %w", one.name, err))
		}
	}
	c.all = nil
	return errors.Join(errs...)
}
