package smpp

import (
	"bytes"
	"encoding/binary"
	"errors"
)

// Bits of esm_class (3.4, 5.2.12).
const (
	ESMHeader       = 0x40 // the text begins with a user data header
	ESMKind         = 0x3C // of deliver_sm: the bits that say what it is
	ESMReceipt      = 0x04 // a receipt
	ESMIntermediate = 0x20 // a receipt that is not final
)

// Element is one information element of a user data header (3GPP TS 23.040, 9.2.3.24).
type Element struct {
	ID   byte
	Data []byte
}

// Elements that are known here.
const (
	elementConcat8  = 0x00 // reference of 8 bits, total, number
	elementConcat16 = 0x08 // the same with a reference of 16 bits
)

// Header is a user data header without its length.
type Header []Element

// ErrHeader is a user data header whose lengths contradict each other.
var ErrHeader = errors.New("user data header is cut short")

// ParseHeader reads a user data header and returns what stands behind it. The length octet
// counts in len(octets)-len(text).
func ParseHeader(octets []byte) (header Header, text []byte, err error) {
	if len(octets) == 0 || int(octets[0]) > len(octets)-1 {
		return nil, octets, ErrHeader
	}
	end := 1 + int(octets[0])
	inner, text := octets[1:end], octets[end:]
	for len(inner) > 0 {
		if len(inner) < 2 || int(inner[1]) > len(inner)-2 {
			return nil, octets, ErrHeader
		}
		end := 2 + int(inner[1])
		header = append(header, Element{ID: inner[0], Data: bytes.Clone(inner[2:end])})
		inner = inner[end:]
	}
	return header, text, nil
}

// Append writes the header, its length first.
func (h Header) Append(dst []byte) []byte {
	start := len(dst)
	dst = append(dst, 0)
	for _, one := range h {
		dst = append(append(dst, one.ID, byte(len(one.Data))), one.Data...)
	}
	dst[start] = byte(len(dst) - start - 1)
	return dst
}

// Concat says which part of a long message a PDU is.
type Concat struct {
	Ref   uint16
	Wide  bool // Ref has 16 bits
	Total byte
	Seq   byte // from 1
}

// valid reports whether there can be such a part.
func (c Concat) valid() bool { return c.Total > 0 && c.Seq > 0 && c.Seq <= c.Total }

// Concat finds the part in a header, wherever the element stands. present is false where there
// is none, or where it makes no sense: then the text stands alone (3GPP TS 23.040, 9.2.3.24.1).
func (h Header) Concat() (c Concat, present bool) {
	for _, one := range h {
		switch {
		case one.ID == elementConcat8 && len(one.Data) == 3:
			c = Concat{Ref: uint16(one.Data[0]), Total: one.Data[1], Seq: one.Data[2]}
		case one.ID == elementConcat16 && len(one.Data) == 4:
			c = Concat{Ref: binary.BigEndian.Uint16(one.Data), Wide: true, Total: one.Data[2], Seq: one.Data[3]}
		default:
			continue
		}
		if c.valid() {
			return c, true
		}
	}
	return Concat{}, false
}

// Header is the user data header of the part.
func (c Concat) Header() Header {
	if c.Wide {
		return Header{{ID: elementConcat16, Data: []byte{byte(c.Ref >> 8), byte(c.Ref), c.Total, c.Seq}}}
	}
	return Header{{ID: elementConcat8, Data: []byte{byte(c.Ref), c.Total, c.Seq}}}
}

// SAR are the optional parameters of the part, for peers that want these in the place of a
// header (3.4, 5.3.2.22 to 24).
func (c Concat) SAR() TLVs {
	return TLVs{
		NumberTLV(TagSARRef, 2, uint32(c.Ref)),
		NumberTLV(TagSARTotal, 1, uint32(c.Total)),
		NumberTLV(TagSARSeq, 1, uint32(c.Seq)),
	}
}

// sar reads them: all three, or none.
func (t TLVs) sar() (c Concat, present bool) {
	ref, first := t.Number(TagSARRef)
	total, second := t.Number(TagSARTotal)
	seq, third := t.Number(TagSARSeq)
	if !first || !second || !third || total > 0xFF || seq > 0xFF {
		return Concat{}, false
	}
	c = Concat{Ref: uint16(ref), Wide: true, Total: byte(total), Seq: byte(seq)}
	return c, c.valid()
}

// Octets are the header and the text: short_message, or message_payload where that is empty.
func (m *SM) Octets() []byte {
	if len(m.Text) > 0 {
		return m.Text
	}
	payload, _ := m.TLVs.Get(TagMessagePayload)
	return payload
}

// Content is a message taken apart.
type Content struct {
	Header       Header // nil: none
	HeaderLength int    // in octets, its length octet included
	Text         []byte
	Concat       Concat
	Part         bool // it is the part of a long message that Concat says
}

// Content takes the message apart. A header that cannot be read is taken for text.
func (m *SM) Content() Content {
	octets := m.Octets()
	content := Content{Text: octets}
	if m.ESMClass&ESMHeader != 0 {
		if header, text, err := ParseHeader(octets); err == nil {
			content = Content{Header: header, HeaderLength: len(octets) - len(text), Text: text}
			content.Concat, content.Part = header.Concat()
		}
	}
	if !content.Part {
		content.Concat, content.Part = m.TLVs.sar()
	}
	return content
}
