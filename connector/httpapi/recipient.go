package httpapi

import (
	"strings"

	"relais/connector"
	"relais/reason"
	"relais/sms"
)

// onlyTo compiles the one number that the operator sends to.
func (j *judge) onlyTo(text string) template {
	if text == "" {
		return template{}
	}
	t := j.template("only_to", text, headerNever)
	for _, name := range t.names() {
		if name != "login" && name != "profile" {
			j.complain("only_to", whyOneOf, reason.Args{"words": reason.Names([]string{"{login}", "{profile}"})})
		}
	}
	return t
}

// only is the one number that an instance sends to; empty: it sends to any.
func (d *Declaration) only(s *source) sms.Number {
	if len(d.onlyTo.pieces) == 0 {
		return ""
	}
	text, _ := d.onlyTo.expand(s)
	return sms.Number(text)
}

// reaches refuses a message to another number than the one that the operator sends to: it would
// arrive there, whoever it was meant for.
func (d *Declaration) reaches(s *source) error {
	if only := d.only(s); only != "" && s.message.To != only {
		return &connector.Error{
			Fault: connector.Rejected, Code: codeRecipient, Detail: "the operator sends to the number of the account alone",
		}
	}
	return nil
}

// wrongOnly names the setting that should be a number, and is none.
func (d *Declaration) wrongOnly(s settings) (setting string, wrong bool) {
	only := string(d.only(&source{declaration: d, settings: s}))
	if len(d.onlyTo.pieces) == 0 || only == "" {
		return "", false
	}
	digits, plus := strings.CutPrefix(only, "+")
	return strings.Join(d.onlyTo.names(), ""), !plus || len(digits) < 8 || strings.Trim(digits, "0123456789") != ""
}
