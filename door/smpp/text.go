package smpp

import (
	"encoding/hex"
	"strings"
	"unicode/utf8"

	"relais/gateway"
	"relais/smpp"
	"relais/sms"
)

// Bits of data_coding (3.4, 5.2.19; 3GPP TS 23.038, 4).
const (
	binary8 = 0x04 // 8-bit data
	binary2 = 0x02 // the same, as 3.4 has it beside 0x04
)

// isFlash reports whether a data_coding says message class 0: the handset shows the text at
// once.
func isFlash(coding byte) bool {
	return coding == 0x10 || coding == 0x18 || coding == 0xF0
}

// isBinary reports whether a data_coding says octets for a program of the handset.
func isBinary(coding byte) bool {
	switch {
	case coding == binary2, coding == binary8:
		return true
	case coding >= 0x14 && coding <= 0x17, coding >= 0xF4 && coding <= 0xF7:
		return true
	default:
		return false
	}
}

// displayUnit is the value of dest_addr_subunit that means flash (3.4, 5.3.2.1).
const displayUnit = 1

// fill puts the text or the octets of a message into a submission.
func (c *client) fill(s *gateway.Submission, sm *smpp.SM) smpp.Status {
	if payload, has := sm.TLVs.Get(smpp.TagMessagePayload); has && len(sm.Text) > 0 && len(payload) > 0 {
		return smpp.RINVMSGLEN // one or the other (3.4, 5.3.2.32)
	}
	return c.content(s, sm.DataCoding, sm.Content(), isFlashUnit(sm.TLVs))
}

func isFlashUnit(tlvs smpp.TLVs) bool {
	unit, present := tlvs.Number(smpp.TagDestAddrSubunit)
	return present && unit == displayUnit
}

// content puts what was taken apart, or put together, into a submission.
func (c *client) content(s *gateway.Submission, coding byte, content smpp.Content, flash bool) smpp.Status {
	header := unnumbered(content)
	if isBinary(coding) {
		s.Kind, s.Data = sms.Binary, hex.EncodeToString(content.Text)
		if len(header) > 0 {
			s.UDH = hex.EncodeToString(header.Append(nil))
		}
		return smpp.OK
	}
	if len(header) > 0 { // a header of the client's own goes with octets alone
		return smpp.RINVESMCLASS
	}
	charset, known := smpp.CharsetOf(coding, c.Alphabet)
	if !known {
		return smpp.RINVDCS
	}
	text, err := charset.Decode(content.Text, content.HeaderLength)
	if err != nil || strings.ContainsRune(text, utf8.RuneError) { // half of a surrogate pair
		return smpp.RINVDCS
	}
	if isFlash(coding) || flash {
		s.Kind = sms.Flash
	}
	s.Text = text
	return smpp.OK
}

// Elements that number a part (3GPP TS 23.040, 9.2.3.24.1 and 9.2.3.24.8).
const (
	concat8  = 0x00
	concat16 = 0x08
)

// unnumbered is the header without the number of the part.
func unnumbered(content smpp.Content) (rest smpp.Header) {
	for _, one := range content.Header {
		if one.ID != concat8 && one.ID != concat16 {
			rest = append(rest, one)
		}
	}
	return rest
}
