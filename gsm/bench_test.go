package gsm_test

import (
	"strings"
	"testing"

	"relais/gsm"
)

func BenchmarkCount(b *testing.B) {
	for _, bc := range []struct{ name, text string }{
		{"code", "Votre code est 482913. Il est valable 10 minutes."},
		{"full", strings.Repeat("Bonjour à tous, ", 10)},
		{"three with euros", strings.Repeat("10 € pour vous, ", 25)},
		{"ucs2", strings.Repeat("Fête de la forêt ", 10)},
	} {
		b.Run(bc.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				gsm.CountWith(bc.text, "STOP 36180")
			}
		})
	}
}
