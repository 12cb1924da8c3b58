package gateway

import (
	"relais/gsm"
	"relais/lane"
	"relais/sms"
	"relais/typography"
)

// TextAdvice is what a preview tells of the text: what its characters cost.
type TextAdvice struct {
	Policy  typography.Policy // the account's
	Written TextCost          // as it was written
	// GSM is the same in the GSM alphabet; nil when some character has no replacement,
	// or nothing would be left.
	GSM    *TextCost
	Costly []CostlyChar
}

// TextCost is a text and what it costs all recipients together.
type TextCost struct {
	Text     string
	Encoding sms.Encoding
	Segments int
	Price    sms.Money // 0: not known
}

// CostlyChar is a character that the GSM alphabet lacks.
type CostlyChar struct {
	Char     rune
	Position int    // in characters of the text as it was written, from 1
	Instead  string // of the GSM alphabet
	Known    bool   // there is such a replacement, which may be nothing
}

// adviser works out what texts cost.
type adviser struct {
	account func(name string) Account
	lanes   *lane.Set
}

// advise works out what the text costs as it was written, and in the GSM alphabet.
func (a *adviser) advise(s *Submission, written string, result *Result) *TextAdvice {
	if s.Kind == sms.Binary {
		return adviseOctets(result)
	}
	written = typography.Normalize(written).Text
	advice := &TextAdvice{Policy: a.account(s.Account).Typography, Written: a.cost(s, written, result)}
	if advice.Policy == "" {
		advice.Policy = typography.Keep
	}
	runes := []rune(written)
	for _, c := range gsm.Costly(written) {
		instead, known := typography.Instead(runes, c.Position)
		advice.Costly = append(advice.Costly, CostlyChar{c.Rune, c.Position + 1, instead, known})
	}
	if replaced, _, ok := typography.Replace(written); ok && !typography.Blank(replaced) {
		cost := a.cost(s, replaced, result)
		advice.GSM = &cost
	}
	return advice
}

// adviseOctets tells what a binary message costs: no character could be another.
func adviseOctets(result *Result) *TextAdvice {
	cost, priced := TextCost{Encoding: sms.Octet}, true
	for i := range result.Messages {
		d := &result.Messages[i]
		cost.Segments += d.Segments
		cost.Price += d.Price
		priced = priced && d.Price > 0
	}
	if !priced {
		cost.Price = 0
	}
	return &TextAdvice{Policy: typography.Keep, Written: cost}
}

// infoKey is what the clause behind a text depends on.
type infoKey struct {
	connector string
	free      bool // of the account's rules
}

// cost counts a text for every recipient, each with the STOP clause of its connector.
func (a *adviser) cost(s *Submission, text string, result *Result) TextCost {
	done := TextCost{Text: text}
	account, infos := a.account(s.Account).Policy, map[infoKey]gsm.Info{}
	priced := true
	for i := range result.Messages {
		d := &result.Messages[i]
		pack := account.For(d.Country)
		way := infoKey{d.Connector, pack == nil}
		info, known := infos[way]
		if !known {
			m := wording(s)
			m.Text = text
			t := a.lanes.Get(d.Connector).Terms.Terms(m, pack, d.AcceptedAt)
			info = t.Text().Count()
			infos[way] = info
		}
		if alphabet := sms.Encoding(info.Alphabet.String()); alphabet != done.Encoding &&
			done.Encoding != sms.UCS2 {
			done.Encoding = alphabet // a clause may need UCS-2 where the text does not
		}
		done.Segments += info.Segments
		done.Price += d.Price / sms.Money(d.Segments) * sms.Money(info.Segments)
		priced = priced && d.Price > 0
	}
	if !priced {
		done.Price = 0
	}
	return done
}
