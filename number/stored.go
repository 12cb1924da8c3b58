package number

import "relais/sms"

// PlaceOf is the country and the family of a message's number, as they were read when it was
// accepted. known is false where nobody knows them any more: the number is hidden or erased.
// A message of an older program carries neither, and its number is read here, as is the rare
// one that is of no family.
func PlaceOf(m *sms.Message) (country, family string, known bool) {
	switch {
	case !m.To.Known():
		return "", "", false
	case m.Family != "":
		return m.Country, m.Family, true
	}
	p, known := Stored(m.To)
	return p.Country, p.Family, known
}

// Stored reads the number of a message once more, for what no message carries: its kind.
// known is false for one that is hidden or erased.
func Stored(n sms.Number) (p Parsed, known bool) {
	p, err := Every.Parse(string(n), "")
	return p, err == nil
}
