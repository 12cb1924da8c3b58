package number_test

import (
	"testing"

	"relais/number"
)

func BenchmarkParse(b *testing.B) {
	for _, bc := range []struct{ name, raw string }{
		{"E.164 metropolitan", "+33612345678"},
		{"E.164 overseas", "+262692123456"},
		{"national", "06 12 34 56 78"},
		{"national overseas", "0692123456"},
		{"repaired", "+33692123456"},
		{"refused", "0891123456"},
		{"Belgian", "+32470123456"},
		{"British", "+447400123456"},
		{"American", "+12012345678"},
		{"British with a zero", "+44 (0)7400 123456"},
	} {
		b.Run(bc.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, _ = number.Parse(bc.raw, "FR")
			}
		})
	}
}
