package smpp

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"relais/smpp"
)

// A parameter is an optional parameter of the operator's own, of which messages bring the value in
// their metadata.
type parameter struct {
	name string // of the metadata
	tag  smpp.Tag
	form string
}

// Forms of the value of a parameter. The first is a C-string, the others are what Kannel calls
// octetstring and integer (documented: Kannel's user guide, group smpp-tlv).
const (
	formText   = "text"
	formOctets = "octets"
	formUint8  = "uint8"
	formUint16 = "uint16"
	formUint32 = "uint32"
)

// Tags that operators have for parameters of their own (3.4, 5.3.1).
const (
	firstOwnTag = 0x1400
	lastOwnTag  = 0x3FFF
)

// mostParameters bounds the parameters of a section (our choice).
const mostParameters = 32

// parameterOf reads "campaign=0x1400" or "campaign=0x1400:octets".
func parameterOf(text string) (p parameter, ok bool) {
	name, rest, found := strings.Cut(text, "=")
	tag, form, formed := strings.Cut(rest, ":")
	if !formed {
		form = formText
	}
	number, err := strconv.ParseUint(strings.TrimSpace(tag), 0, 16)
	p = parameter{strings.TrimSpace(name), smpp.Tag(number), strings.TrimSpace(form)}
	return p, found && err == nil && p.name != "" && number >= firstOwnTag && number <= lastOwnTag && isForm(p.form)
}

func isForm(form string) bool {
	switch form {
	case formText, formOctets, formUint8, formUint16, formUint32:
		return true
	default:
		return false
	}
}

// goodParameters reports whether every parameter can be read, and none comes twice.
func goodParameters(texts []string) bool {
	names, tags := map[string]bool{}, map[smpp.Tag]bool{}
	for _, text := range texts {
		p, ok := parameterOf(text)
		if !ok || names[p.name] || tags[p.tag] {
			return false
		}
		names[p.name], tags[p.tag] = true, true
	}
	return len(texts) <= mostParameters
}

// parametersOf reads what Validate has seen.
func parametersOf(texts []string) []parameter {
	parameters := make([]parameter, len(texts))
	for i, text := range texts {
		parameters[i], _ = parameterOf(text)
	}
	return parameters
}

// own are the parameters that a message brings, in the order of the section.
func (i *instance) own(metadata map[string]string) (tlvs smpp.TLVs, err error) {
	for _, p := range i.parameters {
		text, brought := metadata[p.name]
		if !brought {
			continue
		}
		value, want := p.value(text)
		if want != "" {
			return nil, refused("metadata", fmt.Sprintf("the value of %q in metadata cannot be sent: want %s", p.name, want))
		}
		tlvs = append(tlvs, smpp.TLV{Tag: p.tag, Value: value})
	}
	return tlvs, nil
}

// mostText is as much as is met of a C-string in a parameter of an operator (documented: OVH has 64).
const mostText = 254

// value is how a value travels; want is what it would have to be where it cannot.
func (p parameter) value(text string) (octets []byte, want string) {
	switch p.form {
	case formText:
		if !within(text, 0, mostText) {
			return nil, fmt.Sprintf("at most %d ASCII characters", mostText)
		}
		return append([]byte(text), 0), ""
	case formOctets:
		octets, err := hex.DecodeString(text)
		if err != nil {
			return nil, "octets in hexadecimal, two digits each"
		}
		return octets, ""
	default:
		return p.number(text)
	}
}

func (p parameter) number(text string) (octets []byte, want string) {
	bits := map[string]int{formUint8: 8, formUint16: 16, formUint32: 32}[p.form]
	number, err := strconv.ParseUint(text, 10, bits)
	if err != nil {
		return nil, fmt.Sprintf("a number of 0 to %d", uint64(1)<<bits-1)
	}
	return binary.BigEndian.AppendUint32(nil, uint32(number))[4-bits/8:], ""
}
