package table

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"relais/auth"
	"relais/contact"
	"relais/sms"
)

// contacts implements contact.DirectoryStore. What is known of a contact stands in its row; a member is
// a row more for each of its groups. Whoever changes either locks the contact first, then its
// groups, in the order of their ids.
type contacts struct{ *runner }

const (
	contactColumns = `c.account, c.id, c.number, c.version, c.data, c.consents, c.made_at, c.made_by, c.changed_at,
		c.changed_by, c.dropped_at`
	selectContacts = "SELECT " + contactColumns + ` FROM contacts c
		WHERE c.account = $1 AND c.number > $2 AND c.dropped_at = 0 ORDER BY c.number LIMIT $3`
	selectMembers = "SELECT " + contactColumns + ` FROM contact_members m
		JOIN contacts c ON c.account = m.account AND c.number = m.number
		WHERE m.account = $1 AND m.grp = $2 AND m.number > $3 ORDER BY m.number LIMIT $4`
	selectContact = "SELECT " + contactColumns + " FROM contacts c WHERE c.account = $1 AND c.number = $2"
	lockContact   = selectContact + " FOR UPDATE"
	insertContact = `INSERT INTO contacts (account, id, number, version, data, consents, made_at, made_by, changed_at,
			changed_by, dropped_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0) ON CONFLICT DO NOTHING`
	updateContact = `UPDATE contacts SET version = $1, data = $2, consents = $3, changed_at = $4, changed_by = $5,
			dropped_at = $6 WHERE account = $7 AND number = $8`
	deleteContact = "DELETE FROM contacts WHERE account = $1 AND number = $2"

	insertMember  = "INSERT INTO contact_members (account, grp, number) VALUES ($1, $2, $3)"
	deleteMember  = "DELETE FROM contact_members WHERE account = $1 AND grp = $2 AND number = $3"
	countMembers  = "UPDATE contact_groups SET members = members + $1 WHERE account = $2 AND id = $3"
	deleteMembers = `DELETE FROM contact_members WHERE account = $1 AND grp = $2 AND number IN (
			SELECT number FROM contact_members WHERE account = $1 AND grp = $2 ORDER BY number LIMIT $3)`

	groupColumns  = "SELECT account, id, version, name, note, members, made_at, made_by FROM contact_groups "
	presentGroups = groupColumns + "WHERE account = $1 AND dropped_at = 0 ORDER BY name_key"
	selectGroup   = groupColumns + "WHERE account = $1 AND id = $2 AND dropped_at = 0"
	lockGroup     = selectGroup + " FOR UPDATE"
	groupNamed    = "SELECT true FROM contact_groups WHERE account = $1 AND name_key = $2 AND id <> $3"
	countGroups   = "SELECT count(*) FROM contact_groups WHERE account = $1 AND dropped_at = 0"
	insertGroup   = `INSERT INTO contact_groups (account, id, name_key, version, name, note, members, made_at, made_by,
			dropped_at) VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $8, 0)`
	updateGroup = "UPDATE contact_groups SET version = $1, name = $2, note = $3, name_key = $4 WHERE account = $5 AND id = $6"
	// dropGroup frees the name. What the group has goes bit by bit.
	dropGroup = `UPDATE contact_groups SET name_key = $1, name = '', note = '', members = 0, dropped_at = $2
			WHERE account = $3 AND id = $4`

	selectDroppedGroup = "SELECT account, id FROM contact_groups WHERE dropped_at > 0 LIMIT 1 FOR UPDATE"
	groupDropped       = "DELETE FROM contact_groups WHERE account = $1 AND id = $2"
	selectOldContacts  = "SELECT account, number FROM contacts WHERE dropped_at > 0 AND dropped_at < $1 LIMIT $2"
	deleteOldContact   = "DELETE FROM contacts WHERE account = $1 AND number = $2 AND dropped_at > 0 AND dropped_at < $3"
)

// contactData is what is known of a contact beside the number.
type contactData struct {
	Values map[string]string `json:"v,omitempty"`
	Groups []sms.ID          `json:"g,omitempty"`
}

func scanContact(scan Scan) (c contact.Contact, err error) {
	var data, consents string
	err = scan(&c.Account, &c.ID, &c.Number, &c.Version, &data, &consents, &c.MadeAt, &c.MadeBy, &c.ChangedAt,
		&c.ChangedBy, &c.DroppedAt)
	if err != nil {
		return c, err
	}
	var known contactData
	if err := json.Unmarshal([]byte(data), &known); err != nil {
		return c, fmt.Errorf("what is known of a contact: %w", err)
	}
	c.Values, c.Groups = known.Values, known.Groups
	if err := json.Unmarshal([]byte(consents), &c.Consents); err != nil {
		return c, fmt.Errorf("consents of a contact: %w", err)
	}
	return c, nil
}

