package smpp

import (
	"math/big"
	"strings"
)

// Base says in which bases an SMSC writes the number of a message.
type Base uint8

// The bases.
const (
	SameBase Base = iota // the same in the response and in the receipt
	HexDec               // hexadecimal in the response, decimal in the receipt
	DecHex               // decimal in the response, hexadecimal in the receipt
)

// IDRule makes the id of a response and the id of a receipt comparable. The zero value compares
// octets, as the specification has it; SMSCs exist for each of the others.
type IDRule struct {
	Base      Base
	Fold      bool // capitals do not matter
	TrimZeros bool // nor do zeros in front
}

// Answered is the key of the id in a response.
func (r IDRule) Answered(id string) string {
	if r.Base == HexDec {
		return inBase(id, 16, r)
	}
	return r.plain(id, r.Base != SameBase)
}

// Receipted is the key of the id in a receipt.
func (r IDRule) Receipted(id string) string {
	if r.Base == DecHex {
		return inBase(id, 16, r)
	}
	return r.plain(id, r.Base != SameBase)
}

// inBase is a number in decimal digits, of any length; what is no number stays.
func inBase(id string, base int, r IDRule) string {
	n, ok := new(big.Int).SetString(id, base)
	if !ok || len(id) > maxMessageID || n.Sign() < 0 || strings.HasPrefix(id, "+") {
		return r.plain(id, false)
	}
	return n.String()
}

// plain is the id without what the rule overlooks. A number that was compared in another base
// has no zeros in front.
func (r IDRule) plain(id string, number bool) string {
	if r.Fold {
		id = strings.ToLower(id)
	}
	if (r.TrimZeros || number) && id != "" {
		id = strings.TrimLeft(id, "0")
		if id == "" {
			return "0"
		}
	}
	return id
}
