package httpapi

import (
	"strconv"

	"relais/sms"
)

// mostParts is how many parts a message can have (GSM 03.40, 9.2.3.24.1).
const mostParts = 255

// partOf makes a receipt one of a part, where the operator pushes one for each part of a long
// message. The id of a part is none of the message, which its reference finds.
func (c *callback) partOf(doc *document, receipt *sms.Receipt) {
	text, _ := doc.at(c.parts)
	if c.partsPattern != nil {
		text = c.partsPattern.re.FindString(text)
	}
	count, err := strconv.Atoi(text)
	if err != nil || count < 2 {
		return
	}
	if count > mostParts { // it proves nothing of the message
		receipt.Status, receipt.Reason = sms.Submitted, ""
		return
	}
	if !receipt.Ref.IsZero() {
		receipt.ProviderID = ""
	}
	part, _ := doc.at(c.part)
	receipt.Parts, receipt.Part = count, short(part)
}
