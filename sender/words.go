package sender

import (
	"relais/policy"
	"relais/reason"
)

// Codes of names that are others', or nobody's.
const (
	CodeGeneric   reason.Code = "sender_generic"
	CodeForbidden reason.Code = "sender_forbidden"

	codeForbiddenWord reason.Code = "sender_forbidden/word"
	codeBySuchRules   reason.Code = "sender_forbidden/by_rules"
)

// wordRefusal refuses a name that the words do not allow.
func wordRefusal(name string, words *policy.Words) reason.Reason {
	switch wrong, word := words.Find(name); wrong {
	case policy.WrongGeneric:
		return reason.Of(CodeGeneric, reason.Args{"sender": reason.Name(name)})
	case policy.WrongReserved:
		return reason.Of(CodeForbidden, reason.Args{"sender": reason.Name(name)})
	case policy.WrongWord:
		return reason.Of(codeForbiddenWord, reason.Args{"word": reason.Name(word)})
	default:
		return reason.Reason{}
	}
}
