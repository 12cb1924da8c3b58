package table

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"relais/auth"
	"relais/contact"
	"relais/person"
	"relais/sms"
)

// lists implements contact.Store. The entries of a list are a set; a table that waits is
// another one. Sets that belong to no list any more are forgotten bit by bit.
type lists struct{ *runner }

const (
	selectLists = `SELECT account, id, version, name, source, purpose, keep_days, shape, set_no, entries, made_at,
			made_by, filled_at, filled_by, pending, last_set FROM lists WHERE account = $1 AND dropped_at = 0 `
	countLists   = "SELECT count(*) FROM lists WHERE account = $1 AND dropped_at = 0"
	selectNamed  = "SELECT true FROM lists WHERE account = $1 AND name_key = $2 AND id <> $3"
	presentLists = selectLists + "ORDER BY name_key"
	selectList   = selectLists + "AND id = $2"
	lockList     = selectList + " FOR UPDATE"
	insertList   = `INSERT INTO lists (account, id, name_key, version, name, source, purpose, keep_days, shape, set_no,
			last_set, entries, made_at, made_by, filled_at, filled_by, ends_at, pending, staged, staged_at, stale, dropped_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, 0, 0, $10, $11, 0, '', 0, '', 0, 0, 0, 0)`
	updateList = `UPDATE lists SET version = version + 1, name_key = $1, name = $2, source = $3, purpose = $4,
			keep_days = $5, ends_at = $6 WHERE account = $7 AND id = $8`
	// dropList frees the name. What the list has goes bit by bit.
	dropList = `UPDATE lists SET name_key = $1, name = '', source = '', purpose = '', shape = '', pending = '',
			set_no = 0, staged = 0, entries = 0, ends_at = 0, stale = 1, dropped_at = $2 WHERE account = $3 AND id = $4`

	stageList = `UPDATE lists SET last_set = last_set + 1, staged = last_set + 1, staged_at = $1, pending = '',
			stale = CASE WHEN staged > 0 THEN 1 ELSE stale END WHERE account = $2 AND id = $3 AND last_set = $4`
	dropStaged = "UPDATE lists SET staged = 0, stale = 1 WHERE account = $1 AND id = $2 AND staged = $3 AND pending = ''"
	stagedSet  = "SELECT staged FROM lists WHERE account = $1 AND id = $2 AND dropped_at = 0 FOR UPDATE"
	awaitList  = "UPDATE lists SET pending = $1 WHERE account = $2 AND id = $3"
	refuseList = "UPDATE lists SET pending = '', staged = 0, stale = 1 WHERE account = $1 AND id = $2"
	fillList   = `UPDATE lists SET version = version + 1, set_no = staged, staged = 0, pending = '', stale = 1, shape = $1,
			entries = (SELECT count(*) FROM list_entries WHERE account = $2 AND list = $3 AND set_no = $4),
			filled_at = $5, filled_by = $6, ends_at = $7 WHERE account = $2 AND id = $3`

	insertEntry = `INSERT INTO list_entries (account, list, set_no, line, ident, number, data)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`
	selectEntries = `SELECT line, ident, number, data FROM list_entries
		WHERE account = $1 AND list = $2 AND set_no = $3 AND line > $4 ORDER BY line LIMIT $5`
	deleteEntry = "DELETE FROM list_entries WHERE account = $1 AND list = $2 AND set_no = $3 AND ident = $4"
	fewer       = "UPDATE lists SET version = version + 1, entries = entries - $1 WHERE account = $2 AND id = $3"
	// onlyIn counts who is in one set and not in another.
	onlyIn = `SELECT count(*) FROM list_entries a WHERE a.account = $1 AND a.list = $2 AND a.set_no = $3
			AND NOT EXISTS (SELECT 1 FROM list_entries b WHERE b.account = $1 AND b.list = $2 AND b.set_no = $4
				AND b.ident = a.ident)`
	changedIn = `SELECT count(*) FROM list_entries a WHERE a.account = $1 AND a.list = $2 AND a.set_no = $3
			AND EXISTS (SELECT 1 FROM list_entries b WHERE b.account = $1 AND b.list = $2 AND b.set_no = $4
				AND b.ident = a.ident AND (b.number <> a.number OR b.data <> a.data))`

	selectEnded = "SELECT account, id FROM lists WHERE ends_at > 0 AND ends_at < $1 LIMIT $2"
	selectLeft  = "SELECT account, id FROM lists WHERE staged > 0 AND staged_at < $1 LIMIT $2"
	emptyList   = `UPDATE lists SET version = version + 1, last_set = last_set + 1, set_no = last_set + 1, entries = 0,
			ends_at = 0, stale = 1 WHERE account = $1 AND id = $2 AND ends_at > 0 AND ends_at < $3`
	unstageList = `UPDATE lists SET pending = '', staged = 0, stale = 1
		WHERE account = $1 AND id = $2 AND staged > 0 AND staged_at < $3`
	// What was not read to its end a while ago, somebody died over.
	selectCut = "SELECT account, id FROM lists WHERE staged > 0 AND pending = '' AND staged_at < $1 LIMIT $2"
	forgetCut = `UPDATE lists SET staged = 0, stale = 1
		WHERE account = $1 AND id = $2 AND staged > 0 AND pending = '' AND staged_at < $3`
	selectStale = "SELECT account, id, set_no, staged, dropped_at FROM lists WHERE stale <> 0 LIMIT 1 FOR UPDATE"
	pruneList   = `DELETE FROM list_entries WHERE account = $1 AND list = $2 AND (set_no, line) IN (
			SELECT set_no, line FROM list_entries WHERE account = $1 AND list = $2 AND set_no <> $3 AND set_no <> $4 LIMIT $5)`
	listPruned  = "UPDATE lists SET stale = 0 WHERE account = $1 AND id = $2"
	listDropped = "DELETE FROM lists WHERE account = $1 AND id = $2"
)

