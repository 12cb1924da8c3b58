package postgres

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"relais/quota"
	"relais/sms"
)

// chargeQuotas counts what a group accepts, in one order, so that two transactions
// wait for each other and not in a circle. It comes last in its transaction: the
// rows are locked for the commit alone.
const chargeQuotas = `INSERT INTO quota_use AS u (account, quota, subject, until, latest, messages, segments,
	money, most_messages, most_segments, most_money)
	SELECT account, quota, subject, max(until), max(latest), sum(messages), sum(segments), sum(money),
		min(most_messages), min(most_segments), min(most_money)
	FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[],
		$8::bigint[], $9::bigint[],
			$10::text[], $11::uuid[], $13::bigint[], $14::bigint[])
		AS t (account, quota, subject, until, latest, messages, segments, most_messages, most_segments, key,
			submission, money, most_money)
	WHERE ` + ours + `
	GROUP BY account, quota, subject ORDER BY account, quota, subject
	ON CONFLICT (account, quota, subject) DO UPDATE SET
		messages = excluded.messages + CASE WHEN u.until > $12 AND u.until <= excluded.latest THEN u.messages
			ELSE 0 END,
		segments = excluded.segments + CASE WHEN u.until > $12 AND u.until <= excluded.latest THEN u.segments
			ELSE 0 END,
		money = excluded.money + CASE WHEN u.until > $12 AND u.until <= excluded.latest THEN u.money ELSE 0 END,
		until = CASE WHEN u.until > $12 AND u.until <= excluded.latest THEN u.until ELSE excluded.until END,
		latest = excluded.latest, most_messages = excluded.most_messages, most_segments = excluded.most_segments,
		most_money = excluded.most_money`

// chargeFirst is the same where nothing is counted after the first period.
const chargeFirst = chargeQuotas + " WHERE u.until > $12"

// chargeRows are the columns of chargeQuotas.
type chargeRows struct {
	accounts, quotas, subjects                                    []string
	until, latest, messages, segments, mostMessages, mostSegments []int64
	money, mostMoney                                              []int64
	keys                                                          texts
	submissions                                                   uuids
	at                                                            int64
	rows                                                          map[chargeKey]int // of requests without a key
}

// chargeKey is a row of quota_use.
type chargeKey struct{ account, quota, subject string }

// add counts a charge. Requests without a key are surely stored, and share a row.
func (c *chargeRows) add(r *accepting, charge *quota.Charge) {
	m := &r.a.Drafts[0].Message
	key := chargeKey{m.Account, charge.Quota, charge.Subject}
	if i, known := c.rows[key]; known && r.a.Key == nil {
		c.until[i], c.latest[i] = max(c.until[i], micros(charge.Until)), max(c.latest[i], micros(charge.Latest))
		c.messages[i] += int64(charge.Messages)
		c.segments[i] += int64(charge.Segments)
		c.money[i] += int64(charge.Money)
		c.mostMessages[i] = min(c.mostMessages[i], int64(charge.MostMessages))
		c.mostSegments[i] = min(c.mostSegments[i], int64(charge.MostSegments))
		c.mostMoney[i] = min(c.mostMoney[i], int64(charge.MostMoney))
		c.at = max(c.at, micros(r.a.At))
		return
	}
	if r.a.Key == nil {
		if c.rows == nil {
			c.rows = map[chargeKey]int{}
		}
		c.rows[key] = len(c.accounts)
	}
	c.accounts, c.quotas, c.subjects = append(c.accounts, m.Account), append(c.quotas, charge.Quota),
		append(c.subjects, clean(charge.Subject))
	c.until, c.latest = append(c.until, micros(charge.Until)), append(c.latest, micros(charge.Latest))
	c.messages, c.segments = append(c.messages, int64(charge.Messages)),
		append(c.segments, int64(charge.Segments))
	c.mostMessages, c.mostSegments = append(c.mostMessages, int64(charge.MostMessages)),
		append(c.mostSegments, int64(charge.MostSegments))
	c.money, c.mostMoney = append(c.money, int64(charge.Money)), append(c.mostMoney, int64(charge.MostMoney))
	c.keys, c.submissions = append(c.keys, r.key()), append(c.submissions, m.Submission)
	c.at = max(c.at, micros(r.a.At))
}

func (c *chargeRows) queue(batch *pgx.Batch, statement string) {
	if len(c.accounts) > 0 {
		batch.Queue(statement, c.accounts, c.quotas, c.subjects, c.until, c.latest, c.messages, c.segments,
			c.mostMessages, c.mostSegments,
			c.keys, c.submissions, c.at, c.money, c.mostMoney)
	}
}

