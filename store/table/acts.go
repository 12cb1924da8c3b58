package table

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"relais/auth"
	"relais/sms"
)

// acts implements auth.ActStore. No statement changes one, and dropActs alone removes
// some: a test reads the sources for it.
type acts struct{ *runner }

// AddAct implements auth.ActStore.
func (t acts) AddAct(ctx context.Context, a auth.Act) error { return t.on(ctx).addAct(a) }

func (r runs) addAct(a auth.Act) error {
	const insert = `INSERT INTO acts (id, at, actor, account, code, subject, address, via, note, edits)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`
	edits, err := editsText(a.Edits)
	if err != nil {
		return err
	}
	err = r.do(insert, a.ID, a.At, a.Actor, a.Account, a.Code, a.Subject, a.Address, a.Via, a.Note, edits)
	if err != nil {
		return fmt.Errorf("keep an act: %w", err)
	}
	return nil
}

// editsText is what is stored of edits: nothing where there are none.
func editsText(edits auth.Edits) (string, error) {
	if len(edits) == 0 {
		return "", nil
	}
	text, err := json.Marshal(edits)
	if err != nil {
		return "", fmt.Errorf("encode what an act changed: %w", err)
	}
	return string(text), nil
}

func readEdits(text string, into *auth.Edits) error {
	if text == "" {
		return nil
	}
	if err := json.Unmarshal([]byte(text), into); err != nil {
		return fmt.Errorf("what an act changed: %w", err)
	}
	return nil
}

// did writes down what the person of a context did, if there is one.
func (r runs) did(ctx context.Context, account string, code auth.ActCode, subject, note string) error {
	return r.changed(ctx, account, code, subject, note, nil)
}

// changed is did for what changed fields.
func (r runs) changed(
	ctx context.Context, account string, code auth.ActCode, subject, note string, edits auth.Edits,
) error {
	by, somebody := auth.ByOf(ctx)
	if !somebody {
		return nil
	}
	act := by.Act(account, code, subject, note).Changing(edits)
	act.At = time.Now()
	act.ID = sms.BucketOf(account).NewID(act.At)
	return r.addAct(act)
}

// Journal writes into the audit what stores change beside the tables.
type Journal struct{ runner *runner }

// NewJournal returns that of a database.
func NewJournal(d Dialect) *Journal { return &Journal{&runner{dialect: d}} }

// Settled writes down that the person of a context canceled a message, or decided about one
// in doubt, where a transition says so.
func (j *Journal) Settled(ctx context.Context, on Conn, tr *sms.Transition) error {
	code, note := auth.MessageCanceled, ""
	decision, decided := strings.CutPrefix(tr.Event.Code, "resolved_")
	switch {
	case decided:
		code, note = auth.MessageDecided, decision
	case tr.To != sms.Canceled:
		return nil
	}
	return runs{j.runner, on}.did(ctx, tr.Account, code, tr.ID.String(), note)
}

// Acts implements auth.ActStore.
func (t acts) Acts(ctx context.Context, q auth.ActQuery) (found []auth.Act, more bool, err error) {
	if q.Accounts != nil && len(q.Accounts) == 0 {
		return []auth.Act{}, false, nil
	}
	scan := func(scan Scan) (a auth.Act, err error) {
		var edits string
		if err := scan(&a.ID, &a.At, &a.Actor, &a.Account, &a.Code, &a.Subject, &a.Address, &a.Via, &a.Note,
			&edits); err != nil {
			return a, err
		}
		return a, readEdits(edits, &a.Edits)
	}
	statement, args := actsQuery(q)
	found, err = list(t.on(ctx), scan, statement, args...)
	if err != nil {
		return nil, false, fmt.Errorf("read acts: %w", err)
	}
	if more = len(found) > q.Limit; more {
		found = found[:q.Limit]
	}
	return found, more, nil
}

const dropActs = "DELETE FROM acts WHERE id IN (SELECT id FROM acts WHERE id < $1 ORDER BY id LIMIT $2)"

// DropActs implements auth.ActStore.
func (t acts) DropActs(ctx context.Context, before sms.ID, most int) (int, error) {
	dropped, err := t.on(ctx).exec(dropActs, before, most)
	if err != nil {
		return 0, fmt.Errorf("remove old acts: %w", err)
	}
	return dropped, nil
}

// actsQuery asks for one act more than the limit. Accounts are asked for by name, so that
// one reader sees the acts of several.
func actsQuery(q auth.ActQuery) (statement string, args []any) {
	where := []string{"true"}
	add := func(condition string, values ...any) {
		for _, v := range values {
			args = append(args, v)
			condition = strings.Replace(condition, "?", "$"+strconv.Itoa(len(args)), 1)
		}
		where = append(where, condition)
	}
	if q.Accounts != nil {
		names := make([]any, len(q.Accounts))
		for i, a := range q.Accounts {
			names[i] = a
		}
		add("account IN ("+strings.TrimSuffix(strings.Repeat("?, ", len(names)), ", ")+")", names...)
	}
	if q.Actor != "" {
		add("actor = ?", q.Actor)
	}
	if q.Code != "" {
		add("code = ?", q.Code)
	}
	if q.Subject != "" {
		add("subject = ?", q.Subject)
	}
	if !q.Before.IsZero() {
		add("id < ?", q.Before)
	}
	if !q.Since.IsZero() {
		add("at >= ?", q.Since)
		add("id >= ?", sms.FirstID(q.Since)) // by it an index ends the search
	}
	args = append(args, q.Limit+1)
	return "SELECT id, at, actor, account, code, subject, address, via, note, edits FROM acts WHERE " +
		strings.Join(where, " AND ") + " ORDER BY id DESC LIMIT $" + strconv.Itoa(len(args)), args
}
