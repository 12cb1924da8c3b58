package sms

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Money is an amount in millionths of the unit of a currency: prices of one
// segment have up to five decimals.
type Money int64

// Unit is one unit of the currency.
const Unit Money = 1_000_000

const decimals = 6

var errMoney = errors.New(
	"an amount is written like 0.047 or 120, with a point and at most 6 decimals, below a thousand million",
)

// ParseMoney reads "0.047".
func ParseMoney(text string) (Money, error) {
	whole, part, point := strings.Cut(text, ".")
	if whole == "" || len(whole) > 9 || len(part) > decimals || point && part == "" {
		return 0, errMoney
	}
	for _, c := range whole + part {
		if c < '0' || c > '9' {
			return 0, errMoney
		}
	}
	amount, err := strconv.ParseInt(whole+part+strings.Repeat("0", decimals-len(part)), 10, 64)
	if err != nil {
		return 0, errMoney
	}
	return Money(amount), nil
}

// String writes the amount with two decimals, or as many more as it has.
func (m Money) String() string {
	sign := ""
	if m < 0 {
		sign, m = "-", -m
	}
	part := fmt.Sprintf("%06d", m%Unit)
	for len(part) > 2 && part[len(part)-1] == '0' {
		part = part[:len(part)-1]
	}
	return sign + strconv.FormatInt(int64(m/Unit), 10) + "." + part
}

// French writes the same with a comma.
func (m Money) French() string { return strings.Replace(m.String(), ".", ",", 1) }
