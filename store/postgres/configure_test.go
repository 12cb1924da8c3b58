package postgres

import (
	"testing"
	"time"
)

// TestConnectHasAnEnd: a server that takes the connection and says nothing is given
// up, after what the URL says.
func TestConnectHasAnEnd(t *testing.T) {
	for _, tc := range []struct {
		name, address string
		want          time.Duration
	}{
		{"URL without a time", "postgres://relais@127.0.0.1/relais", 10 * time.Second},
		{"URL with one", "postgres://relais@127.0.0.1/relais?connect_timeout=3", 3 * time.Second},
	} {
		t.Run(tc.name, func(t *testing.T) {
			config, err := configure(tc.address)
			if err != nil {
				t.Fatal(err)
			}
			if got := config.ConnConfig.ConnectTimeout; got != tc.want {
				t.Errorf("ConnectTimeout = %v, want %v", got, tc.want)
			}
		})
	}
}
