package terms

import (
	"strings"
	"unicode/utf8"

	"relais/gsm"
	"relais/reason"
	"relais/sms"
	"relais/typography"
)

// Size is what a text costs: its STOP clause counts too.
type Size struct {
	Encoding sms.Encoding
	Segments int
	Decision reason.Reason
	Warnings []reason.Reason
}

// Codes of segments.
const (
	CodeEncoding reason.Code = "encoding"
	CodeUCS2     reason.Code = "ucs2"
	CodeDamaged  reason.Code = "text_damaged"

	codeGSM     reason.Code = "encoding/gsm7"
	codeUCS2    reason.Code = "encoding/ucs2"
	codeAsMany  reason.Code = "encoding/as_many"
	codeWithout reason.Code = "encoding/without"
	codeOctets  reason.Code = "encoding/octets"

	phraseOneSegment reason.Code = "words/one_segment"
	phraseSegments   reason.Code = "words/segments_of"
)

// Size counts the segments as they will be billed.
func (t *Text) Size() Size {
	if t.Binary {
		return t.octets()
	}
	info := t.Count()
	s := Size{Encoding: sms.Encoding(info.Alphabet.String()), Segments: info.Segments}
	if at := strings.IndexRune(t.Sent, utf8.RuneError); at >= 0 {
		position := utf8.RuneCountInString(t.Sent[:at]) + 1
		s.Warnings = append(s.Warnings,
			reason.Of(CodeDamaged, reason.Args{"position": reason.Count(position)}))
	}
	if info.Alphabet == gsm.SevenBit {
		s.Decision = reason.Of(codeGSM, reason.Args{"size": segments(info)})
		return s
	}
	s.Decision = t.inUCS2(info)
	s.Warnings = append(s.Warnings, s.Decision.As(CodeUCS2))
	return s
}

// octets counts a binary message; one that cannot be sent has 0 segments.
func (t *Text) octets() Size {
	o, err := sms.OctetsOf(t.Sent)
	if err != nil { // whoever took the message looked at it
		return Size{Encoding: sms.Octet}
	}
	n := o.Segments()
	return Size{Encoding: sms.Octet, Segments: n, Decision: reason.Of(codeOctets, reason.Args{
		"octets": reason.Count(len(o.Header) + len(o.Data)), "segments": reason.Count(n),
	})}
}

func segments(info gsm.Info) reason.Reason {
	if info.Segments == 1 {
		return reason.Of(phraseOneSegment, nil)
	}
	return reason.Of(phraseSegments, reason.Args{
		"segments": reason.Count(info.Segments), "characters": reason.Count(info.PerSegment),
	})
}

// inUCS2 names the characters that the GSM alphabet lacks, where they stand, and what
// they cost.
func (t *Text) inUCS2(info gsm.Info) reason.Reason {
	costly := typography.Placed(gsm.Costly(t.Counted + t.Suffix))
	why := reason.Of(codeUCS2, reason.Args{"characters": costly, "size": segments(info)})
	replaced, _, ok := typography.Replace(t.Counted)
	if !ok || typography.Blank(replaced) {
		return why
	}
	switch n := gsm.CountWith(replaced, t.Suffix).Segments; {
	case n == info.Segments:
		return why.With(reason.Of(codeAsMany, nil))
	case n < info.Segments:
		return why.With(reason.Of(codeWithout, reason.Args{"count": reason.Count(n)}))
	default: // they cost nothing
		return why
	}
}
