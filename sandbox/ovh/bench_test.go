package ovh

import (
	"testing"

	"relais/sandbox/world"
)

func BenchmarkSubmit(b *testing.B) {
	l := New(world.New(world.Options{}), Options{}).ledger
	body := []byte(`{"message":"Votre code est 4821","receivers":["+33639980101"],"sender":"RELAIS","noStopClause":true,"tag":"tag"}`)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := l.submit(l.accounts[0], body); err != nil {
			b.Fatal(err)
		}
	}
}
