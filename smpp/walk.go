package smpp

import (
	"bytes"
	"encoding/binary"
	"strconv"
	"strings"
)

// walk goes through the fields of a body in their order, and reads or writes each, so that
// the layout of a PDU stands once.
type walk struct {
	octets  []byte // reading: what is left; writing: what is there
	writing bool
	// short: a body may end early, and lack its last NUL. Responses do: some are sent
	// without the NUL that stands for an empty id (observed).
	short bool
	field string // the first that is wrong; empty: none
	want  string
	fault Status
}

func (w *walk) fail(field, want string, status Status) {
	if w.field == "" {
		w.field, w.want, w.fault = field, want, status
	}
}

// text is a C-string of at most limit octets, NUL included. What is read may be longer: who
// takes it judges it by Check.
func (w *walk) text(field string, v *string, limit int, status Status) {
	if w.writing {
		w.writeText(field, *v, limit, status)
		return
	}
	end := bytes.IndexByte(w.octets, 0)
	if end < 0 {
		if !w.short {
			w.fail(field, "a C-string", RINVCMDLEN)
		}
		*v, w.octets = string(w.octets), nil
		return
	}
	*v, w.octets = string(w.octets[:end]), w.octets[end+1:]
}

func (w *walk) writeText(field, v string, limit int, status Status) {
	switch {
	case len(v) >= limit:
		w.fail(field, "at most "+strconv.Itoa(limit-1)+" octets", status)
	case strings.IndexByte(v, 0) >= 0:
		w.fail(field, "no NUL within", status)
	}
	w.octets = append(append(w.octets, v...), 0)
}

// time is a C-string of no octet or of 16 (3.4, 7.1.1).
func (w *walk) time(field string, v *string, status Status) {
	if w.writing && *v != "" && len(*v) != timeLength {
		w.fail(field, "nothing, or a time of 16 characters", status)
	}
	w.text(field, v, timeLength+1, status)
}

// octet is a number of one octet.
func (w *walk) octet(field string, v *byte) {
	switch {
	case w.writing:
		w.octets = append(w.octets, *v)
	case len(w.octets) > 0:
		*v, w.octets = w.octets[0], w.octets[1:]
	case !w.short:
		w.fail(field, "an octet", RINVCMDLEN)
	}
}

// status is a command_status within a body.
func (w *walk) status(field string, v *Status) {
	switch {
	case w.writing:
		w.octets = binary.BigEndian.AppendUint32(w.octets, uint32(*v))
	case len(w.octets) >= 4:
		*v, w.octets = Status(binary.BigEndian.Uint32(w.octets)), w.octets[4:]
	default:
		w.fail(field, "four octets", RINVCMDLEN)
	}
}

// address is type, plan and number.
func (w *walk) address(field string, a *Address, limit int, status Status) {
	w.octet(field, &a.TON)
	w.octet(field, &a.NPI)
	w.text(field, &a.Addr, limit, status)
}

// message is sm_length and short_message. 3.4 allows 254 octets, 5.0 and peers 255.
func (w *walk) message(v *[]byte) {
	const field = "short_message"
	if w.writing {
		if len(*v) > MaxShortMessage {
			w.fail(field, "at most 254 octets", RINVMSGLEN)
		}
		w.octets = append(append(w.octets, byte(len(*v))), *v...)
		return
	}
	var length byte
	w.octet("sm_length", &length)
	if int(length) > len(w.octets) {
		w.fail(field, "as many octets as sm_length says", RINVMSGLEN)
		w.octets = nil
		return
	}
	if length > 0 {
		*v = bytes.Clone(w.octets[:length])
	}
	w.octets = w.octets[length:]
}

// tlvs are the optional parameters, the last of a body.
func (w *walk) tlvs(v *TLVs) {
	if !w.writing {
		if w.field == "" {
			*v, w.octets = parseTLVs(w.octets)
		}
		if len(w.octets) > 0 && !w.short {
			w.fail("optional parameters", "tag, length and value", RINVOPTPARSTREAM)
		}
		return
	}
	for _, one := range *v {
		if len(one.Value) > maxTLV {
			w.fail("optional parameter", "at most 65535 octets", RINVPARLEN)
			return
		}
		w.octets = binary.BigEndian.AppendUint16(w.octets, uint16(one.Tag))
		w.octets = binary.BigEndian.AppendUint16(w.octets, uint16(len(one.Value)))
		w.octets = append(w.octets, one.Value...)
	}
}