// texts are a contact's detail and consents as they are stored.
func contactTexts(c *contact.Contact) (data, consents string, err error) {
	known, err := json.Marshal(contactData{c.Values, c.Groups})
	if err != nil {
		return "", "", fmt.Errorf("what is known of a contact: %w", err)
	}
	given, err := json.Marshal(append([]contact.Consent{}, c.Consents...))
	if err != nil {
		return "", "", fmt.Errorf("consents of a contact: %w", err)
	}
	return string(known), string(given), nil
}

// Contacts implements contact.DirectoryStore.
func (t contacts) Contacts(ctx context.Context, q contact.Query) (found []contact.Contact, more bool, err error) {
	r := t.on(ctx)
	if q.Group.IsZero() {
		found, err = list(r, scanContact, selectContacts, q.Account, q.After, q.Limit+1)
	} else {
		found, err = list(r, scanContact, selectMembers, q.Account, q.Group, q.After, q.Limit+1)
	}
	if err != nil {
		return nil, false, fmt.Errorf("read contacts: %w", err)
	}
	found, more = page(found, q.Limit)
	return found, more, r.present(q.Account, found...)
}

// present takes groups that exist no longer from contacts.
func (r runs) present(account string, found ...contact.Contact) error {
	if !slices.ContainsFunc(found, func(c contact.Contact) bool { return len(c.Groups) > 0 }) {
		return nil
	}
	groups, err := list(r, scanGroup, presentGroups, account)
	if err != nil {
		return fmt.Errorf("read groups: %w", err)
	}
	there := make(map[sms.ID]bool, len(groups))
	for i := range groups {
		there[groups[i].ID] = true
	}
	for i := range found {
		found[i].Groups = slices.DeleteFunc(found[i].Groups, func(id sms.ID) bool { return !there[id] })
	}
	return nil
}

// Contact implements contact.DirectoryStore.
func (t contacts) Contact(ctx context.Context, account string, n sms.Number) (contact.Contact, error) {
	c, err := t.PersonContact(ctx, account, n)
	if err == nil && !c.DroppedAt.IsZero() {
		return contact.Contact{}, contact.ErrNoContact
	}
	return c, err
}

// PersonContact implements contact.DirectoryStore.
func (t contacts) PersonContact(ctx context.Context, account string, n sms.Number) (contact.Contact, error) {
	r := t.on(ctx)
	c, known, err := first(r, scanContact, selectContact, account, n)
	switch {
	case err != nil:
		return c, fmt.Errorf("read a contact: %w", err)
	case !known:
		return c, contact.ErrNoContact
	}
	one := []contact.Contact{c}
	err = r.present(account, one...)
	return one[0], err
}

// AddContact implements contact.DirectoryStore.
func (t contacts) AddContact(ctx context.Context, made contact.Contact) (c contact.Contact, err error) {
	err = t.transact(ctx, func(tx runs) error {
		c = made
		data, consents, err := contactTexts(&c)
		if err != nil {
			return err
		}
		n, err := tx.exec(insertContact, c.Account, c.ID, c.Number, c.Version, data, consents, c.MadeAt, c.MadeBy,
			c.ChangedAt, c.ChangedBy)
		if err != nil {
			return fmt.Errorf("add a contact: %w", err)
		}
		if n == 0 {
			if c, err = tx.again(&made); err != nil {
				return err
			}
		}
		if err := tx.joins(&c, nil, c.Groups); err != nil {
			return err
		}
		return tx.did(ctx, c.Account, auth.ContactMade, c.ID.String(), "")
	})
	return c, err
}

// again makes a contact that was forgotten anew. Its proofs are its own.
func (r runs) again(made *contact.Contact) (contact.Contact, error) {
	c, known, err := first(r, scanContact, lockContact, made.Account, made.Number)
	switch {
	case err != nil:
		return c, fmt.Errorf("read a contact: %w", err)
	case !known || c.DroppedAt.IsZero():
		return c, contact.ErrContactExists
	}
	c.Detail, c.DroppedAt = made.Detail, time.Time{}
	return c, r.keep(&c, contact.Mark{At: made.MadeAt, By: made.MadeBy})
}

