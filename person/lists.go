package person

import (
	"context"
	"time"

	"relais/duty"
	"relais/sms"
)

// KeepingLists forgets people on lists.
type KeepingLists interface {
	// PersonEntries returns what lists have of a number, and tables that wait to be put in force
	// on one.
	PersonEntries(ctx context.Context, account string, n sms.Number) ([]ListEntry, error)
	// PruneLists forgets some entries that belong to no list any more, that lists keep no longer
	// at a moment, or that nobody put in force for a week, and reports whether there may be others.
	PruneLists(ctx context.Context, at time.Time, limit int) (more bool, err error)
}

// ListEntry is a person on a list.
type ListEntry struct {
	List   sms.ID
	Name   string            // of the list
	Row    int               // of its table
	Key    string            // empty: the number is the key
	Values map[string]string // of the fields
}

// pruneLists forgets what lists have no longer.
func (p *Persons) pruneLists(ctx context.Context) {
	for more := true; more; {
		var err error
		if more, err = p.store.PruneLists(ctx, p.now(), purgeRows); err != nil {
			if ctx.Err() == nil {
				p.log.Error("cannot remove what lists keep no longer", "error", err)
			}
			return
		}
		if duty.Sleep(ctx, purgePause) != nil {
			return
		}
	}
}