const (
	// waitsAtMost is how long a table waits to be put in force.
	waitsAtMost = 7 * 24 * time.Hour
	// readsAtMost is longer than the reading of one takes.
	readsAtMost = time.Hour
)

func scanList(scan Scan) (l contact.List, err error) {
	var shape, pending string
	err = scan(&l.Account, &l.ID, &l.Version, &l.Name, &l.Source, &l.Purpose, &l.KeepDays, &shape, &l.Set, &l.Entries,
		&l.MadeAt, &l.MadeBy, &l.FilledAt, &l.FilledBy, &pending, &l.Sets)
	if err != nil {
		return l, err
	}
	if err := json.Unmarshal([]byte(shape), &l.Shape); err != nil {
		return l, fmt.Errorf("shape of a list: %w", err)
	}
	if pending != "" {
		l.Pending = &contact.Pending{}
		if err := json.Unmarshal([]byte(pending), l.Pending); err != nil {
			return l, fmt.Errorf("table of a list: %w", err)
		}
	}
	return l, nil
}

// Lists implements contact.Store.
func (t lists) Lists(ctx context.Context, account string) ([]contact.List, error) {
	found, err := list(t.on(ctx), scanList, presentLists, account)
	if err != nil {
		return nil, fmt.Errorf("read lists: %w", err)
	}
	return found, nil
}

// List implements contact.Store.
func (t lists) List(ctx context.Context, account string, id sms.ID) (contact.List, error) {
	return t.on(ctx).contacts(selectList, account, id)
}

func (r runs) contacts(statement string, account string, id sms.ID) (contact.List, error) {
	l, known, err := first(r, scanList, statement, account, id)
	if err != nil {
		return l, fmt.Errorf("read a list: %w", err)
	}
	if !known {
		return l, contact.ErrUnknown
	}
	return l, nil
}

// AddList implements contact.Store.
func (t lists) AddList(ctx context.Context, l contact.List, key string) error {
	shape, err := json.Marshal(l.Shape)
	if err != nil {
		return fmt.Errorf("shape of a list: %w", err)
	}
	return t.transact(ctx, func(tx runs) error {
		if err := tx.freeListName(l.Account, l.ID, key); err != nil {
			return err
		}
		var have int
		if _, err := tx.read(countLists, []any{l.Account}, &have); err != nil {
			return fmt.Errorf("count lists: %w", err)
		}
		if have >= contact.MaxLists {
			return contact.ErrTooMany
		}
		err := tx.do(insertList, l.Account, l.ID, key, l.Version, l.Name, l.Source, l.Purpose, l.KeepDays, string(shape),
			l.MadeAt, l.MadeBy)
		if err != nil {
			return fmt.Errorf("add a list: %w", err)
		}
		return tx.did(ctx, l.Account, auth.ListMade, l.ID.String(), "")
	})
}

