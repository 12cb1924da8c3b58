package smpp_test

import (
	"bytes"
	"testing"

	"relais/smpp"
)

// endless repeats octets.
type endless struct {
	octets []byte
	at     int
}

func (e *endless) Read(p []byte) (int, error) {
	n := copy(p, e.octets[e.at:])
	e.at = (e.at + n) % len(e.octets)
	return n, nil
}

func BenchmarkRead(b *testing.B) {
	stream := &endless{octets: bytes.Repeat(octetsOf(b, vectors[2].hex), 16)}
	reader := smpp.NewReader(stream)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := reader.Next(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkWrite(b *testing.B) {
	var room []byte
	b.ReportAllocs()
	for b.Loop() {
		octets, err := smpp.Append(room[:0], vectors[2].want)
		if err != nil {
			b.Fatal(err)
		}
		room = octets
	}
}
