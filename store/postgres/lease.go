package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"relais/duty"
	"relais/lane"
)

var _ duty.Leases = (*Store)(nil)

// holdLeases takes what is free, over, or of an earlier run of the same node, and
// renews what this run has. Names are sorted, so that two nodes that take the same
// ones wait for each other and not in a circle. The clock is read before that wait: a
// lease ends sooner for it, and none is thought over that was renewed meanwhile.
func holdLeases(life time.Duration) string {
	return fmt.Sprintf(`INSERT INTO leases AS l (name, node, run, token, ends_at)
	SELECT t.name, $2, $3, 1, clock.now + %[1]s
		FROM unnest($1::text[]) AS t (name) CROSS JOIN (SELECT clock_timestamp() AS now) AS clock ORDER BY t.name
	ON CONFLICT (name) DO UPDATE SET node = excluded.node, run = excluded.run, ends_at = excluded.ends_at,
		token = l.token + CASE WHEN l.node = excluded.node AND l.run = excluded.run THEN 0 ELSE 1 END
	WHERE l.node = excluded.node OR l.ends_at < excluded.ends_at - %[1]s
	RETURNING name, token`, fmt.Sprintf("interval '%d microseconds'", life.Microseconds()))
}

// releaseLeases lets them end in the past.
const releaseLeases = "UPDATE leases SET ends_at = 'epoch' WHERE node = $1 AND run = $2"

// Hold implements duty.Leases.
func (s *Store) Hold(
	ctx context.Context, node duty.Node, names []string, life time.Duration,
) (map[string]int64, error) {
	fences := map[string]int64{}
	rows, err := s.pool.Query(ctx, holdLeases(life), names, node.Name, node.Run)
	_, err = collect(rows, err, func(r row) (struct{}, error) {
		var name string
		var fence int64
		err := r.Scan(&name, &fence)
		fences[name] = fence
		return struct{}{}, err
	})
	if err != nil {
		return nil, fmt.Errorf("hold leases: %w", err)
	}
	return fences, nil
}

// Release implements duty.Leases.
func (s *Store) Release(ctx context.Context, node duty.Node) error {
	if _, err := s.pool.Exec(ctx, releaseLeases, node.Name, node.Run); err != nil {
		return fmt.Errorf("release leases: %w", explain(err))
	}
	return nil
}

// selectLease locks the lease that a claim needs: it cannot go to another node
// until the claim has ended.
const selectLease = `SELECT true FROM leases WHERE name = $1 AND node = $2 AND run = $3 AND token = $4
	AND ends_at > clock_timestamp() FOR SHARE`

func queueLease(batch *pgx.Batch, c lane.Claim, held *bool) {
	if *held = c.Lease == ""; *held {
		return
	}
	batch.Queue(selectLease, c.Lease, c.Node.Name, c.Node.Run, c.Fence).QueryRow(func(r pgx.Row) error {
		return ignoreNone(r.Scan(held))
	})
}
