package bench

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"slices"
	"strings"

	_ "modernc.org/sqlite" // the driver: the file is read as any other program would

	"relais/sandbox/world"
	"relais/sms"
)

// stored reports whether the database file holds exactly the acknowledged
// messages, each in one of the statuses. It reads the file itself, after the
// server has gone, so that nothing the server remembers can stand in for it.
func stored(ctx context.Context, path string, acknowledged []sms.ID, statuses ...string) error {
	found, err := readStatuses(ctx, path)
	if err != nil {
		return fmt.Errorf("read the database after the run: %w", err)
	}
	lost, astray := 0, map[string]int{}
	for _, id := range acknowledged {
		status, known := found[id]
		switch {
		case !known:
			lost++
		case !slices.Contains(statuses, status):
			astray[status]++
		}
	}
	switch {
	case lost > 0:
		return fmt.Errorf("%d of %d acknowledged messages are not in the database", lost, len(acknowledged))
	case len(astray) > 0:
		return fmt.Errorf("acknowledged messages that should be in %v are in %v", statuses, astray)
	case len(found) != len(acknowledged):
		return fmt.Errorf("the database holds %d messages; %d were acknowledged",
			len(found), len(acknowledged))
	}
	return nil
}

func readStatuses(ctx context.Context, path string) (map[sms.ID]string, error) {
	if strings.HasPrefix(path, "postgres") {
		return readPostgres(ctx, path)
	}
	db, err := sql.Open("sqlite", (&url.URL{
		Scheme: "file", Opaque: url.PathEscape(path),
		RawQuery: "mode=rw",
	}).String())
	if err != nil {
		return nil, err
	}
	defer db.Close()
	rows, err := db.QueryContext(ctx, "SELECT id, status FROM messages")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	found := map[sms.ID]string{}
	for rows.Next() {
		var raw []byte
		var status string
		if err := rows.Scan(&raw, &status); err != nil {
			return nil, err
		}
		var id sms.ID
		if copy(id[:], raw) != len(id) || len(raw) != len(id) {
			return nil, fmt.Errorf("an id of %d bytes", len(raw))
		}
		found[id] = status
	}
	return found, rows.Err()
}

// phones is the part of the sandbox that shows what people got.
type phones interface {
	Handsets() []world.Handset
	Handset(number string) []world.Text
}

// onHandsetsOnce reports whether each message is on a handset exactly once, and
// nothing else is. The operator's reference of a text names its message.
func onHandsetsOnce(p phones, acknowledged []sms.ID) error {
	seen := make(map[sms.ID]int, len(acknowledged))
	texts := 0
	for _, phone := range p.Handsets() {
		for _, text := range p.Handset(phone.Number) {
			id, err := sms.ParseRef(text.Reference)
			if err != nil {
				return fmt.Errorf("a text on a handset names no message: %w", err)
			}
			seen[id]++
			texts++
		}
	}
	lost, doubled := 0, 0
	for _, id := range acknowledged {
		switch n := seen[id]; {
		case n == 0:
			lost++
		case n > 1:
			doubled++
		}
	}
	if lost > 0 || doubled > 0 || texts != len(acknowledged) {
		return fmt.Errorf("%d messages were acknowledged and %d texts are on handsets: %d missing, %d there "+
			"more than once",
			len(acknowledged), texts, lost, doubled)
	}
	return nil
}
