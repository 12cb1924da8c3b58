package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWithStdin(t *testing.T) {
	for _, tc := range []struct {
		name       string
		args, want []string
	}{
		{"apart", []string{"send", "--text", "-", "--wait"}, []string{"send", "--text=-", "--wait"}},
		{"joined", []string{"send", "--text=-"}, []string{"send", "--text=-"}},
		{"last", []string{"send", "--text"}, []string{"send", "--text"}},
		{"a text", []string{"send", "--text", "a", "-"}, []string{"send", "--text", "a", "-"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, withStdin(tc.args)); diff != "" {
				t.Errorf("withStdin (-want +got):\n%s", diff)
			}
		})
	}
}
