package app_test

import (
	"fmt"
	"os"
	"testing"

	"go.uber.org/goleak"

	"relais/internal/pgtest"
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