// keep writes a contact that was changed, as its next version.
func (r runs) keep(c *contact.Contact, by contact.Mark) error {
	data, consents, err := contactTexts(c)
	if err != nil {
		return err
	}
	c.Version, c.ChangedAt, c.ChangedBy = c.Version+1, by.At, by.By
	err = r.do(updateContact, c.Version, data, consents, by.At, by.By, c.DroppedAt, c.Account, c.Number)
	if err != nil {
		return fmt.Errorf("change a contact: %w", err)
	}
	return nil
}

// joins takes a contact from groups to others.
func (r runs) joins(c *contact.Contact, from, to []sms.ID) error {
	all := slices.Concat(from, to)
	slices.SortFunc(all, func(a, b sms.ID) int { return slices.Compare(a[:], b[:]) })
	for _, id := range slices.Compact(all) {
		was, is := slices.Contains(from, id), slices.Contains(to, id)
		if was == is {
			continue
		}
		if err := r.member(c, id, is); err != nil {
			return err
		}
	}
	return nil
}

// member puts a contact into a group, or takes it out.
func (r runs) member(c *contact.Contact, group sms.ID, in bool) error {
	g, err := r.group(lockGroup, c.Account, group)
	gone := errors.Is(err, contact.ErrNoGroup)
	statement, more := insertMember, 1
	switch {
	case gone && in:
		return contact.ErrGroupMissing
	case err != nil && !gone:
		return err
	case in && g.Members >= contact.MaxMembers:
		return contact.ErrGroupFull
	case !in:
		statement, more = deleteMember, -1
	}
	if err := r.do(statement, c.Account, group, c.Number); err != nil {
		return fmt.Errorf("change a group: %w", err)
	}
	if gone { // nobody counts it
		return nil
	}
	if err := r.do(countMembers, more, c.Account, group); err != nil {
		return fmt.Errorf("count a group: %w", err)
	}
	return nil
}

// changing locks a contact that somebody changes.
func (r runs) changing(account string, n sms.Number) (contact.Contact, error) {
	c, known, err := first(r, scanContact, lockContact, account, n)
	switch {
	case err != nil:
		return c, fmt.Errorf("read a contact: %w", err)
	case !known || !c.DroppedAt.IsZero():
		return c, contact.ErrNoContact
	}
	return c, nil
}

// ChangeContact implements contact.DirectoryStore.
func (t contacts) ChangeContact(
	ctx context.Context, account string, n sms.Number, seen int, d contact.Detail, by contact.Mark,
) (c contact.Contact, err error) {
	err = t.transact(ctx, func(tx runs) error {
		if c, err = tx.changing(account, n); err != nil {
			return err
		}
		if seen != 0 && c.Version != seen {
			return contact.ErrContactOutdated
		}
		before := c.Groups
		c.Detail = d
		if err := tx.joins(&c, before, c.Groups); err != nil {
			return err
		}
		if err := tx.keep(&c, by); err != nil {
			return err
		}
		return tx.did(ctx, account, auth.ContactChanged, c.ID.String(), "")
	})
	return c, err
}

// DropContact implements contact.DirectoryStore.
func (t contacts) DropContact(ctx context.Context, account string, n sms.Number, by contact.Mark) error {
	return t.transact(ctx, func(tx runs) error {
		c, err := tx.changing(account, n)
		if err != nil {
			return err
		}
		if err := tx.joins(&c, c.Groups, nil); err != nil {
			return err
		}
		c.Detail, c.DroppedAt = contact.Detail{}, by.At
		c.Withdraw("", contact.Withdrawal{At: by.At, By: by.By, Source: contact.WithdrawnByDrop})
		if len(c.Consents) == 0 { // there is nothing to prove
			err = tx.do(deleteContact, account, n)
		} else {
			err = tx.keep(&c, by)
		}
		if err != nil {
			return fmt.Errorf("forget a contact: %w", err)
		}
		return tx.did(ctx, account, auth.ContactDropped, c.ID.String(), "")
	})
}

// AddConsent implements contact.DirectoryStore.
func (t contacts) AddConsent(
	ctx context.Context, account string, n sms.Number, given contact.Consent,
) (c contact.Contact, err error) {
	err = t.transact(ctx, func(tx runs) error {
		if c, err = tx.changing(account, n); err != nil {
			return err
		}
		if len(c.Consents) >= contact.MaxConsents {
			return contact.ErrConsentsMany
		}
		c.Consents = append(c.Consents, given)
		if err := tx.keep(&c, contact.Mark{At: given.NotedAt, By: given.NotedBy}); err != nil {
			return err
		}
		return tx.did(ctx, account, auth.ConsentNoted, c.ID.String(), given.Purpose)
	})
	return c, err
}

