package gateway

import (
	"encoding/hex"
	"errors"
	"unicode/utf8"

	"relais/reason"
	"relais/sms"
)

// Codes of binary messages.
const (
	CodeDataEmpty    reason.Code = "data_empty"
	CodeDataKind     reason.Code = "data_without_binary"
	CodeDataTooLong  reason.Code = "data_too_long"
	CodeNotHex       reason.Code = "not_hexadecimal"
	CodeTextBesides  reason.Code = "text_and_data"
	CodeUDH          reason.Code = "udh_broken"
	codeNotHexOdd    reason.Code = "not_hexadecimal/odd"
	codeUDHLength    reason.Code = "udh_broken/length"
	codeUDHElement   reason.Code = "udh_broken/element"
	codeDataNumbered reason.Code = "data_too_long/numbered"
	mostHeader                   = 140
)

// makeOctets makes the text of a binary message out of what the caller wrote. Others have neither
// data nor header.
func (s *Submission) makeOctets() error {
	if s.Kind != sms.Binary {
		for field, given := range map[string]string{"/data": s.Data, "/udh": s.UDH} {
			if given != "" {
				return refusedFor(field, reason.Of(CodeDataKind, nil))
			}
		}
		return nil
	}
	switch {
	case s.Template != nil:
		return refusedFor("/template", reason.Of(CodeTextBesides, nil))
	case s.Text != "":
		return refusedFor("/text", reason.Of(CodeTextBesides, nil))
	case s.Data == "" && s.UDH == "":
		return refusedFor("/data", reason.Of(CodeDataEmpty, nil))
	}
	data, err := octetsOf("/data", s.Data)
	if err != nil {
		return err
	}
	header, err := octetsOf("/udh", s.UDH)
	if err != nil {
		return err
	}
	if why := checkHeader(header); !why.IsZero() {
		return refusedFor("/udh", why)
	}
	o := sms.Octets{Header: header, Data: data}
	if o.Segments() == 0 {
		return refusedFor("/data", reason.Of(codeDataNumbered, reason.Args{
			"octets": reason.Count(len(data)), "most": reason.Count(mostHeader - len(header)),
		}))
	}
	s.Text = o.Text()
	return nil
}

// octetsOf reads octets in hexadecimal, and says where they are none.
func octetsOf(field, text string) ([]byte, error) {
	octets, err := hex.DecodeString(text)
	if err == nil {
		return octets, nil
	}
	if errors.Is(err, hex.ErrLength) {
		return nil, refusedFor(field, reason.Of(codeNotHexOdd, reason.Args{"digits": reason.Count(len(text))}))
	}
	position := 1
	for _, r := range text {
		if r >= utf8.RuneSelf || !isHexDigit(byte(r)) {
			break
		}
		position++
	}
	return nil, refusedFor(field, reason.Of(CodeNotHex, reason.Args{"position": reason.Count(position)}))
}

func isHexDigit(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

// checkHeader judges a user data header (TS 23.040, 9.2.3.24): its first octet is how many follow,
// and each element is its name, its length, and as many octets.
func checkHeader(header []byte) reason.Reason {
	if len(header) == 0 {
		return reason.Reason{}
	}
	if int(header[0]) != len(header)-1 || len(header) > mostHeader {
		return reason.Of(codeUDHLength, reason.Args{
			"says": reason.Count(int(header[0])), "follow": reason.Count(len(header) - 1), "most": reason.Count(mostHeader - 1),
		})
	}
	for at := 1; at < len(header); {
		if at+1 >= len(header) || at+2+int(header[at+1]) > len(header) {
			return reason.Of(codeUDHElement, reason.Args{"octet": reason.Count(at + 1)})
		}
		at += 2 + int(header[at+1])
	}
	return reason.Reason{}
}
