package api

import (
	"fmt"

	"relais/gateway"
	"relais/sms"
)

// TextAdvice is what a preview tells of the text.
type TextAdvice struct {
	Policy  string       `json:"policy" enum:"keep,gsm" doc:"of the account: gsm sends the text in the GSM alphabet where it can be written so"`
	Written TextCost     `json:"written" doc:"as it was written"`
	GSM     *TextCost    `json:"gsm,omitempty" doc:"the same in the GSM alphabet; absent when nothing of it stands for some character"`
	Costly  []CostlyChar `json:"costly" doc:"characters that the GSM alphabet lacks, in order"`
}

// TextCost is a text and what it costs.
type TextCost struct {
	Text     string       `json:"text"`
	Encoding sms.Encoding `json:"encoding" enum:"gsm7,ucs2"`
	Segments int          `json:"segments" doc:"to all recipients together, STOP clause included"`
	Price    *Price       `json:"price,omitempty" doc:"of these segments; absent: that of at least one message is not known"`
}

// CostlyChar is a character that moves a text to UCS-2.
type CostlyChar struct {
	Character string  `json:"character" example:"œ"`
	Code      string  `json:"code" doc:"for what nobody sees" example:"U+0153"`
	Position  int     `json:"position" doc:"in characters, from 1; a letter and its accent are one"`
	Instead   *string `json:"instead,omitempty" doc:"what stands for it in the GSM alphabet, which may be nothing; absent when nothing does" example:"oe"`
}

func adviceOf(a *gateway.TextAdvice, currency string) TextAdvice {
	shown := TextAdvice{Policy: string(a.Policy), Written: costOf(&a.Written, currency), Costly: make([]CostlyChar, len(a.Costly))}
	if a.GSM != nil {
		cost := costOf(a.GSM, currency)
		shown.GSM = &cost
	}
	for i, c := range a.Costly {
		shown.Costly[i] = CostlyChar{Character: string(c.Char), Code: fmt.Sprintf("U+%04X", c.Char), Position: c.Position}
		if c.Known {
			shown.Costly[i].Instead = &a.Costly[i].Instead
		}
	}
	return shown
}

func costOf(c *gateway.TextCost, currency string) TextCost {
	return TextCost{Text: c.Text, Encoding: c.Encoding, Segments: c.Segments, Price: priceOf(c.Price, currency)}
}

// reading begins the decisions about a message, in a preview and in a timeline.
func reading(to sms.Number, others []gateway.Decision) []gateway.Decision {
	if read, ok := gateway.DecideReading(to, others); ok {
		return []gateway.Decision{read}
	}
	return nil
}