func queueCharges(batch *pgx.Batch, group []*accepting) {
	var periods, first chargeRows
	for _, r := range group {
		for i := range r.a.Charges {
			if charge := &r.a.Charges[i]; charge.Once {
				first.add(r, charge)
			} else {
				periods.add(r, charge)
			}
		}
	}
	periods.queue(batch, chargeQuotas)
	first.queue(batch, chargeFirst)
}

// overQuota reports whether a transaction that accepts failed because a quota does not
// allow it. Of the tables that it writes quota_use alone has a check to violate
// (TestOnlyQuotasAreChecked).
func overQuota(err error) bool { return sqlState(err) == "23514" }

// selectUses keeps the order of its parameters.
const selectUses = `SELECT coalesce(u.until, 0), coalesce(u.messages, 0), coalesce(u.segments, 0),
	coalesce(u.money, 0)
	FROM unnest($2::text[], $3::text[]) WITH ORDINALITY AS t (quota, subject, ord)
	LEFT JOIN quota_use u ON u.account = $1 AND u.quota = t.quota AND u.subject = t.subject ORDER BY t.ord`

// Used implements quota.Store.
func (s *Store) Used(ctx context.Context, account string, charges []quota.Charge) ([]quota.Use, error) {
	if len(charges) == 0 {
		return nil, nil
	}
	quotas, subjects := make([]string, len(charges)), make([]string, len(charges))
	for i := range charges {
		quotas[i], subjects[i] = charges[i].Quota, clean(charges[i].Subject)
	}
	rows, err := s.pool.Query(ctx, selectUses, account, quotas, subjects)
	used, err := collect(rows, err, func(r row) (u quota.Use, err error) {
		var until int64
		err = r.Scan(&until, &u.Messages, &u.Segments, &u.Money)
		u.Until = fromMicros(until)
		return u, err
	})
	if err != nil {
		return nil, fmt.Errorf("read what quotas counted: %w", explain(err))
	}
	return used, nil
}

// selectNear counts the messages of numbers in a span of ids, as far as the least quota of a
// group allows. It reads an index alone, those entries alone, and only of the months that the ids
// are of. The number leads the rows that are compared: a planner that knows no sizes yet would take
// the key for as good as its index, and read all messages of the account.
const selectNear = `SELECT t.account, t.recipient, x.n
	FROM unnest($1::text[], $2::text[]) AS t (account, recipient)
	CROSS JOIN LATERAL (SELECT count(*) AS n FROM (SELECT 1 FROM messages m
		WHERE (m.recipient, m.account, m.id) >= (t.recipient, t.account, $3)
			AND (m.recipient, m.account, m.id) < (t.recipient, t.account, $4) AND m.id >= $3 AND m.id < $4 LIMIT $5) z) x
	WHERE x.n > 0`

// selectCounts counts the messages of numbers, as far as they are allowed, with the same index. It
// reads the submissions: they have the texts, and after a clock that ran ahead ids are later than
// their messages. Without the OFFSET a planner that knows no sizes yet joins with all submissions
// of the account.
const selectCounts = `SELECT t.ord, x.n
	FROM unnest($1::text[], $2::text[], $3::uuid[], $4::bigint[], $5::bigint[], $6::text[]) WITH ORDINALITY
		AS t (account, recipient, since, at, most, text, ord)
	CROSS JOIN LATERAL (SELECT count(*) AS n FROM (SELECT 1 FROM messages m
		WHERE (m.recipient, m.account, m.id) >= (t.recipient, t.account, t.since)
			AND (m.recipient, m.account) <= (t.recipient, t.account) AND m.id >= t.since
			AND EXISTS (SELECT 1 FROM submissions s WHERE s.account = t.account AND s.id = m.submission
				AND s.accepted_at >= t.at AND (t.text IS NULL OR s.text = t.text) OFFSET 0)
		LIMIT t.most) y) x
	WHERE x.n > 0`

// countRows are the columns of selectCounts.
type countRows struct {
	accounts, recipients []string
	since                uuids
	at, most             []int64
	texts                texts
}

func (c *countRows) add(account string, r *quota.Repeat, n sms.Number) {
	c.accounts, c.recipients = append(c.accounts, account), append(c.recipients, string(n))
	c.since, c.at = append(c.since, sms.FirstID(r.Since)), append(c.at, micros(r.Since))
	c.most, c.texts = append(c.most, int64(r.Most)), append(c.texts, clean(r.Text))
}

// read returns how many messages each number has, in the order of the columns.
func (c *countRows) read(ctx context.Context, s *Store) ([]int, error) {
	counts := make([]int, len(c.accounts))
	rows, err := s.pool.Query(ctx, selectCounts, c.accounts, c.recipients, c.since, c.at, c.most, c.texts)
	_, err = collect(rows, err, func(r row) (_ struct{}, err error) {
		var ord, n int
		if err = r.Scan(&ord, &n); err == nil {
			counts[ord-1] = n
		}
		return struct{}{}, err
	})
	if err != nil {
		return nil, fmt.Errorf("count the messages of numbers: %w", explain(err))
	}
	return counts, nil
}

