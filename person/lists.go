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

// KeepingContacts forgets contacts.
type KeepingContacts interface {
	// PruneContacts forgets some members of groups that somebody dropped, and some contacts that
	// were dropped so long ago that nobody needs their proofs at a moment. It reports whether there
	// may be others.
	PruneContacts(ctx context.Context, at time.Time, limit int) (more bool, err error)
}

// ListEntry is a person on a list.
type ListEntry struct {
	List   sms.ID
	Name   string            // of the list
	Row    int               // of its table
	Key    string            // empty: the number is the key
	Values map[string]string // of the fields
}

// pruneLists forgets what lists have no longer, and contacts.
func (p *Persons) pruneLists(ctx context.Context) {
	p.prune(ctx, "lists", p.store.PruneLists)
	p.prune(ctx, "contacts", p.store.PruneContacts)
}

func (p *Persons) prune(
	ctx context.Context, what string, some func(ctx context.Context, at time.Time, limit int) (more bool, err error),
) {
	for more := true; more; {
		var err error
		if more, err = some(ctx, p.now(), purgeRows); err != nil {
			if ctx.Err() == nil {
				p.log.Error("cannot remove what is kept no longer", "of", what, "error", err)
			}
			return
		}
		if duty.Sleep(ctx, purgePause) != nil {
			return
		}
	}
}
