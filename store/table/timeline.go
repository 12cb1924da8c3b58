package table

import (
	"context"
	"encoding/json"
	"fmt"

	"relais/reason"
	"relais/sms"
)

// timelines are what happened to messages.
type timelines struct{ *runner }

const (
	selectAccepted = `SELECT s.accepted_at, s.actor, s.decisions, m.decisions FROM messages m
		JOIN submissions s ON s.account = m.account AND s.id = m.submission WHERE m.account = $1 AND m.id = $2`
	selectTimeline = `SELECT at, status, actor, code, detail, reason, attempt, coalesce(operator_code, ''),
			coalesce(operator_text, '')
		FROM events WHERE account = $1 AND message = $2 ORDER BY seq`
)

// Timeline returns the events of a message, oldest first, and the decisions that were
// taken when it was accepted; gateway.ErrNotFound when there is none.
func (t timelines) Timeline(
	ctx context.Context, account string, message sms.ID,
) ([]sms.Event, []reason.Reason, error) {
	accepted, decisions, err := readAccepted(t.on(ctx), account, message)
	if err != nil {
		return nil, nil, err
	}
	events, err := list(t.on(ctx), scanTimeline, selectTimeline, account, message)
	if err != nil {
		return nil, nil, fmt.Errorf("read events: %w", err)
	}
	return append([]sms.Event{accepted}, events...), decisions, nil
}

func scanTimeline(scan Scan) (e sms.Event, err error) {
	var written, why string
	if err = scan(&e.At, &e.Status, &e.Actor, &e.Code, &written, &why, &e.Attempt, &e.OperatorCode,
		&e.OperatorText); err != nil {
		return e, err
	}
	if e.Detail, err = reason.FromText(why, written); err != nil {
		return e, fmt.Errorf("read what an event says: %w", err)
	}
	return e, nil
}

func readAccepted(
	r runs, account string, message sms.ID,
) (e sms.Event, decisions []reason.Reason, err error) {
	e.Status, e.Code = sms.Queued, sms.CodeAccepted
	var common string
	var own *string
	found, err := r.read(selectAccepted, []any{account, message}, &e.At, &e.Actor, &common, &own)
	if err = notFound(found, err, "read a submission"); err != nil {
		return e, nil, err
	}
	for _, written := range []*string{&common, own} {
		var some []reason.Reason
		if written == nil {
			continue
		}
		if err := json.Unmarshal([]byte(*written), &some); err != nil {
			return e, nil, fmt.Errorf("read decisions: %w", err)
		}
		decisions = append(decisions, some...)
	}
	return e, decisions, nil
}