// Repeated implements quota.Store.
func (s *Store) Repeated(ctx context.Context, account string, r quota.Repeat) (map[sms.Number]bool, error) {
	var columns countRows
	for _, n := range r.Numbers {
		columns.add(account, &r, n)
	}
	counts, err := columns.read(ctx, s)
	if err != nil {
		return nil, err
	}
	full := map[sms.Number]bool{}
	for i, n := range r.Numbers {
		if counts[i] >= r.Most {
			full[n] = true
		}
	}
	return full, nil
}

// repeatsOf are the numbers that quotas for single numbers look at.
type repeatsOf struct {
	people       []recipient
	since, until time.Time
	least        int
}

func (c *repeatsOf) add(r *accepting) {
	for i := range r.a.Repeats {
		repeat := &r.a.Repeats[i]
		if c.least == 0 || repeat.Most < c.least {
			c.least = repeat.Most
		}
		if c.since.IsZero() || repeat.Since.Before(c.since) {
			c.since = repeat.Since
		}
		if i > 0 && slices.Equal(repeat.Numbers, r.a.Repeats[0].Numbers) {
			continue
		}
		for _, n := range repeat.Numbers {
			c.people = append(c.people, recipient{r.a.Drafts[0].Account, string(n)})
		}
	}
	// Ids never go back with a clock: none of this node is later than its last one.
	if made := r.a.Drafts[len(r.a.Drafts)-1].ID.Time(); made.After(c.until) {
		c.until = made
	}
}

// farAhead is how far the ids of other nodes may be ahead.
const farAhead = 24 * time.Hour

// suspects are the numbers of a group that may have as many messages as one of its
// quotas allows.
func (s *Store) suspects(ctx context.Context, w *reliance, group []*accepting) (map[recipient]bool, error) {
	var c repeatsOf
	for _, r := range group {
		c.add(r)
	}
	if len(c.people) == 0 {
		return nil, nil
	}
	looks := s.people.unknown(w, c.people, c.since, c.least)
	if len(looks) == 0 {
		return nil, nil
	}
	accounts, numbers := make([]string, 0, len(looks)), make([]string, 0, len(looks))
	for who := range looks {
		accounts, numbers = append(accounts, who.account), append(numbers, who.number)
	}
	counted := make(map[recipient]int, len(looks))
	rows, err := s.pool.Query(ctx, selectNear, accounts, numbers, sms.FirstID(c.since),
		sms.FirstID(c.until.Add(farAhead)), c.least)
	_, err = collect(rows, err, func(r row) (_ struct{}, err error) {
		var who recipient
		var n int
		err = r.Scan(&who.account, &who.number, &n)
		counted[who] = n
		return struct{}{}, err
	})
	if err != nil {
		return nil, fmt.Errorf("count the messages of numbers: %w", explain(err))
	}
	return s.people.learn(w, looks, counted, c.since, c.least), nil
}

// repeatKey is what a repeat counts together.
type repeatKey struct{ account, quota, number, text string }

// repeated parts a group: those whose recipients may have one more message, each
// counted with those before it, and the others, which are marked.
func (s *Store) repeated(ctx context.Context, w *reliance, group []*accepting) (kept []*accepting, err error) {
	suspects, err := s.suspects(ctx, w, group)
	if err != nil {
		return nil, err
	}
	var columns countRows
	eachRepeat(group, suspects, func(r *accepting, repeat *quota.Repeat, n sms.Number) {
		columns.add(r.a.Drafts[0].Account, repeat, n)
	})
	if len(columns.accounts) == 0 {
		return group, nil
	}
	counts, err := columns.read(ctx, s)
	if err != nil {
		return nil, err
	}
	also, at := map[repeatKey]int{}, 0
	for _, r := range group {
		var keys []repeatKey
		eachRepeat([]*accepting{r}, suspects, func(r *accepting, repeat *quota.Repeat, n sms.Number) {
			key := repeatKey{r.a.Drafts[0].Account, repeat.Quota, string(n), repeat.Text}
			r.over = r.over || counts[at]+also[key] >= repeat.Most
			keys = append(keys, key)
			at++
		})
		if r.over {
			continue
		}
		for _, key := range keys {
			also[key]++
		}
		kept = append(kept, r)
	}
	return kept, nil
}

// eachRepeat goes through what is counted of the suspects.
func eachRepeat(
	group []*accepting, suspects map[recipient]bool, do func(*accepting, *quota.Repeat, sms.Number),
) {
	for _, r := range group {
		for i := range r.a.Repeats {
			for _, n := range r.a.Repeats[i].Numbers {
				if suspects[recipient{r.a.Drafts[0].Account, string(n)}] {
					do(r, &r.a.Repeats[i], n)
				}
			}
		}
	}
}
