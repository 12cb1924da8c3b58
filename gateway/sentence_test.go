package gateway

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// French begins its plural at two, English has it for nothing too.
func TestQuantity(t *testing.T) {
	for _, tc := range []struct {
		name string
		n    int
		want said
	}{
		{"nothing", 0, said{"0 messages", "0 message"}},
		{"one", 1, said{"1 message", "1 message"}},
		{"two", 2, said{"2 messages", "2 messages"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, quantity(tc.n, "message"), cmp.AllowUnexported(said{})); diff != "" {
				t.Errorf("quantity (-want +got):\n%s", diff)
			}
		})
	}
}
