package bench

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync/atomic"

	"github.com/jackc/pgx/v5"

	"relais/sms"
)

var databases atomic.Int64 // made by this process

// newDatabase makes an empty database beside the one of the options, and returns
// its URL.
func (s *session) newDatabase(ctx context.Context) (string, error) {
	conn, err := pgx.Connect(ctx, s.Database)
	if err != nil {
		return "", fmt.Errorf("connect to PostgreSQL: %w", err)
	}
	defer conn.Close(ctx) //nolint:errcheck // nothing was left open
	name := fmt.Sprintf("relais_bench_%d_%d", os.Getpid(), databases.Add(1))
	if _, err := conn.Exec(ctx, "CREATE DATABASE "+name); err != nil {
		return "", fmt.Errorf("make a database: %w", err)
	}
	address, err := url.Parse(s.Database)
	if err != nil {
		return "", errors.New("the database URL cannot be read")
	}
	address.Path = "/" + name
	return address.String(), nil
}

// remove drops what the server kept.
func (s *server) remove(ctx context.Context) error {
	err := os.RemoveAll(s.child.Data)
	if s.child.Database == "" {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, stopWithin)
	defer cancel()
	conn, failed := pgx.Connect(ctx, s.session.Database)
	if failed != nil {
		return errors.Join(err, failed)
	}
	defer conn.Close(ctx) //nolint:errcheck // nothing was left open
	address, failed := url.Parse(s.child.Database)
	if failed != nil {
		return errors.Join(err, failed)
	}
	_, failed = conn.Exec(ctx, "DROP DATABASE "+strings.TrimPrefix(address.Path, "/")+" WITH (FORCE)")
	return errors.Join(err, failed)
}

func readPostgres(ctx context.Context, address string) (map[sms.ID]string, error) {
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		return nil, err
	}
	defer conn.Close(ctx) //nolint:errcheck // it was only read from
	rows, err := conn.Query(ctx, "SELECT id, status FROM messages")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	found := map[sms.ID]string{}
	for rows.Next() {
		var id sms.ID
		var status string
		if err := rows.Scan((*[16]byte)(&id), &status); err != nil {
			return nil, err
		}
		found[id] = status
	}
	return found, rows.Err()
}

// acceptTwoNodes shares the load of acceptSingle between two nodes.
func (s *session) acceptTwoNodes(ctx context.Context, round int) (Run, error) {
	operator, err := startOperator(ctx)
	if err != nil {
		return Run{}, err
	}
	defer operator.close()
	first, err := s.start(ctx, Child{Role: RoleGateway, Operator: operator.url},
		strings.TrimSuffix(runTwoNodes, onPostgres), round)
	if err != nil {
		return Run{}, err
	}
	second, err := s.start(ctx, Child{
		Role: RoleGateway, Operator: operator.url,
		Database: first.child.Database,
	}, "second", round)
	if err != nil {
		return Run{}, errors.Join(err, first.stop())
	}
	first.beside = []*server{second}
	l, err := first.closedLoop(ctx, dueLater(1))
	err = errors.Join(err, second.stop())
	return first.finish(ctx, l, err, func() error { return stored(ctx, first.database(), l.ids, "queued") })
}