// freeListName returns ErrNameTaken where another list has a name. Behind it no other one can
// take it before the transaction has ended.
func (r runs) freeListName(account string, id sms.ID, key string) error {
	if err := r.conn.Lock("lists " + account); err != nil {
		return err
	}
	var some bool
	taken, err := r.read(selectNamed, []any{account, key, id}, &some)
	if err != nil {
		return fmt.Errorf("look for the name of a list: %w", err)
	}
	if taken {
		return contact.ErrNameTaken
	}
	return nil
}

// ChangeList implements contact.Store.
func (t lists) ChangeList(
	ctx context.Context, account string, id sms.ID, seen int, c contact.Content, key string, _ contact.Mark,
) (l contact.List, err error) {
	err = t.transact(ctx, func(tx runs) error {
		if err := tx.freeListName(account, id, key); err != nil {
			return err
		}
		if l, err = tx.contacts(lockList, account, id); err != nil {
			return err
		}
		switch {
		case seen != 0 && l.Version != seen:
			return contact.ErrOutdated
		case l.Content == c:
			return nil
		}
		edits := listEdits(&l.Content, &c)
		if err := tx.do(updateList, key, c.Name, c.Source, c.Purpose, c.KeepDays, endOf(&l, c.KeepDays), account, id); err != nil {
			return fmt.Errorf("change a list: %w", err)
		}
		l.Content, l.Version = c, l.Version+1
		return tx.changed(ctx, account, auth.ListChanged, id.String(), "", edits)
	})
	return l, err
}

// endOf is when the entries of a list go; zero: they do not, or there are none.
func endOf(l *contact.List, days int) time.Time {
	if l.Entries == 0 {
		return time.Time{}
	}
	return endAfter(l.FilledAt, days)
}

func endAfter(filled time.Time, days int) time.Time {
	if days == 0 {
		return time.Time{}
	}
	return filled.AddDate(0, 0, days)
}

// listEdits are the fields of a list that a change changed.
func listEdits(before, after *contact.Content) (all auth.Edits) {
	one := func(field, before, after string) { all.Note(field, []string{before}, []string{after}) }
	one("name", before.Name, after.Name)
	one("source", before.Source, after.Source)
	one("purpose", before.Purpose, after.Purpose)
	one("keep_days", strconv.Itoa(before.KeepDays), strconv.Itoa(after.KeepDays))
	return all
}

// DropList implements contact.Store.
func (t lists) DropList(ctx context.Context, account string, id sms.ID, by contact.Mark) error {
	return t.transact(ctx, func(tx runs) error {
		if _, err := tx.contacts(lockList, account, id); err != nil {
			return err
		}
		if err := tx.do(dropList, id.String(), by.At, account, id); err != nil {
			return fmt.Errorf("drop a list: %w", err)
		}
		return tx.did(ctx, account, auth.ListDropped, id.String(), "")
	})
}

// StageList implements contact.Store.
func (t lists) StageList(
	ctx context.Context, account string, id sms.ID, sets int, by contact.Mark,
) (set int, err error) {
	err = t.transact(ctx, func(tx runs) error {
		if _, err := tx.contacts(lockList, account, id); err != nil {
			return err
		}
		switch n, err := tx.exec(stageList, by.At, account, id, sets); {
		case err != nil:
			return fmt.Errorf("begin a table of a list: %w", err)
		case n == 0:
			return contact.ErrOutdated
		}
		set, err = tx.staged(account, id)
		return err
	})
	return set, err
}

// UnstageList implements contact.Store.
func (t lists) UnstageList(ctx context.Context, account string, id sms.ID, set int) error {
	if err := t.on(ctx).do(dropStaged, account, id, set); err != nil {
		return fmt.Errorf("forget a table of a list: %w", err)
	}
	return nil
}