// TakeContacts implements contact.DirectoryStore.
func (t contacts) TakeContacts(
	ctx context.Context, account string, arrivals []contact.Arrival, by contact.Mark, note string,
) error {
	return t.transact(ctx, func(tx runs) error {
		for i := range arrivals {
			if err := tx.arrive(account, &arrivals[i], by); err != nil {
				return err
			}
		}
		if note == "" {
			return nil
		}
		return tx.did(ctx, account, auth.ContactsImported, "", note)
	})
}

// arrive puts a person of an import on the contact, or makes it.
func (r runs) arrive(account string, a *contact.Arrival, by contact.Mark) error {
	c, known, err := first(r, scanContact, lockContact, account, a.Number)
	if err != nil {
		return fmt.Errorf("read a contact: %w", err)
	}
	if !known {
		c = contact.Contact{Account: account, ID: a.ID, Number: a.Number, Version: 1, MadeAt: by.At, MadeBy: by.By, ChangedAt: by.At, ChangedBy: by.By}
	}
	c.DroppedAt = time.Time{}
	before := c.Groups
	changed, agreed := a.Onto(&c)
	if known && !changed && !agreed {
		return nil
	}
	if !known {
		data, consents, err := contactTexts(&c)
		if err != nil {
			return err
		}
		n, err := r.exec(insertContact, c.Account, c.ID, c.Number, c.Version, data, consents, c.MadeAt, c.MadeBy, c.ChangedAt, c.ChangedBy)
		switch {
		case err != nil:
			return fmt.Errorf("add a contact: %w", err)
		case n == 0: // somebody added it a moment ago
			return contact.ErrContactExists
		}
		return r.joins(&c, nil, c.Groups)
	}
	if err := r.joins(&c, before, c.Groups); err != nil {
		return err
	}
	return r.keep(&c, by)
}

// EndConsents implements contact.DirectoryStore.
func (t contacts) EndConsents(
	ctx context.Context, account string, n sms.Number, key string, w contact.Withdrawal,
) (c contact.Contact, err error) {
	err = t.transact(ctx, func(tx runs) error {
		if c, err = tx.changing(account, n); err != nil {
			return err
		}
		if c.Withdraw(key, w) == 0 {
			return contact.ErrNoConsent
		}
		if err := tx.keep(&c, contact.Mark{At: w.At, By: w.By}); err != nil {
			return err
		}
		return tx.did(ctx, account, auth.ConsentEnded, c.ID.String(), "")
	})
	return c, err
}

// stopped withdraws every consent of somebody whose number came on the suppression list.
func (r runs) stopped(account string, n sms.Number, at time.Time, by sms.Actor) error {
	c, known, err := first(r, scanContact, lockContact, account, n)
	if err != nil {
		return fmt.Errorf("read a contact: %w", err)
	}
	if !known || c.Withdraw("", contact.Withdrawal{At: at, By: by, Source: contact.WithdrawnByStop}) == 0 {
		return nil
	}
	return r.keep(&c, contact.Mark{At: at, By: by})
}

// eraseContact takes a person from the contacts, with every proof.
func (e *erasing) eraseContact(n sms.Number) error {
	account := e.Audit.Account
	c, known, err := first(e.runs, scanContact, lockContact, account, n)
	if err != nil || !known {
		return err
	}
	if err := e.joins(&c, c.Groups, nil); err != nil {
		return err
	}
	e.done.Contacts++
	return e.do(deleteContact, account, n)
}

func scanGroup(scan Scan) (g contact.Group, err error) {
	return g, scan(&g.Account, &g.ID, &g.Version, &g.Name, &g.Note, &g.Members, &g.MadeAt, &g.MadeBy)
}

func (r runs) group(statement, account string, id sms.ID) (contact.Group, error) {
	g, known, err := first(r, scanGroup, statement, account, id)
	if err != nil {
		return g, fmt.Errorf("read a group: %w", err)
	}
	if !known {
		return contact.Group{}, contact.ErrNoGroup
	}
	return g, nil
}

// Groups implements contact.DirectoryStore.
func (t contacts) Groups(ctx context.Context, account string) ([]contact.Group, error) {
	found, err := list(t.on(ctx), scanGroup, presentGroups, account)
	if err != nil {
		return nil, fmt.Errorf("read groups: %w", err)
	}
	return found, nil
}

