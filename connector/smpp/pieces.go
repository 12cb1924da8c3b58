package smpp

import (
	"slices"
	"strings"
	"time"

	"relais/connector"
	"relais/gsm"
	"relais/smpp"
	"relais/sms"
)

// Values of fields (3.4, 5.2).
const (
	codingOctets = 0x04
	codingUCS2   = 0x08
	codingFlash  = 0x10 // the GSM alphabet, class 0 (GSM 03.38, 4)
	codingFlash2 = 0x18 // UCS-2, class 0
	display      = 1    // dest_addr_subunit: the handset's display
	wantReceipt  = 0x01 // registered_delivery: of success and of failure
)

// headerOctets is the length of the header of a part: its length octet, and one element.
const headerOctets = 6

// writable reports whether a sender can stand in a C-string whatever alphabet the operator
// reads it in: a name of ASCII letters, digits and a few signs, a short code or a number. An @ of
// GSM would be the octet that ends it (observed: Kannel writes a question mark).
func writable(s sms.Sender) bool {
	text := strings.TrimPrefix(string(s), "+")
	return text != "" && len(text) <= 20 && strings.IndexFunc(text, func(r rune) bool {
		letter := r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || r >= '0' && r <= '9'
		return !letter && !strings.ContainsRune(" .-&_'", r)
	}) < 0
}

// source is the sender as the operator wants it.
func (i *instance) source(m *sms.Message) smpp.Address {
	sender := m.Sender
	if sender == "" {
		sender = sms.Sender(i.config.Sender)
	}
	kinds := map[sms.SenderKind]string{
		sms.Alphanumeric: i.config.NameType, sms.ShortCode: i.config.ShortCodeType, sms.LongNumber: i.config.NumberType,
	}
	if sender == "" {
		return smpp.Address{}
	}
	t := typeOf(kinds[sender.Kind()])
	return smpp.Address{TON: t.ton, NPI: t.npi, Addr: strings.TrimPrefix(string(sender), "+")}
}

// pieces are the requests that carry a message. An error is a refusal of ours.
func (i *instance) pieces(m *sms.Message) ([]*smpp.SubmitSM, error) {
	to := typeOf(i.config.ToType)
	form := smpp.SM{
		ServiceType:        i.config.ServiceType,
		Source:             i.source(m),
		Dest:               smpp.Address{TON: to.ton, NPI: to.npi, Addr: strings.TrimPrefix(string(m.To), "+")},
		RegisteredDelivery: wantReceipt,
		Validity:           i.validity(m),
	}
	if form.Source.Addr != "" && !writable(sms.Sender(form.Source.Addr)) {
		return nil, refused("sender", "the sender has a character that SMPP cannot carry: want ASCII letters, digits, spaces and . - & _ '")
	}
	own, err := i.own(m.Metadata)
	if err != nil {
		return nil, err
	}
	form.TLVs = own
	if m.Kind == sms.Binary {
		return i.octets(form, m.Text)
	}
	charset := i.charset
	if gsm.Count(m.Text).Alphabet == gsm.UCS2 {
		charset, form.DataCoding = smpp.UCS2, codingUCS2
	}
	if m.Kind == sms.Flash {
		charset = i.flash(&form, charset)
	}
	parts := gsm.Split(m.Text)
	if len(parts) > 1 && i.config.LongMessages == byPayload {
		return i.payload(form, charset, m.Text)
	}
	pieces := make([]*smpp.SubmitSM, max(len(parts), 1)) // an empty text is legal
	ref := i.reference(len(parts))
	for n := range pieces {
		var text string
		if len(parts) > 0 {
			text = parts[n]
		}
		concat := smpp.Concat{Ref: ref, Total: byte(len(parts)), Seq: byte(n + 1)}
		piece, err := i.piece(form, charset, text, concat)
		if err != nil {
			return nil, err
		}
		pieces[n] = piece
	}
	return pieces, nil
}

// flash marks a message that opens by itself, and tells the charset that goes with the mark.
func (i *instance) flash(form *smpp.SM, charset smpp.Charset) smpp.Charset {
	switch {
	case i.config.Flash == bySubunit:
		form.TLVs = append(form.TLVs, smpp.NumberTLV(smpp.TagDestAddrSubunit, 1, display))
		return charset
	case charset == smpp.UCS2:
		form.DataCoding = codingFlash2
		return charset
	default:
		form.DataCoding = codingFlash
		return smpp.GSM7
	}
}

// octets is a binary message, in segments. Its header says which port or program it is for, so that
// parts are numbered in it whatever long_messages says of texts.
func (i *instance) octets(form smpp.SM, text string) ([]*smpp.SubmitSM, error) {
	o, err := sms.OctetsOf(text)
	if err != nil {
		return nil, refused("data", "the message has no octets to send")
	}
	parts := o.Split(byte(i.reference(o.Segments())))
	pieces := make([]*smpp.SubmitSM, len(parts))
	for n, part := range parts {
		one := form
		one.DataCoding, one.Text = codingOctets, slices.Concat(part.Header, part.Data)
		if len(part.Header) > 0 {
			one.ESMClass = smpp.ESMHeader
		}
		pieces[n] = &smpp.SubmitSM{SM: one}
	}
	return pieces, nil
}

// piece is one request.
func (i *instance) piece(form smpp.SM, charset smpp.Charset, text string, concat smpp.Concat) (*smpp.SubmitSM, error) {
	header := 0
	if concat.Total > 1 {
		switch i.config.LongMessages {
		case bySAR:
			form.TLVs = append(slices.Clip(form.TLVs), concat.SAR()...)
		default:
			form.ESMClass, form.Text, header = smpp.ESMHeader, concat.Header().Append(nil), headerOctets
		}
	}
	octets, err := charset.Encode(text, header)
	if err != nil {
		return nil, outsideAlphabet()
	}
	form.Text = append(form.Text, octets...)
	return &smpp.SubmitSM{SM: form}, nil
}

// payload is a long text as one request, which the operator cuts itself.
func (i *instance) payload(form smpp.SM, charset smpp.Charset, text string) ([]*smpp.SubmitSM, error) {
	octets, err := charset.Encode(text, 0)
	if err != nil {
		return nil, outsideAlphabet()
	}
	form.TLVs = append(form.TLVs, smpp.TLV{Tag: smpp.TagMessagePayload, Value: octets})
	return []*smpp.SubmitSM{{SM: form}}, nil
}

func outsideAlphabet() error {
	return refused("alphabet", "the text has a character that the alphabet of this operator lacks: see the key alphabet")
}

// refused is a refusal of ours.
func refused(code, detail string) error {
	return &connector.Error{Fault: connector.Rejected, Code: code, Detail: detail}
}

// validity is how long the operator may try, in the relative form: no clocks need agree.
func (i *instance) validity(m *sms.Message) string {
	if m.ExpiresAt.IsZero() {
		return ""
	}
	return smpp.FormatRelative(max(m.ExpiresAt.Sub(i.env.Now()), time.Second))
}

// reference numbers long messages: parts of two to one handset must not be mixed, so that it
// counts, and is not random.
func (i *instance) reference(parts int) uint16 {
	if parts < 2 {
		return 0
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.lastRef++
	return uint16(i.lastRef)
}