// staged is the set of the table of a list that waits, or is being read; it keeps it so.
func (r runs) staged(account string, id sms.ID) (set int, err error) {
	known, err := r.read(stagedSet, []any{account, id}, &set)
	if err != nil {
		return 0, fmt.Errorf("read the table of a list: %w", err)
	}
	if !known {
		return 0, contact.ErrUnknown
	}
	return set, nil
}

// AddEntries implements contact.Store.
func (t lists) AddEntries(
	ctx context.Context, account string, id sms.ID, set int, entries []contact.Entry,
) error {
	rows := make([][]any, len(entries))
	for i := range entries {
		e := &entries[i]
		data, err := json.Marshal(e.Values)
		if err != nil {
			return fmt.Errorf("values of an entry: %w", err)
		}
		rows[i] = []any{account, id, set, e.Row, e.Key, e.Number, string(data)}
	}
	return t.transact(ctx, func(tx runs) error {
		if now, err := tx.staged(account, id); err != nil || now != set {
			return errors.Join(err, outdatedUnless(now == set))
		}
		if _, err := tx.execEach(insertEntry, rows); err != nil {
			return fmt.Errorf("keep entries of a list: %w", err)
		}
		return nil
	})
}

func outdatedUnless(same bool) error {
	if same {
		return nil
	}
	return contact.ErrOutdated
}

// AwaitList implements contact.Store.
func (t lists) AwaitList(
	ctx context.Context, account string, id sms.ID, p contact.Pending,
) (l contact.List, err error) {
	err = t.transact(ctx, func(tx runs) error {
		if l, err = tx.contacts(lockList, account, id); err != nil {
			return err
		}
		if now, err := tx.staged(account, id); err != nil || now != p.Set {
			return errors.Join(err, outdatedUnless(now == p.Set))
		}
		p.Over = l.Set
		if err := tx.compare(&l, &p); err != nil {
			return fmt.Errorf("compare a table with its list: %w", err)
		}
		text, err := json.Marshal(p)
		if err != nil {
			return fmt.Errorf("table of a list: %w", err)
		}
		l.Pending = &p
		if err := tx.do(awaitList, string(text), account, id); err != nil {
			return fmt.Errorf("keep the table of a list: %w", err)
		}
		return tx.did(ctx, account, auth.ListTable, id.String(), strconv.Itoa(p.Entries))
	})
	return l, err
}

// compare counts what a table changes.
func (r runs) compare(l *contact.List, p *contact.Pending) error {
	for _, one := range []struct {
		into      *int
		statement string
		sets      [2]int
	}{
		{&p.Added, onlyIn, [2]int{p.Set, l.Set}},
		{&p.Removed, onlyIn, [2]int{l.Set, p.Set}},
		{&p.Changed, changedIn, [2]int{p.Set, l.Set}},
	} {
		if _, err := r.read(one.statement, []any{l.Account, l.ID, one.sets[0], one.sets[1]}, one.into); err != nil {
			return err
		}
	}
	return nil
}

// FillList implements contact.Store.
func (t lists) FillList(
	ctx context.Context, account string, id sms.ID, set int, by contact.Mark,
) (l contact.List, err error) {
	err = t.transact(ctx, func(tx runs) error {
		if l, err = tx.waiting(account, id, set); err != nil {
			return err
		}
		if l.Pending.Over != l.Set {
			return contact.ErrOutdated
		}
		shape, err := json.Marshal(l.Pending.Shape)
		if err != nil {
			return fmt.Errorf("shape of a list: %w", err)
		}
		if err := tx.do(fillList, string(shape), account, id, set, by.At, by.By, endAfter(by.At, l.KeepDays)); err != nil {
			return fmt.Errorf("fill a list: %w", err)
		}
		if l, err = tx.contacts(selectList, account, id); err != nil {
			return err
		}
		return tx.did(ctx, account, auth.ListFilled, id.String(), strconv.Itoa(l.Entries))
	})
	return l, err
}

// waiting returns a list with the table that waits, which has a set.
func (r runs) waiting(account string, id sms.ID, set int) (contact.List, error) {
	l, err := r.contacts(lockList, account, id)
	switch {
	case err != nil:
		return l, err
	case l.Pending == nil:
		return l, contact.ErrNoTable
	case l.Pending.Set != set:
		return l, contact.ErrOutdated
	}
	return l, nil
}

