package sender

import (
	"testing"
	"time"

	"relais/connector"
)

// An operator that lists nothing at all may be out of order: nothing is refused then.
func TestEmptyListRefusesNothing(t *testing.T) {
	d := NewDeclared(&connector.Facts{CheckSenders: true})
	d.keep(nil, time.Now())
	if why := d.Refuses(Read("Pool")); !why.IsZero() {
		t.Errorf("refused: %s", why.In("en"))
	}
	d.keep([]connector.DeclaredSender{{Name: "RELAIS", State: connector.SenderUsable}}, time.Now())
	if d.Refuses(Read("Pool")).IsZero() || !d.Refuses(Read("RELAIS")).IsZero() {
		t.Error("want the one sender of the list, and no other")
	}
}
