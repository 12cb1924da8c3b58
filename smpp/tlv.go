package smpp

import (
	"bytes"
	"encoding/binary"
)

// Tag names an optional parameter (3.4, 5.3.2).
type Tag uint16

// Tags that somebody here reads or writes. Others pass as they are.
const (
	TagDestAddrSubunit      Tag = 0x0005
	TagAdditionalStatus     Tag = 0x001D // additional_status_info_text
	TagReceiptedMessageID   Tag = 0x001E
	TagUserMessageReference Tag = 0x0204
	TagSARRef               Tag = 0x020C // sar_msg_ref_num
	TagSARTotal             Tag = 0x020E // sar_total_segments
	TagSARSeq               Tag = 0x020F // sar_segment_seqnum
	TagSCInterfaceVersion   Tag = 0x0210
	TagNetworkErrorCode     Tag = 0x0423
	TagMessagePayload       Tag = 0x0424
	TagMessageState         Tag = 0x0427
	TagCongestionState      Tag = 0x0428
)

// TLV is one optional parameter: its value is octets, zero of them at least.
type TLV struct {
	Tag   Tag
	Value []byte
}

// TLVs are the optional parameters of a PDU in their order, repeats included: callback_num
// and its like may come several times (3.4, 5.3.2.36).
type TLVs []TLV

// NumberTLV makes a parameter of a number in size octets: 1, 2 or 4.
func NumberTLV(tag Tag, size int, n uint32) TLV {
	var octets [4]byte
	binary.BigEndian.PutUint32(octets[:], n)
	return TLV{Tag: tag, Value: bytes.Clone(octets[4-size:])}
}

// TextTLV makes a parameter of a C-string: its NUL is added.
func TextTLV(tag Tag, text string) TLV {
	return TLV{Tag: tag, Value: append([]byte(text), 0)}
}

// Get returns the first value of a tag.
func (t TLVs) Get(tag Tag) (value []byte, present bool) {
	for _, one := range t {
		if one.Tag == tag {
			return one.Value, true
		}
	}
	return nil, false
}

// Text returns the first value of a tag as a C-string: what stands before its NUL, which
// some peers leave out.
func (t TLVs) Text(tag Tag) (text string, present bool) {
	value, present := t.Get(tag)
	if end := bytes.IndexByte(value, 0); end >= 0 {
		value = value[:end]
	}
	return string(value), present
}

// Number returns the first value of a tag as a number. A value of no octet, or of more than
// four, is none.
func (t TLVs) Number(tag Tag) (n uint32, present bool) {
	value, present := t.Get(tag)
	if !present || len(value) == 0 || len(value) > 4 {
		return 0, false
	}
	for _, octet := range value {
		n = n<<8 | uint32(octet)
	}
	return n, true
}

// tlvHeader is tag and length, two octets each.
const tlvHeader = 4

// parseTLVs reads parameters until octets end, or make no sense any more: rest is what was
// not read.
func parseTLVs(octets []byte) (found TLVs, rest []byte) {
	for len(octets) >= tlvHeader {
		length := int(binary.BigEndian.Uint16(octets[2:]))
		if length > len(octets)-tlvHeader {
			break
		}
		found = append(found, TLV{
			Tag:   Tag(binary.BigEndian.Uint16(octets)),
			Value: bytes.Clone(octets[tlvHeader : tlvHeader+length]),
		})
		octets = octets[tlvHeader+length:]
	}
	return found, octets
}