// RefuseList implements contact.Store.
func (t lists) RefuseList(
	ctx context.Context, account string, id sms.ID, set int, _ contact.Mark,
) (l contact.List, err error) {
	err = t.transact(ctx, func(tx runs) error {
		if l, err = tx.waiting(account, id, set); err != nil {
			return err
		}
		l.Pending = nil
		if err := tx.do(refuseList, account, id); err != nil {
			return fmt.Errorf("forget the table of a list: %w", err)
		}
		return tx.did(ctx, account, auth.ListRefused, id.String(), "")
	})
	return l, err
}

// Entries implements contact.Store.
func (t lists) Entries(ctx context.Context, q contact.EntryQuery) (found []contact.Entry, more bool, err error) {
	scan := func(scan Scan) (e contact.Entry, err error) {
		var data string
		if err := scan(&e.Row, &e.Key, &e.Number, &data); err != nil {
			return e, err
		}
		return e, json.Unmarshal([]byte(data), &e.Values)
	}
	found, err = list(t.on(ctx), scan, selectEntries, q.Account, q.List, q.Set, q.After, q.Limit+1)
	if err != nil {
		return nil, false, fmt.Errorf("read entries of a list: %w", err)
	}
	if len(found) > q.Limit {
		return found[:q.Limit], true, nil
	}
	return found, false, nil
}

// DropEntry implements contact.Store.
func (t lists) DropEntry(
	ctx context.Context, account string, id sms.ID, key string, _ contact.Mark,
) (l contact.List, err error) {
	err = t.transact(ctx, func(tx runs) error {
		if l, err = tx.contacts(lockList, account, id); err != nil {
			return err
		}
		n, err := tx.exec(deleteEntry, account, id, l.Set, key)
		if err != nil {
			return fmt.Errorf("take somebody off a list: %w", err)
		}
		if n == 0 {
			return contact.ErrNobody
		}
		if err := tx.do(fewer, n, account, id); err != nil {
			return fmt.Errorf("count entries of a list: %w", err)
		}
		l.Entries, l.Version = l.Entries-n, l.Version+1
		return tx.did(ctx, account, auth.ListEntryRemoved, id.String(), "")
	})
	return l, err
}

// PruneLists implements person.KeepingLists.
func (t lists) PruneLists(ctx context.Context, at time.Time, limit int) (more bool, err error) {
	// Each step locks its lists in one order: together they would not.
	for _, step := range []struct {
		what string
		do   func(runs) (bool, error)
	}{
		{"empty lists whose days are over", func(tx runs) (bool, error) {
			return tx.overdue(selectEnded, emptyList, at, limit)
		}},
		{"forget tables of lists", func(tx runs) (bool, error) {
			return tx.overdue(selectLeft, unstageList, at.Add(-waitsAtMost), limit)
		}},
		{"forget tables of lists that nobody read to the end", func(tx runs) (bool, error) {
			return tx.overdue(selectCut, forgetCut, at.Add(-readsAtMost), limit)
		}},
		{"forget entries of a list", func(tx runs) (bool, error) { return tx.pruneOne(limit) }},
	} {
		var some bool
		err := t.transact(ctx, func(tx runs) (err error) {
			some, err = step.do(tx)
			return err
		})
		if err != nil {
			return more, fmt.Errorf("%s: %w", step.what, err)
		}
		more = more || some
	}
	return more, nil
}

// overdue changes some lists whose time was before a moment, and reports whether there may be more.
func (r runs) overdue(find, change string, before time.Time, limit int) (more bool, err error) {
	type place struct {
		account string
		list    sms.ID
	}
	scan := func(scan Scan) (p place, err error) { return p, scan(&p.account, &p.list) }
	found, err := list(r, scan, find, before, limit)
	if err != nil {
		return false, err
	}
	slices.SortFunc(found, func(a, b place) int {
		return cmp.Or(cmp.Compare(a.account, b.account), slices.Compare(a.list[:], b.list[:]))
	})
	for _, p := range found {
		if err := r.do(change, p.account, p.list, before); err != nil {
			return false, err
		}
	}
	return len(found) == limit, nil
}

