package gateway

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"relais/charset"
	"relais/reason"
	"relais/sms"
)

// Bounds of a submission that no setting changes.
const (
	maxReference     = 255
	maxMetadataBytes = 4096
	maxAhead         = 366 * 24 * time.Hour
	maxValidity      = 7 * 24 * time.Hour
	clockTolerance   = 5 * time.Second // a caller's "now" may be a little behind ours
)

// Codes of what is wrong for every recipient.
const (
	CodeRecipientsEmpty    reason.Code = "recipients_empty"
	CodeRecipientsTooMany  reason.Code = "recipients_too_many"
	CodeClassUnknown       reason.Code = "class_unknown"
	CodeKindUnknown        reason.Code = "kind_unknown"
	CodeReferenceTooLong   reason.Code = "reference_too_long"
	CodeReferenceCharacter reason.Code = "reference_forbidden_character"
	CodeTextEmpty          reason.Code = "text_empty"
	CodeTextNotUTF8        reason.Code = "text_not_utf8"
	CodeTextCharacter      reason.Code = "text_forbidden_character"
	CodeMetadataCharacter  reason.Code = "metadata_forbidden_character"
	CodeMetadataTooLarge   reason.Code = "metadata_too_large"
	CodeSendAtPast         reason.Code = "send_at_past"
	CodeSendAtTooFar       reason.Code = "send_at_too_far"
	CodeValidForRange      reason.Code = "valid_for_out_of_range"

	codeReferenceNotUTF8 reason.Code = "reference_forbidden_character/utf8"
	codeMetadataNotUTF8  reason.Code = "metadata_forbidden_character/utf8"
	phraseWindows1252    reason.Code = "words/character_windows_1252"
	phraseControl        reason.Code = "words/character_control"
	phraseNoCharacter    reason.Code = "words/character_none"
)

// check refuses what is wrong for every recipient.
func (g *Gateway) check(s *Submission, now time.Time) error {
	switch {
	case len(s.To) == 0:
		return refusedFor("/to", reason.Of(CodeRecipientsEmpty, nil))
	case len(s.To) > g.limits.Recipients:
		return refusedFor("/to", reason.Of(CodeRecipientsTooMany, reason.Args{
			"recipients": reason.Count(len(s.To)), "most": reason.Count(g.limits.Recipients),
		}))
	case s.Class != "" && !s.Class.Valid():
		return refusedFor("/class", reason.Of(CodeClassUnknown, nil))
	case !s.Kind.Valid():
		return refusedFor("/kind", reason.Of(CodeKindUnknown, nil))
	case utf8.RuneCountInString(s.Reference) > maxReference:
		return refusedFor("/reference",
			reason.Of(CodeReferenceTooLong, reason.Args{"most": reason.Count(maxReference)}))
	}
	if s.Kind != sms.Binary {
		if err := checkText(s.Text); err != nil {
			return err
		}
	}
	if !utf8.ValidString(s.Reference) {
		return refusedFor("/reference", reason.Of(codeReferenceNotUTF8, nil))
	}
	if strings.ContainsFunc(s.Reference, unicode.IsControl) {
		return refusedFor("/reference", reason.Of(CodeReferenceCharacter, nil))
	}
	if err := checkMetadata(s.Metadata); err != nil {
		return err
	}
	return checkTimes(s, now)
}

func checkText(text string) error {
	if strings.TrimSpace(text) == "" {
		return refusedFor("/text", reason.Of(CodeTextEmpty, nil))
	}
	if !utf8.ValidString(text) {
		return refusedFor("/text", reason.Of(CodeTextNotUTF8, nil))
	}
	for i, r := range text {
		if why := forbiddenCharacter(r); !why.IsZero() {
			position := reason.Count(utf8.RuneCountInString(text[:i]) + 1)
			return refusedFor("/text", reason.Of(CodeTextCharacter,
				reason.Args{"position": position, "why": why}))
		}
	}
	return nil
}

// forbiddenCharacter names a character that no text may hold; zero for any other.
func forbiddenCharacter(r rune) reason.Reason {
	const c1, c1End = 0x80, 0x9F
	args := func() reason.Args { return reason.Args{"code": reason.Name(fmt.Sprintf("U+%04X", r))} }
	switch {
	case r >= c1 && r <= c1End:
		if meant, ok := charset.Windows1252([]byte{byte(r)}); ok {
			named := args()
			named["meant"] = reason.Name(meant)
			return reason.Of(phraseWindows1252, named)
		}
		fallthrough
	case unicode.IsControl(r) && !strings.ContainsRune("\t\n\r\f", r):
		return reason.Of(phraseControl, args())
	case unicode.Is(unicode.Noncharacter_Code_Point, r):
		return reason.Of(phraseNoCharacter, args())
	}
	return reason.Reason{}
}

func checkMetadata(metadata map[string]string) error {
	size := 0
	for key, value := range metadata {
		size += len(key) + len(value)
		if !utf8.ValidString(key) || !utf8.ValidString(value) {
			return refusedFor("/metadata", reason.Of(codeMetadataNotUTF8, nil))
		}
		if strings.ContainsRune(key+value, 0) {
			return refusedFor("/metadata", reason.Of(CodeMetadataCharacter, nil))
		}
	}
	if size > maxMetadataBytes {
		return refusedFor("/metadata", reason.Of(CodeMetadataTooLarge, reason.Args{
			"bytes": reason.Count(size), "most": reason.Count(maxMetadataBytes),
		}))
	}
	return nil
}

func checkTimes(s *Submission, now time.Time) error {
	if !s.SendAt.IsZero() {
		switch {
		case s.SendAt.Before(now.Add(-clockTolerance)):
			return refusedFor("/send_at", reason.Of(CodeSendAtPast,
				reason.Args{"now": reason.Name(now.UTC().Format(time.RFC3339))}))
		case s.SendAt.After(now.Add(maxAhead)):
			return refusedFor("/send_at", reason.Of(CodeSendAtTooFar, nil))
		}
	}
	if s.ValidFor < 0 || s.ValidFor > maxValidity || s.ValidFor > 0 && s.ValidFor < time.Second {
		return refusedFor("/valid_for", reason.Of(CodeValidForRange, nil))
	}
	return nil
}
