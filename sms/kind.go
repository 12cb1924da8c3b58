package sms

// Kind is what a message is to the handset that gets it.
type Kind string

// The kinds of messages. The zero kind is a text that the handset keeps among the others.
const (
	Plain Kind = ""
	// Flash is a text that the handset shows at once, and need not keep: message class 0
	// (TS 23.038, 4).
	Flash Kind = "flash"
	// Binary is octets for a program of the handset. Its Text is that of Octets.
	Binary Kind = "binary"
)

// Kinds lists every kind but Plain.
var Kinds = []Kind{Flash, Binary}

// Valid reports whether k is Plain or one of Kinds.
func (k Kind) Valid() bool { return k == Plain || k == Flash || k == Binary }

// Word is the kind as callers write it: that of an ordinary text is "text".
func (k Kind) Word() string {
	if k == Plain {
		return "text"
	}
	return string(k)
}
