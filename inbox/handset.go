package inbox

import (
	"crypto/rand"
	"encoding/hex"
	"hash/fnv"
	"strings"
	"time"

	"relais/number"
	"relais/sms"
)

func inboundOf(connector string, in sms.Inbound, region string, now time.Time) Inbound {
	from, country, ok := handset(in.From, region)
	if !ok {
		from = sms.Number(in.From)
	}
	in.Text = strings.ToValidUTF8(in.Text, "\uFFFD")
	at := in.At
	if at.IsZero() {
		at = now
	}
	if in.ProviderID == "" {
		in.ProviderID = standIn(in)
	}
	return Inbound{
		Connector: connector, ProviderID: in.ProviderID, From: from, Country: country, To: in.To, Text: in.Text,
		AnswersID: in.AnswersID, Ref: in.Ref, At: at, ReceivedAt: now,
	}
}

// handset reads the number of a handset as operators write it: +33…, 0033…,
// 33… and 06… all occur. A handset that wrote to us exists, whatever the tables say: what
// has the length of an international number is taken as it stands. country is empty where
// the tables do not tell it.
func handset(raw, region string) (n sms.Number, country string, ok bool) {
	raw = strings.TrimSpace(raw)
	if digits := strings.Trim(raw, "0123456789"); digits == "" && raw != "" && raw[0] != '0' {
		raw = "+" + raw
	}
	if parsed, err := number.Every.Parse(raw, region); err == nil {
		return parsed.Number, parsed.Country, true
	}
	const shortest, longest = 8, 15 // digits; what is shorter is a service of an operator
	international, ok := strings.CutPrefix(raw, "+")
	if !ok {
		international, ok = strings.CutPrefix(raw, "00")
	}
	digits := strings.Trim(international, "0123456789") == ""
	ok = ok && digits && len(international) >= shortest && len(international) <= longest
	if !ok || international[0] == '0' {
		return "", "", false
	}
	n = sms.Number("+" + international)
	parsed, _ := number.Stored(n) // 00 is how not every region dials abroad
	return n, parsed.Country, true
}

// standIn takes the place of the id that an operator does not give: it is the same for what is told
// again with the same time. What has no time either may be another reply with the same words, and a
// second STOP must count: so each has an id of its own.
func standIn(in sms.Inbound) string {
	if in.At.IsZero() {
		return "new:" + rand.Text()
	}
	return fingerprint(in)
}

func fingerprint(in sms.Inbound) string {
	sum := fnv.New128a()
	for _, part := range []string{
		in.From, string(in.To), in.Text, in.AnswersID,
		in.At.UTC().Format(time.RFC3339),
	} {
		sum.Write([]byte(part))
		sum.Write([]byte{0})
	}
	return "fnv:" + hex.EncodeToString(sum.Sum(nil))
}
