package httpapi

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"relais/sms"
)

// What an operator says may repeat the request: the text, the number, the address with a key.
// Here it is made fit for logs and timelines.

const concealed = "…"

// longestCode bounds an operator's code.
const longestCode = 64

var (
	codeForm   = regexp.MustCompile(`^[A-Za-z0-9._:+-]{1,64}$`)
	manyDigits = regexp.MustCompile(`[0-9][0-9 .()-]{4,}[0-9]`) // of a number, in any grouping
)

// code is the operator's code, unless it is none: then the status stands for it.
func (c *client) code(code string, status int, m *sms.Message) string {
	if len(code) > longestCode || !codeForm.MatchString(code) || c.conceal(code, m) != code {
		return statusCode(status)
	}
	return code
}

// clean gives the operator's words without what nobody may read in a log.
func (c *client) clean(words string, m *sms.Message) string {
	words = strings.Join(strings.Fields(strings.ToValidUTF8(words, "\uFFFD")), " ")
	return short(manyDigits.ReplaceAllString(c.conceal(words, m), concealed))
}

// conceal hides secrets, the number and the text.
func (c *client) conceal(words string, m *sms.Message) string {
	hidden := append(slices.Clip(c.secrets), c.tokens.secrets()...)
	if m != nil {
		hidden = append(slices.Clip(hidden), forms(strings.Join(strings.Fields(m.Text), " "))...)
		hidden = append(hidden, strings.TrimPrefix(string(m.To), "+"), national(string(m.To)))
	}
	for _, one := range hidden {
		if one != "" {
			words = strings.ReplaceAll(words, one, concealed)
		}
	}
	return words
}

// national is a number without its plus and the first digits of its country code; whatever an
// operator repeats of a number holds it.
func national(number string) string {
	if digits := strings.TrimPrefix(number, "+"); len(digits) > 8 {
		return digits[len(digits)-8:]
	}
	return ""
}

// forms are those in which an answer could repeat something.
func forms(secret string) []string {
	if secret == "" {
		return nil
	}
	all := []string{
		secret, url.QueryEscape(secret), url.PathEscape(secret), base64.StdEncoding.EncodeToString([]byte(secret)),
	}
	if quoted, err := json.Marshal(secret); err == nil {
		all = append(all, strings.Trim(string(quoted), `"`))
	}
	return all
}
