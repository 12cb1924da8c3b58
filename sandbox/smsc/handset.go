package smsc

import (
	"encoding/hex"
	"strings"

	"relais/sandbox/world"
	"relais/smpp"
)

// arrive puts a message on its handset, a long one when its last part is there.
func (s *SMSC) arrive(m *message) {
	content := m.sm.Content()
	parts := []*message{m}
	if content.Part && content.Concat.Total > 1 {
		if parts = s.ledger.join(m, content.Concat); parts == nil {
			return
		}
	}
	s.world.Handsets.Arrive(m.number, textOf(parts))
	s.world.AnswerFor(&m.course, m.number)
}

// textOf is what the handset shows of the parts of a message.
func textOf(parts []*message) world.Text {
	first := parts[0]
	shown := world.Text{
		From: first.sm.Source.Addr, Kind: kindOf(&first.sm), Operator: world.SMSC, OperatorID: first.answerID,
		Reference: referenceOf(&first.sm), At: first.at,
	}
	if shown.Kind == world.Binary {
		for _, part := range parts {
			content := part.sm.Content()
			shown.Data += hex.EncodeToString(content.Text)
		}
		shown.UDH = headerOf(&first.sm)
		return shown
	}
	var text strings.Builder
	for _, part := range parts {
		text.WriteString(part.text())
	}
	shown.Text = text.String()
	return shown
}

// text is the text of one part, as its handset reads it. What it cannot read it shows as boxes.
func (m *message) text() string {
	content := m.sm.Content()
	charset, known := smpp.CharsetOf(m.sm.DataCoding, alphabets[m.settings.Alphabet])
	if !known {
		return strings.Repeat("□", len(content.Text))
	}
	text, err := charset.Decode(content.Text, content.HeaderLength)
	if err != nil {
		return strings.Repeat("□", len(content.Text))
	}
	return text
}

// headerOf is the user data header in hexadecimal, its length octet first; empty where there is
// none.
func headerOf(sm *smpp.SM) string {
	content := sm.Content()
	return hex.EncodeToString(sm.Octets()[:content.HeaderLength])
}

// kindOf is what a message is to its handset (GSM 03.38, 4; dest_addr_subunit: 3.4, 5.3.2.1).
func kindOf(sm *smpp.SM) string {
	const display = 1
	if eightBit(sm.DataCoding) {
		return world.Binary
	}
	unit, _ := sm.TLVs.Number(smpp.TagDestAddrSubunit)
	if classZero(sm.DataCoding) || unit == display {
		return world.Flash
	}
	return ""
}

// eightBit reports whether a data_coding is octets for a program.
func eightBit(coding byte) bool {
	const alphabet, octets = 0x0C, 0x04
	switch {
	case coding == 0x02 || coding == 0x04: // 3.4, 5.2.19
		return true
	case coding >= 0xF0:
		return coding&octets != 0
	case coding >= 0x10 && coding <= 0x1F:
		return coding&alphabet == octets
	default:
		return false
	}
}

// classZero reports whether a data_coding has message class 0.
func classZero(coding byte) bool {
	const class = 0x03
	return coding&class == 0 && (coding >= 0xF0 || coding >= 0x10 && coding <= 0x1F)
}
