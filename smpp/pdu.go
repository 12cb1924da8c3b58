package smpp

import (
	"bytes"
	"encoding/binary"
)

// Limits of lengths, in octets.
const (
	headerLength = 16
	// MaxLength is the longest PDU that is read or written: the longest message_payload and
	// what stands around it. The specification has no limit; peers have 7,424 to 65,536
	// (observed).
	MaxLength       = 70_000
	MaxShortMessage = 254 // short_message (3.4, 5.2.21)
	maxTLV          = 65_535
)

// PDU is one request or response.
type PDU struct {
	Status   Status // OK in requests
	Sequence uint32
	Body     Body
	// Tail is what stands behind the fields that the command has: the whole body of a
	// response that is a refusal, which should have none and sometimes has (5.0, 3.2.1.3),
	// and octets without a meaning. It is written as it is.
	Tail []byte
}

// Body is what a command says: one of the types of body.go.
type Body interface {
	Command() Command
	fields(w *walk)
}

// Info is what a refusal says in words: additional_status_info_text, which some send.
func (p PDU) Info() string {
	for _, octets := range [][]byte{p.Tail, afterText(p.Tail)} {
		found, rest := parseTLVs(octets)
		if info, present := found.Text(TagAdditionalStatus); present && len(rest) == 0 {
			return info
		}
	}
	return ""
}

// afterText is what stands behind a C-string.
func afterText(octets []byte) []byte {
	_, rest, _ := bytes.Cut(octets, []byte{0})
	return rest
}

// Append writes p behind dst. A field over its limit is a *FieldError, and nothing is
// appended.
func Append(dst []byte, p PDU) ([]byte, error) {
	command := p.Body.Command()
	start := len(dst)
	w := walk{octets: append(dst, make([]byte, headerLength)...), writing: true}
	if !refuses(command, p.Status) {
		p.Body.fields(&w)
	}
	w.octets = append(w.octets, p.Tail...)
	length := len(w.octets) - start
	if length > MaxLength {
		w.fail("command_length", "at most 70000 octets", RINVCMDLEN)
	}
	if w.field != "" {
		return dst, &FieldError{Command: command, Field: w.field, Want: w.want, Status: w.fault}
	}
	header := w.octets[start:]
	binary.BigEndian.PutUint32(header, uint32(length))
	binary.BigEndian.PutUint32(header[4:], uint32(command))
	binary.BigEndian.PutUint32(header[8:], uint32(p.Status))
	binary.BigEndian.PutUint32(header[12:], p.Sequence)
	return w.octets, nil
}

// Check judges the fields of what a peer sent by the limits that Append keeps. It returns nil
// where there is nothing to say.
func Check(body Body) *FieldError {
	w := walk{writing: true}
	body.fields(&w)
	if w.field == "" {
		return nil
	}
	return &FieldError{Command: body.Command(), Field: w.field, Want: w.want, Status: w.fault}
}

// refuses reports whether a PDU has no body because it is a refusal.
func refuses(command Command, status Status) bool { return command.IsResponse() && status != OK }

// parse reads one whole PDU. The result shares no memory with octets.
func parse(octets []byte) (PDU, error) {
	command := Command(binary.BigEndian.Uint32(octets[4:]))
	p := PDU{
		Status:   Status(binary.BigEndian.Uint32(octets[8:])),
		Sequence: binary.BigEndian.Uint32(octets[12:]),
		Body:     newBody(command),
	}
	w := walk{octets: octets[headerLength:], short: command.IsResponse()}
	if !refuses(command, p.Status) {
		p.Body.fields(&w)
	}
	if w.field != "" {
		return p, &BodyError{Command: command, Sequence: p.Sequence, Status: w.fault, Field: w.field}
	}
	if len(w.octets) > 0 {
		p.Tail = bytes.Clone(w.octets)
	}
	return p, nil
}
