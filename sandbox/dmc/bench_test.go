package dmc

import (
	"net/url"
	"testing"

	"relais/sandbox/world"
)

func BenchmarkAnswer(b *testing.B) {
	d := New(world.New(world.Options{}), Options{})
	form := url.Values{
		"authenticate":    {`{"serviceId":"` + ServiceID + `","servicePassword":"` + Password + `","spaceId":"` + SpaceID + `","lang":"fr_FR"}`},
		"messageUnitaire": {`{"media":"SMS","textMsg":"Votre code est 4821","to":"0639980101","from":"` + Sender + `","refExt":"ref"}`},
	}
	b.ReportAllocs()
	for b.Loop() {
		if a := d.answer(request{"MessagesUnitairesWS", "addSingleCall", form}); a.Taken != 1 {
			b.Fatal(string(a.Body))
		}
	}
}
