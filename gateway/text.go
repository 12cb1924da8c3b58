package gateway

import (
	"relais/reason"
	"relais/terms"
	"relais/typography"
)

// Typography is what becomes of characters that the GSM alphabet lacks.
type Typography string

// The policies.
const (
	KeepText Typography = "keep" // they stay, and the text is UCS-2
	GSMText  Typography = "gsm"  // they are replaced, where that makes the text GSM 7-bit
)

// Typographies lists them.
var Typographies = []Typography{KeepText, GSMText}

// CodeTextTooLong is the code of a text that takes more segments than are allowed.
const CodeTextTooLong reason.Code = "text_too_long"

// decideText writes the text as it will be counted, stored and sent.
func decideText(s *Submission, account Account) []reason.Reason {
	text, told := typography.Rewrite(s.Text, account.Typography == GSMText)
	s.Text = text
	return told
}

// measure counts segments as they will be billed, STOP clause included.
func (g *Gateway) measure(text *terms.Text) (terms.Size, error) {
	size := text.Size()
	if size.Segments > g.limits.Segments {
		return size, refusedFor("/text", reason.Of(CodeTextTooLong, reason.Args{
			"segments": reason.Count(size.Segments), "encoding": reason.Name(size.Encoding), "most": reason.Count(g.limits.Segments),
		}))
	}
	return size, nil
}
