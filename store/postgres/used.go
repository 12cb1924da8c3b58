package postgres

import (
	"github.com/jackc/pgx/v5"
)

// countTemplates counts what was made with templates. It locks them in one order, so that
// two nodes that count the same ones wait for each other and not in a circle.
const countTemplates = `WITH made AS (
		SELECT account, template, sum(messages) AS messages, max(at) AS at
		FROM unnest($1::text[], $2::uuid[], $3::uuid[], $4::integer[], $5::bigint[], $6::text[])
			AS t (account, submission, template, messages, at, key)
		WHERE ` + ours + ` GROUP BY account, template),
	locked AS (
		SELECT p.account, p.id, made.messages, made.at FROM made
		JOIN templates p ON p.account = made.account AND p.id = made.template
		ORDER BY p.account, p.id FOR UPDATE OF p)
	UPDATE templates p SET uses = p.uses + locked.messages, used_at = greatest(p.used_at, locked.at)
	FROM locked WHERE p.account = locked.account AND p.id = locked.id`

// queueTemplates counts the templates of a group, where it has some.
func queueTemplates(batch *pgx.Batch, group []*accepting) {
	var accounts []string
	var submissions, templates uuids
	var messages []int32
	var at []int64
	var keys texts
	for _, r := range group {
		if r.a.Template.IsZero() {
			continue
		}
		m := &r.a.Drafts[0].Message
		accounts, submissions = append(accounts, m.Account), append(submissions, m.Submission)
		templates, messages = append(templates, r.a.Template), append(messages, int32(len(r.a.Drafts)))
		at, keys = append(at, micros(r.a.At)), append(keys, r.key())
	}
	if len(accounts) > 0 {
		batch.Queue(countTemplates, accounts, submissions, templates, messages, at, keys)
	}
}
