package postgres_test

import (
	"fmt"
	"os"
	"testing"

	"go.uber.org/goleak"

	"relais/internal/pgtest"
	"relais/store/postgres"
	"relais/store/storetest"
)

func TestMain(m *testing.M) {
	code, err := pgtest.Main(m)
	if err == nil && code == 0 {
		err = goleak.Find()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func TestStore(t *testing.T) {
	addresses := map[*testing.T]string{}
	storetest.Run(t, func(t *testing.T) storetest.Store {
		if addresses[t] == "" {
			addresses[t] = pgtest.Upgraded(t, postgres.Upgrade)
		}
		return open(t, addresses[t])
	})
}

func open(t *testing.T, address string) *postgres.Store {
	t.Helper()
	s, err := postgres.OpenWatched(t, address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}
