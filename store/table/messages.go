package table

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"relais/duty"
	"relais/sms"
)

// messages are read, one or a page. Those that are claimed are read by the stores.
type messages struct{ *runner }

const (
	// MessageColumns are what Messages reads. They show no text of a message that was
	// erased: it may be there for others who got it in the same request.
	MessageColumns = `m.account, m.id, m.submission, m.recipient, m.connector, m.status, m.reason,
	m.segments, m.attempt, m.solo, coalesce(m.provider_id, ''), m.due_at, m.expires_at, m.updated_at,
	CASE WHEN m.recipient = '~' THEN '' ELSE s.text END, s.sender, s.class, s.encoding, m.reference,
	CASE WHEN m.recipient <> '~' THEN s.metadata END, s.accepted_at,
	m.routes, m.chance, m.submitted_at, m.receipt_by, coalesce(m.operator_code, ''),
	coalesce(m.operator_text, ''), m.asks, coalesce(s.trace, ''), m.price, s.actor,
	m.country, m.family, coalesce(s.kind, '')`

	selectFrom = "SELECT " + MessageColumns + " FROM messages m"
	ofTheirs   = " JOIN submissions s ON s.account = m.account AND s.id = m.submission WHERE "

	selectMessage  = selectFrom + ofTheirs + "m.account = $1 AND m.id = $2"
	selectAwaiting = selectFrom + " INDEXED BY messages_awaiting" + ofTheirs +
		"m.status = 'submitted' AND m.connector = $1 AND m.receipt_by <= $2 ORDER BY m.receipt_by LIMIT $3"

	doubtful = ` FROM messages INDEXED BY messages_doubtful WHERE status = 'uncertain' AND connector = $1
		AND account`
	// selectDoubtful goes from account to account until one has something due. EXISTS would
	// become a join, in whatever order.
	selectDoubtful = selectFrom + " INDEXED BY messages_doubtful" + ofTheirs +
		`m.status = 'uncertain' AND m.connector = $1 AND m.ask_at <= $3 AND m.account = (
		WITH RECURSIVE names (name) AS (
			SELECT (SELECT account` + doubtful + ` > $2 ORDER BY account LIMIT 1)
			UNION ALL
			SELECT (SELECT account` + doubtful + ` > name ORDER BY account LIMIT 1) FROM names
				WHERE name IS NOT NULL
		) SELECT name FROM names WHERE (SELECT 1` + doubtful + ` = name AND ask_at <= $3 LIMIT 1) = 1 LIMIT 1
	) ORDER BY m.ask_at LIMIT $4`

	selectMovable = selectFrom + " INDEXED BY messages_movable" + ofTheirs +
		`m.status = 'queued' AND m.routes <> '' AND m.connector = $1 AND m.account = $2 AND m.id > $3
		ORDER BY m.id LIMIT $4`
	selectQueued = selectFrom + " INDEXED BY messages_waiting" + ofTheirs +
		"m.status = 'queued' AND m.connector = $1 AND m.account = $2 LIMIT $3"

	// selectAhead finds what was put off since it was accepted, which waits for no date of
	// its caller; a throttled attempt does not count, and another connector keeps the date.
	selectAhead = selectFrom + " INDEXED BY messages_waiting" + ofTheirs +
		`m.status = 'queued' AND m.connector = $1 AND m.priority = $2 AND m.due_minute >= $3::bigint / 60000000
		AND m.due_at > $3 AND m.updated_at > $4
		AND (m.attempt > 0 OR m.due_at = s.accepted_at OR m.reason NOT IN ('accepted', 'rerouted')) LIMIT $5`
)

func scanMessage(scan Scan) (m sms.Message, err error) {
	var metadata *string
	var routes string
	var chance int64
	if err := scan(&m.Account, &m.ID, &m.Submission, &m.To, &m.Connector, &m.Status, &m.Reason,
		&m.Segments, &m.Attempt, &m.Solo, &m.ProviderID, &m.DueAt, &m.ExpiresAt, &m.UpdatedAt,
		&m.Text, &m.Sender, &m.Class, &m.Encoding, &m.Reference,
		&metadata, &m.AcceptedAt,
		&routes, &chance, &m.SubmittedAt, &m.ReceiptBy, &m.OperatorCode,
		&m.OperatorText, &m.Asks, &m.Trace, &m.Price, &m.Actor,
		&m.Country, &m.Family, &m.Kind); err != nil {
		return m, err
	}
	if m.Metadata, err = ReadMetadata(orZero(metadata)); err != nil {
		return m, err
	}
	if routes != "" {
		m.Routes = strings.Split(routes, ",")
	}
	m.Chance = time.Duration(chance) * time.Microsecond
	return m, nil
}

// ReadMetadata reads what a store has of the metadata of a message: JSON, or empty where there is none.
func ReadMetadata(encoded string) (metadata map[string]string, err error) {
	if encoded == "" {
		return nil, nil
	}
	if err := json.Unmarshal([]byte(encoded), &metadata); err != nil {
		return nil, fmt.Errorf("metadata: %w", err)
	}
	return metadata, nil
}

// Messages reads what a store looks for in its own words; query begins with MessageColumns.
func (t messages) Messages(ctx context.Context, query string, args ...any) ([]sms.Message, error) {
	found, err := list(t.on(ctx), scanMessage, query, args...)
	if err != nil {
		return nil, fmt.Errorf("read messages: %w", err)
	}
	return found, nil
}

// Message returns a message of the account, or gateway.ErrNotFound.
func (t messages) Message(ctx context.Context, account string, id sms.ID) (sms.Message, error) {
	m, found, err := first(t.on(ctx), scanMessage, selectMessage, account, id)
	return m, notFound(found, err, "read a message")
}

// Awaiting implements lane.AwaitStore.
func (t messages) Awaiting(
	ctx context.Context, connector string, now time.Time, limit int,
) ([]sms.Message, error) {
	return t.Messages(ctx, selectAwaiting, connector, now, limit)
}

// Doubtful implements lane.DoubtStore.
func (t messages) Doubtful(
	ctx context.Context, connector, after string, now time.Time, limit int,
) ([]sms.Message, error) {
	return t.Messages(ctx, selectDoubtful, connector, after, now, limit)
}

// Movable implements lane.MoveStore.
func (t messages) Movable(
	ctx context.Context, connector, account string, after sms.ID, limit int,
) ([]sms.Message, error) {
	return t.Messages(ctx, selectMovable, connector, account, after, limit)
}

// Queued implements lane.MoveStore.
func (t messages) Queued(ctx context.Context, account, connector string, limit int) ([]sms.Message, error) {
	return t.Messages(ctx, selectQueued, connector, account, limit)
}

// Ahead implements lane.MoveStore.
func (t messages) Ahead(
	ctx context.Context, connector string, now time.Time, limit int,
) (ahead []sms.Message, err error) {
	for _, class := range sms.Classes {
		more, err := t.Messages(ctx, selectAhead, connector, class.Priority(), now, now.Add(duty.ClockSlack),
			limit-len(ahead))
		if err != nil {
			return nil, err
		}
		ahead = append(ahead, more...)
	}
	return ahead, nil
}
