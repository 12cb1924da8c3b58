package sqlite

import (
	"fmt"
	"strings"
	"time"

	"relais/quota"
	"relais/sms"
)

// selectNear counts the messages to numbers, no more of each than are allowed. It reads
// the index alone.
const selectNear = `SELECT value, (SELECT count(*) FROM
	(SELECT 1 FROM messages WHERE account = ?1 AND recipient = value AND id >= ?2 LIMIT ?3)) FROM json_each(?4)`

// person is whom an account writes to.
type recipient struct {
	account string
	number  sms.Number
}

// near is how many messages a person has at most since a time: what the index said
// once, and what was inserted from then on. The writer is the only one who inserts, so
// that it stays true; a window that moves on only makes it too many.
type near struct {
	since    time.Time
	messages int
}

// mostNear bounds what the writer keeps in memory.
const mostNear = 50_000

// anyNear reports whether one of the numbers of a repeat may have as many messages as are
// allowed. Numbers of which that is not known are looked up.
func (t *quotas) anyNear(account string, r *quota.Repeat) (bool, error) {
	var unknown []sms.Number
	for _, n := range r.Numbers {
		known := t.near[recipient{account, n}]
		if known == nil || r.Since.Before(known.since) || known.messages >= r.Most {
			unknown = append(unknown, n)
		}
	}
	if len(unknown) == 0 {
		return false, nil
	}
	if len(t.near) > mostNear {
		clear(t.near)
	}
	return t.lookNear(account, r, unknown)
}

func (t *quotas) lookNear(account string, r *quota.Repeat, numbers []sms.Number) (some bool, err error) {
	rows, err := t.query(selectNear, account, first(r.Since), r.Most, list(numbers))
	if err != nil {
		return false, fmt.Errorf("count the messages of numbers: %w", explain(err))
	}
	defer rows.Close()
	for rows.Next() {
		var number string
		found := &near{since: r.Since}
		if err := rows.Scan(&number, &found.messages); err != nil {
			return false, fmt.Errorf("count the messages of numbers: %w", err)
		}
		who := recipient{strings.Clone(account), sms.Number(number)}
		if found.messages >= r.Most { // there may be more than were counted
			some = true
			delete(t.near, who)
			continue
		}
		t.near[who] = found
	}
	return some, rows.Err()
}

// addNear counts a message that is inserted.
func (t *quotas) addNear(m *sms.Message) {
	if known := t.near[recipient{m.Account, m.To}]; known != nil {
		known.messages++
	}
}
