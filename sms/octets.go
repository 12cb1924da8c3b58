package sms

import (
	"encoding/hex"
	"errors"
	"strings"
)

// Octets are a binary message: what a program of the handset gets.
type Octets struct {
	Header []byte // user data header, its length octet first (TS 23.040, 9.2.3.24); nil: none
	Data   []byte
}

// ErrOctets is a text that is no binary message.
var ErrOctets = errors.New("no header and data in hexadecimal with a colon between")

const (
	mostOctets = 140 // of one segment, header included (TS 23.040, 9.2.3.24)
	partOctets = 5   // of the element that numbers a part, with 8 bits of reference (9.2.3.24.1)
)

// Text is how a binary message stands where others have their text, in Message.Text: header and
// data in hexadecimal, with a colon between. Whatever keeps, hides or erases texts does the same
// with it.
func (o Octets) Text() string {
	return hex.EncodeToString(o.Header) + ":" + hex.EncodeToString(o.Data)
}

// OctetsOf reads what Text wrote.
func OctetsOf(text string) (o Octets, err error) {
	header, data, found := strings.Cut(text, ":")
	if !found {
		return o, ErrOctets
	}
	if o.Header, err = hex.DecodeString(header); err == nil {
		o.Data, err = hex.DecodeString(data)
	}
	if err != nil {
		return Octets{}, ErrOctets
	}
	return o, nil
}

// Segments is how many segments the message takes; 0: it cannot be sent, because its header
// leaves no room, or numbers a part itself and the message is longer than one segment.
func (o Octets) Segments() int {
	if len(o.Header)+len(o.Data) <= mostOctets {
		return 1
	}
	room := o.room()
	if room <= 0 || o.numbered() {
		return 0
	}
	return (len(o.Data) + room - 1) / room
}

// room is how much data stands in each of several segments.
func (o Octets) room() int { return mostOctets - max(1, len(o.Header)) - partOctets }

// numbered reports whether the header says which part of a longer message this is.
func (o Octets) numbered() bool {
	const part8, part16 = 0x00, 0x08
	for rest := o.Header; len(rest) > 2; rest = rest[min(len(rest)-1, 1+int(rest[2])+1):] {
		if rest[1] == part8 || rest[1] == part16 {
			return true
		}
	}
	return false
}

// Split gives the segments, each with the elements of the header and, where there are several,
// the number of its part under a reference.
func (o Octets) Split(reference byte) []Octets {
	count := o.Segments()
	if count <= 1 {
		return []Octets{o}
	}
	var elements []byte
	if len(o.Header) > 0 {
		elements = o.Header[1:]
	}
	parts, room := make([]Octets, count), o.room()
	for i := range parts {
		header := append([]byte{byte(len(elements) + partOctets), 0, 3, reference, byte(count), byte(i + 1)}, elements...)
		parts[i] = Octets{Header: header, Data: o.Data[i*room : min((i+1)*room, len(o.Data))]}
	}
	return parts
}
