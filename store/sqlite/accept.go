package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"relais/gateway"
	"relais/lane"
	"relais/quota"
	"relais/reason"
	"relais/sms"
)

// Accept implements gateway.Store.
func (s *Store) Accept(ctx context.Context, a *gateway.Acceptance) (replay []byte, err error) {
	submission, err := submissionRow(a)
	if err != nil {
		return nil, err
	}
	reused, over := false, false
	err = s.commits.do(ctx, func(t *tx) error {
		var err error
		over = false
		replay, err = t.claimKey(a)
		// Nothing was written: the commit goes on for those who share it.
		if reused = errors.Is(err, gateway.ErrKeyReused); reused {
			return nil
		}
		if err != nil || replay != nil {
			return err
		}
		fits, err := t.charge(a)
		if over = !fits; err != nil || over {
			return errors.Join(err, t.giveBackKey(a))
		}
		if err := takings.Take(inside{t}, a); err != nil {
			return err
		}
		if t.young.takes(a) {
			return t.acceptYoung(a)
		}
		return t.insertAccepted(a, submission)
	})
	switch {
	case err == nil && reused:
		return nil, gateway.ErrKeyReused
	case err == nil && over:
		return nil, quota.ErrExceeded
	}
	return replay, err
}

// AcceptBatch implements gateway.Store. Those who share a commit with a batch that a
// quota does not allow are tried again alone: what the batch wrote must be taken back.
// It is rare, for quotas are looked at before.
func (s *Store) AcceptBatch(ctx context.Context, all []*gateway.Acceptance) (replay []byte, err error) {
	submissions := make([][]any, len(all))
	for i, a := range all {
		if submissions[i], err = submissionRow(a); err != nil {
			return nil, err
		}
	}
	reused := false
	err = s.commits.do(ctx, func(t *tx) error {
		var err error
		replay, err = t.claimKey(all[0])
		if reused = errors.Is(err, gateway.ErrKeyReused); reused {
			return nil
		}
		if err != nil || replay != nil {
			return err
		}
		if err := takings.Take(inside{t}, all...); err != nil {
			return err
		}
		for i, a := range all {
			fits, err := t.charge(a)
			if err != nil {
				return err
			}
			if !fits {
				return quota.ErrExceeded
			}
			if err := t.insertAccepted(a, submissions[i]); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil && reused {
		return nil, gateway.ErrKeyReused
	}
	return replay, err
}

// insertAccepted writes a submission and its messages.
func (t *tx) insertAccepted(a *gateway.Acceptance, submission []any) error {
	if err := t.rows.exec(insertSubmission, submission...); err != nil {
		return fmt.Errorf("store a submission: %w", err)
	}
	for i := range a.Drafts {
		if err := t.insertMessage(&a.Drafts[i]); err != nil {
			return fmt.Errorf("store a message: %w", err)
		}
	}
	return t.countTemplate(a)
}

// selectKnownID looks for what a row would meet when it is written: nobody could be told then.
const selectKnownID = `SELECT EXISTS (SELECT 1 FROM messages WHERE account = ?1 AND id = ?2)
	OR EXISTS (SELECT 1 FROM submissions WHERE account = ?1 AND id = ?3)`

var errKnownID = errors.New("there is a message with its id")

// acceptYoung takes a message whose row can wait.
func (t *tx) acceptYoung(a *gateway.Acceptance) error {
	m, err := accepted(a)
	if err != nil {
		return err
	}
	known := t.young.byID[m.ID] != nil || t.young.bySubmission[m.Submission] != nil
	if !known {
		err = t.rows.queryRow(selectKnownID, []any{m.Account, m.ID[:], m.Submission[:]}, &known)
	}
	if err != nil || known {
		return fmt.Errorf("store a message: %w", cmp.Or(err, errKnownID))
	}
	t.addNear(&m.Message)
	t.young.keep(m)
	return t.countTemplate(a)
}

func (t *tx) countTemplate(a *gateway.Acceptance) error {
	if a.Template.IsZero() {
		return nil
	}
	at := micros(a.At)
	if err := t.exec(countTemplate, len(a.Drafts), at, a.Drafts[0].Account, a.Template[:]); err != nil {
		return fmt.Errorf("count the uses of a template: %w", err)
	}
	return nil
}

const countTemplate = "UPDATE templates SET uses = uses + ?, used_at = max(used_at, ?) WHERE account = ? AND id = ?"

const insertSubmission = `INSERT INTO submissions
	(account, id, text, sender, class, encoding, metadata, actor, accepted_at, decisions, endpoint, recipients,
		trace, kind)
	VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

func submissionRow(a *gateway.Acceptance) ([]any, error) {
	m := &a.Drafts[0].Message
	var metadata any
	if len(m.Metadata) > 0 {
		encoded, err := json.Marshal(m.Metadata)
		if err != nil {
			return nil, fmt.Errorf("encode metadata: %w", err)
		}
		metadata = string(encoded)
	}
	var endpoint any
	if !a.Endpoint.IsZero() {
		endpoint = a.Endpoint[:]
	}
	return []any{
		m.Account, m.Submission[:], m.Text, string(m.Sender), string(m.Class), string(m.Encoding),
		metadata, string(a.Actor), micros(a.At), reason.Texts(a.Decisions), endpoint, len(a.Drafts), textOrNull(a.Trace),
		textOrNull(string(m.Kind)),
	}, nil
}

const insertMessage = `INSERT INTO messages
	(account, id, submission, recipient, reference, connector, status, reason, segments, priority, attempt,
		solo, due_at, expires_at, updated_at, decisions, routes, chance, price,
	 actor, due_minute, country, family)
	VALUES (?, ?, ?, ?, ?, ?, 'queued', 'accepted', ?, ?, 0, 0, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

func (t *tx) insertMessage(d *gateway.Draft) error {
	var decisions any
	if len(d.Decisions) > 0 {
		decisions = reason.Texts(d.Decisions)
	}
	m := &d.Message
	t.addNear(m)
	return t.rows.exec(insertMessage,
		m.Account, m.ID[:], m.Submission[:], string(m.To), m.Reference, m.Connector, m.Segments, m.Class.Priority(),
		micros(m.DueAt), micros(m.ExpiresAt), micros(m.UpdatedAt), decisions, joined(m.Routes),
		int64(m.Chance/time.Microsecond), int64(m.Price),
		string(m.Actor), lane.DueMinute(m.DueAt, m.UpdatedAt), m.Country, m.Family)
}

// claimKey takes the idempotency key, or returns the answer that it had.
func (t *tx) claimKey(a *gateway.Acceptance) (replay []byte, err error) {
	if a.Key == nil {
		return nil, nil
	}
	account := a.Drafts[0].Account
	taken, err := t.execCount(`INSERT INTO idempotency (account, key, request, answer, at)
		VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		account, a.Key.Key, a.Key.Request[:], a.Answer, micros(a.At))
	if err != nil || taken == 1 {
		return nil, err
	}
	return t.knownKey(account, a.Key)
}

// giveBackKey is for an acceptance that is not stored after all.
func (t *tx) giveBackKey(a *gateway.Acceptance) error {
	if a.Key == nil {
		return nil
	}
	return t.exec("DELETE FROM idempotency WHERE account = ? AND key = ?", a.Drafts[0].Account, a.Key.Key)
}

const selectKey = `SELECT request, answer FROM idempotency WHERE account = ? AND key = ?`

func (t *tx) knownKey(account string, key *gateway.IdempotencyKey) ([]byte, error) {
	var request, answer []byte
	if err := t.queryRow(selectKey, []any{account, key.Key}, &request, &answer); err != nil {
		return nil, err
	}
	return key.Replay(request, answer)
}

// Answer implements gateway.Store.
func (s *Store) Answer(ctx context.Context, account string, key gateway.IdempotencyKey) ([]byte, error) {
	var request, answer []byte
	err := s.answers.QueryRowContext(ctx, account, key.Key).Scan(&request, &answer)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look up an idempotency key: %w", explain(err))
	}
	return key.Replay(request, answer)
}

// idOf reads an id column.
func idOf(b []byte) (sms.ID, error) {
	var id sms.ID
	if len(b) != len(id) {
		return id, fmt.Errorf("an id of %d bytes in the database", len(b))
	}
	copy(id[:], b)
	return id, nil
}

var _ gateway.Store = (*Store)(nil)