// pruneOne forgets sets that a list has no longer, and reports whether there was a list that
// had some.
func (r runs) pruneOne(limit int) (some bool, err error) {
	var account string
	var id sms.ID
	var set, staged int
	var dropped time.Time
	some, err = r.read(selectStale, nil, &account, &id, &set, &staged, &dropped)
	if err != nil || !some {
		return false, err
	}
	n, err := r.exec(pruneList, account, id, set, staged, limit)
	switch {
	case err != nil || n == limit:
		return true, err
	case !dropped.IsZero():
		return true, r.do(listDropped, account, id)
	default:
		return true, r.do(listPruned, account, id)
	}
}

const (
	// selectPersonEntries has the tables that wait too.
	selectPersonEntries = `WITH found AS MATERIALIZED (
			SELECT list, set_no, line, ident, data FROM list_entries INDEXED BY list_entries_number
			WHERE account = $1 AND number = $2)
		SELECT e.list, e.set_no, e.line, l.name, CASE WHEN e.ident = $2 THEN '' ELSE e.ident END, e.data
		FROM found e JOIN lists l ON l.account = $1 AND l.id = e.list
		WHERE l.dropped_at = 0 AND (e.set_no = l.set_no OR e.set_no = l.staged AND l.pending <> '')
		ORDER BY e.list, e.set_no, e.line`
	// lockLists locks every list of an account, always in one order.
	lockLists    = "SELECT id FROM lists WHERE account = $1 ORDER BY id FOR UPDATE"
	eraseEntries = `SELECT list, set_no, line FROM list_entries INDEXED BY list_entries_number
		WHERE account = $1 AND number = $2 LIMIT $3`
	eraseEntry = "DELETE FROM list_entries WHERE account = $1 AND list = $2 AND set_no = $3 AND line = $4"
	fewerOfSet = "UPDATE lists SET version = version + 1, entries = entries - 1 WHERE account = $1 AND id = $2 AND set_no = $3"
	// nextSets refuses the tables that were read and are not kept yet: they may have the person.
	nextSets    = "UPDATE lists SET last_set = last_set + 1 WHERE account = $1"
	dropReading = "UPDATE lists SET staged = 0, stale = 1 WHERE account = $1 AND staged > 0 AND pending = ''"
)

// PersonEntries implements person.KeepingLists.
func (t lists) PersonEntries(ctx context.Context, account string, n sms.Number) ([]person.ListEntry, error) {
	scan := func(scan Scan) (e person.ListEntry, err error) {
		var set int
		var data string
		if err := scan(&e.List, &set, &e.Row, &e.Name, &e.Key, &data); err != nil {
			return e, err
		}
		return e, json.Unmarshal([]byte(data), &e.Values)
	}
	found, err := list(t.on(ctx), scan, selectPersonEntries, account, n)
	if err != nil {
		return nil, fmt.Errorf("read entries of a person: %w", err)
	}
	return found, nil
}

// eraseEntries takes a person off the lists, and off tables that wait. A table that is being
// read may have the person: it has to be sent again.
func (e *erasing) eraseEntries(n sms.Number) error {
	account := e.Audit.Account
	type place struct {
		list      sms.ID
		set, line int
	}
	// Whoever changes a list locks it first. Behind the locks no table begins to wait, or is read on.
	lock := func(scan Scan) (id sms.ID, err error) { return id, scan(&id) }
	if _, err := list(e.runs, lock, lockLists, account); err != nil {
		return err
	}
	if err := e.do(nextSets, account); err != nil {
		return err
	}
	if err := e.do(dropReading, account); err != nil {
		return err
	}
	scan := func(scan Scan) (p place, err error) { return p, scan(&p.list, &p.set, &p.line) }
	found, err := list(e.runs, scan, eraseEntries, account, n, e.Limit)
	if err != nil {
		return err
	}
	for _, p := range found {
		switch n, err := e.exec(eraseEntry, account, p.list, p.set, p.line); {
		case err != nil:
			return err
		case n == 0:
			continue
		}
		if err := e.do(fewerOfSet, account, p.list, p.set); err != nil {
			return err
		}
		e.done.Entries++
	}
	e.done.More = e.done.More || len(found) == e.Limit
	return nil
}