// Group implements contact.DirectoryStore.
func (t contacts) Group(ctx context.Context, account string, id sms.ID) (contact.Group, error) {
	return t.on(ctx).group(selectGroup, account, id)
}

// freeGroupName returns ErrGroupTaken where another group has a name. Behind it no other one can
// take it before the transaction has ended.
func (r runs) freeGroupName(account string, id sms.ID, key string) error {
	if err := r.conn.Lock("groups " + account); err != nil {
		return err
	}
	var some bool
	taken, err := r.read(groupNamed, []any{account, key, id}, &some)
	if err != nil {
		return fmt.Errorf("look for the name of a group: %w", err)
	}
	if taken {
		return contact.ErrGroupTaken
	}
	return nil
}

// AddGroup implements contact.DirectoryStore.
func (t contacts) AddGroup(ctx context.Context, g contact.Group, key string) error {
	return t.transact(ctx, func(tx runs) error {
		if err := tx.freeGroupName(g.Account, g.ID, key); err != nil {
			return err
		}
		var have int
		if _, err := tx.read(countGroups, []any{g.Account}, &have); err != nil {
			return fmt.Errorf("count groups: %w", err)
		}
		if have >= contact.MaxGroups {
			return contact.ErrGroupsMany
		}
		if err := tx.do(insertGroup, g.Account, g.ID, key, g.Version, g.Name, g.Note, g.MadeAt, g.MadeBy); err != nil {
			return fmt.Errorf("add a group: %w", err)
		}
		return tx.did(ctx, g.Account, auth.GroupMade, g.ID.String(), "")
	})
}

// ChangeGroup implements contact.DirectoryStore.
func (t contacts) ChangeGroup(
	ctx context.Context, to contact.Group, seen int, key string, _ contact.Mark,
) (g contact.Group, err error) {
	err = t.transact(ctx, func(tx runs) error {
		if err := tx.freeGroupName(to.Account, to.ID, key); err != nil {
			return err
		}
		if g, err = tx.group(lockGroup, to.Account, to.ID); err != nil {
			return err
		}
		if seen != 0 && g.Version != seen {
			return contact.ErrGroupOutdated
		}
		var edits auth.Edits
		edits.Note("name", []string{g.Name}, []string{to.Name})
		edits.Note("note", []string{g.Note}, []string{to.Note})
		g.Version, g.Name, g.Note = g.Version+1, to.Name, to.Note
		if err := tx.do(updateGroup, g.Version, g.Name, g.Note, key, g.Account, g.ID); err != nil {
			return fmt.Errorf("change a group: %w", err)
		}
		return tx.changed(ctx, g.Account, auth.GroupChanged, g.ID.String(), "", edits)
	})
	return g, err
}

// DropGroup implements contact.DirectoryStore.
func (t contacts) DropGroup(ctx context.Context, account string, id sms.ID, by contact.Mark) error {
	return t.transact(ctx, func(tx runs) error {
		if _, err := tx.group(lockGroup, account, id); err != nil {
			return err
		}
		if err := tx.do(dropGroup, id.String(), by.At, account, id); err != nil {
			return fmt.Errorf("forget a group: %w", err)
		}
		return tx.did(ctx, account, auth.GroupDropped, id.String(), "")
	})
}

// PruneContacts implements person.KeepingContacts.
func (t contacts) PruneContacts(ctx context.Context, at time.Time, limit int) (more bool, err error) {
	err = t.transact(ctx, func(tx runs) error {
		var account string
		var id sms.ID
		some, err := tx.read(selectDroppedGroup, nil, &account, &id)
		if err != nil || !some {
			return err
		}
		more = true
		n, err := tx.exec(deleteMembers, account, id, limit)
		if err != nil || n == limit {
			return err
		}
		return tx.do(groupDropped, account, id)
	})
	if err != nil {
		return false, fmt.Errorf("forget members of a group: %w", err)
	}
	err = t.transact(ctx, func(tx runs) error {
		type place struct {
			account string
			number  sms.Number
		}
		scan := func(scan Scan) (p place, err error) { return p, scan(&p.account, &p.number) }
		before := at.Add(-contact.KeptProofs)
		old, err := list(tx, scan, selectOldContacts, before, limit)
		if err != nil {
			return err
		}
		for _, p := range old {
			if err := tx.do(deleteOldContact, p.account, p.number, before); err != nil {
				return err
			}
		}
		more = more || len(old) == limit
		return nil
	})
	if err != nil {
		return false, fmt.Errorf("forget proofs of contacts: %w", err)
	}
	return more, nil
}
