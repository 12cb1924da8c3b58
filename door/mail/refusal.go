package mail

import (
	"errors"
	"strings"

	"github.com/emersion/go-smtp"

	"relais/gateway"
	"relais/inbox"
	"relais/quota"
	"relais/reason"
)

// refusal is an answer that refuses: a code of RFC 5321, an enhanced one of RFC 3463, and a sentence in ASCII.
func refusal(code int, enhanced smtp.EnhancedCode, sentence string) *smtp.SMTPError {
	return &smtp.SMTPError{Code: code, EnhancedCode: enhanced, Message: ascii(sentence)}
}

// Refusals of which there is one.
var (
	errSyntax      = refusal(501, smtp.EnhancedCode{5, 5, 4}, "The address has a character that no address may have")
	errOrder       = refusal(503, smtp.EnhancedCode{5, 5, 1}, "MAIL FROM came before: send RSET first")
	errNullSender  = refusal(550, smtp.EnhancedCode{5, 7, 1}, "Mail without a sender, MAIL FROM:<>, is an answer of a machine, and would make loops")
	errLogin       = refusal(535, smtp.EnhancedCode{5, 7, 8}, "The user name and the password do not go together")
	errEncryption  = refusal(538, smtp.EnhancedCode{5, 7, 11}, "A login needs TLS: send STARTTLS first")
	errMechanism   = refusal(504, smtp.EnhancedCode{5, 5, 4}, "The mechanism is not known: PLAIN and LOGIN are")
	errNotNow      = refusal(503, smtp.EnhancedCode{5, 5, 1}, "No login inside of a mail: send RSET first")
	errStranger    = refusal(530, smtp.EnhancedCode{5, 7, 0}, "Log in first: nobody may send from your address without a login")
	errRelay       = refusal(550, smtp.EnhancedCode{5, 7, 1}, "Nothing is relayed: mail for this domain is not taken here")
	errNoNumber    = refusal(550, smtp.EnhancedCode{5, 1, 1}, "The name before @ is no telephone number: write it as 33612345678, +33612345678 or as dialled in the country")
	errOtherClient = refusal(550, smtp.EnhancedCode{5, 7, 1}, "The recipients belong to different accounts: send a mail to each")
	errTooMany     = refusal(452, smtp.EnhancedCode{4, 5, 3}, "Too many recipients: send the others in another mail")
	errBusy        = refusal(451, smtp.EnhancedCode{4, 3, 0}, "The mail cannot be stored at the moment: try again")
	errNoMemory    = refusal(452, smtp.EnhancedCode{4, 3, 1}, "Too much mail is coming in at the moment: try again")
	errStopping    = refusal(421, smtp.EnhancedCode{4, 3, 2}, "The gateway stops: try again")
	errCrowd       = refusal(421, smtp.EnhancedCode{4, 7, 0}, "Too many refusals on this connection")
	errInternal    = refusal(451, smtp.EnhancedCode{4, 3, 0}, "Something is wrong here: try again")
	errProof       = refusal(550, smtp.EnhancedCode{5, 7, 1}, "The From line is not proved: neither SPF nor DKIM passes for its domain, or it may not send here")
	errProofLater  = refusal(451, smtp.EnhancedCode{4, 7, 1}, "The From line cannot be proved at the moment, DNS does not answer: try again")
	errSmuggled    = refusal(554, smtp.EnhancedCode{5, 6, 0}, "Lines end in different ways: end each with CR LF")
	errUnreadable  = refusal(554, smtp.EnhancedCode{5, 6, 0}, "The mail cannot be read: its header or its parts are broken")
	errTooComplex  = refusal(554, smtp.EnhancedCode{5, 6, 0}, "The mail has too many parts, or parts in parts in parts")
	errMachine     = refusal(550, smtp.EnhancedCode{5, 7, 1}, "A machine wrote this mail as an answer, or for a list: it would make loops. The setting automatic lets in what programs write by themselves")
	errHops        = refusal(554, smtp.EnhancedCode{5, 4, 6}, "The mail runs in circles: it has passed too many servers")
	errNothing     = refusal(554, smtp.EnhancedCode{5, 6, 0}, "There is no text: the mail is empty, or all of it is a signature or quoted")
	errAttached    = refusal(554, smtp.EnhancedCode{5, 6, 1}, "There is no text: the mail has attachments alone")
	errEncrypted   = refusal(554, smtp.EnhancedCode{5, 6, 1}, "The mail is encrypted: its text cannot be read here")
	errTNEF        = refusal(554, smtp.EnhancedCode{5, 6, 1}, "There is no text: the mail has winmail.dat alone, Outlook's own form. Send it as plain text or HTML")
	errTextLong    = refusal(554, smtp.EnhancedCode{5, 3, 4}, "The text of the mail is far too long for a message")
	errLine        = refusal(554, smtp.EnhancedCode{5, 6, 0}, "The mail broke off, or a line of it is too long")
)

// unreadable refuses a text whose octets mean nothing in their charset or encoding.
func unreadable(what, name string) *smtp.SMTPError {
	if len(name) > mostName {
		name = name[:mostName]
	}
	return refusal(554, smtp.EnhancedCode{5, 6, 0}, "The text cannot be read: "+what+" "+name+" is not known, or the text is not written in it")
}

const mostName = 40

// ascii writes a sentence as every client can read it, in one line.
func ascii(sentence string) string {
	sentence = strings.NewReplacer("’", "'", "‘", "'", "“", `"`, "”", `"`, "–", "-", "…", "...", "\u00a0", " ", "\u202f", " ").Replace(sentence)
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, sentence)
}

// refusedBy puts what the gateway refuses in SMTP's form. known is false for a failure, which the log has to tell.
func refusedBy(err error) (refused *smtp.SMTPError, known bool) {
	e, ok := errors.AsType[*gateway.Error](err)
	if !ok || e.Kind == gateway.Unavailable {
		return errBusy, false
	}
	why := e.Reason
	if len(e.Rejected) > 0 {
		why = e.Rejected[0].Reason
	}
	sentence, code := why.In(reason.English), why.Code.Wire()
	switch {
	case code == quota.Exceeded.Wire(), code == quota.RecipientLimit.Wire(), code == quota.RepeatedText.Wire():
		return refusal(452, smtp.EnhancedCode{4, 2, 2}, sentence), true
	case e.Kind == gateway.Overloaded:
		return refusal(451, smtp.EnhancedCode{4, 3, 2}, sentence), true
	case code == inbox.CodeOptedOut.Wire():
		return refusal(550, smtp.EnhancedCode{5, 7, 1}, sentence), true
	case strings.HasPrefix(code, "number"), strings.HasPrefix(code, "several"):
		return refusal(550, smtp.EnhancedCode{5, 1, 1}, sentence), true
	case code == gateway.CodeTextTooLong.Wire():
		return refusal(554, smtp.EnhancedCode{5, 3, 4}, sentence), true
	case e.Field == "/text":
		return refusal(554, smtp.EnhancedCode{5, 6, 0}, sentence), true
	}
	return refusal(550, smtp.EnhancedCode{5, 7, 1}, sentence), true
}
