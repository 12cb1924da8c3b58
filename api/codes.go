package api

import "relais/number"

// codes are the codes of problem documents and what they mean. The manual
// lists them; a test fails when one is missing here.
var codes = map[string]string{
	"body_empty":         "The body is empty",
	"body_not_an_object": "The body is not a JSON object",
	"body_not_json":      "The body is not JSON",
	"body_not_utf8":      "The body is not UTF-8",
	"body_too_large":     "The body is larger than 10 MiB",
	"body_cut":           "The body broke off",
	"body_timeout":       "The body took too long to arrive",
	"body_encoded":       "The body is compressed",
	"body_unexpected":    "The route takes no body",
	"duplicate_field":    "A field is there twice",
	"lone_surrogate":     "A string holds half a character",
	"unknown_field":      "A field has a name that does not exist",
	"wrong_type":         "A field has a value of the wrong type",
	"invalid_parameter":  "A parameter of the URL or a header is wrong",

	"key_missing":       "No API key was given",
	"key_unknown":       "The API key is not known",
	"key_revoked":       "The API key was revoked",
	"route_unknown":     "There is no such route",
	"reply_unknown":     "There is no such reply",
	"reply_not_unsure":  "Nobody has to decide about the reply",
	"reply_decided":     "The reply was confirmed as a STOP",
	"decision_unknown":  "There is no such decision",
	"callback_unknown":  "There is no such callback address",
	"push_unreadable":   "The operator's push cannot be read",
	"push_too_large":    "The operator's push is larger than 1 MiB",
	"csv_invalid":       "The file is no CSV",
	"reason_too_long":   "The reason is too long",
	"method_wrong":      "The route exists for another method",
	"message_unknown":   "The account has no such message",
	"internal_error":    "The gateway failed",
	"person_waiting":    "Messages to the number have not ended",
	"not_cancelable":    "The message no longer waits",
	"not_uncertain":     "The message is not in doubt",
	"no_connector":      "No connector is configured",
	"no_recipient":      "No recipient can receive the message",
	"class_unknown":     "The class does not exist",
	"connector_unknown": "The connector does not exist",

	"idempotency_key_reused":  "The Idempotency-Key came before with another request",
	"idempotency_key_invalid": "The Idempotency-Key is not usable",

	"recipients_empty":    "There is no recipient",
	"resolution_unknown":  "The outcome is none that can be decided",
	"recipients_too_many": "There are too many recipients",
	"batch_empty":         "The batch holds no message",
	"batch_too_large":     "The batch holds too many messages",
	"batch_refused":       "None of the messages was accepted",

	"text_empty":               "The text is empty",
	"text_too_long":            "The text takes too many segments",
	"text_not_utf8":            "The text is not UTF-8",
	"text_forbidden_character": "The text holds a character that no handset shows",

	"sender_too_short":         "The sender is too short",
	"sender_too_long":          "The sender is too long",
	"sender_not_a_number":      "The sender is no number",
	"sender_invalid_character": "The sender holds a character that is not allowed",
	"sender_not_allowed":       "The rules of the account or of the operator do not allow the sender",
	"sender_kind_unsupported":  "The connector takes no sender of this kind",

	"sender_not_listed":             "The account may not use the sender",
	"sender_not_valid":              "The account may not use the sender now",
	"sender_generic":                "The sender does not tell who writes",
	"sender_not_declared":           "The operator does not take the sender",
	"sender_forbidden":              "The sender holds a word of somebody else",
	"reference_too_long":            "The reference is too long",
	"reference_forbidden_character": "The reference holds a control character",
	"metadata_too_large":            "The metadata is too large",
	"metadata_forbidden_character":  "The metadata holds a NUL character",
	"send_at_invalid":               "The date cannot be read",
	"send_at_past":                  "The date is in the past",
	"send_at_too_far":               "The date is too far ahead",
	"at_invalid":                    "The moment cannot be read",
	"at_out_of_range":               "The moment is too far away",
	"valid_for_invalid":             "The validity cannot be read",
	"valid_for_out_of_range":        "The validity is out of range",
	"webhook_url_invalid":           "No webhook may go to that address",

	"webhook_unknown":        "The account has no such webhook",
	"webhook_of_request":     "The webhook has no secret of its own",
	"overlap_invalid":        "The overlap is none, or too long",
	"webhook_exists":         "The account has this webhook already",
	"webhooks_too_many":      "The account has too many webhooks",
	"event_unknown":          "The type of event does not exist",
	"delivery_state_unknown": "The state of a delivery does not exist",
	"since_invalid":          "The date cannot be read",

	"backlog_full":        "Too many messages wait",
	"quota_exceeded":      "A quota is used up",
	"quota_too_small":     "The request is more than a quota ever allows",
	"storage_full":        "The disk is full",
	"storage_unavailable": "The database is not available",
}

// recipientCodes are the codes of recipients under rejected; the request as a
// whole is refused only when none is left.
var recipientCodes = map[string]string{
	number.CodeEmpty:             "There is no digit in it",
	number.CodeInvalidCharacters: "It holds a character that no number has",
	number.CodeTooShort:          "It has too few digits",
	number.CodeTooLong:           "It has too many digits",
	number.CodeMissingPrefix:     "It begins neither with 0 nor with +",
	number.CodeUnknownCountry:    "No country has its code",
	number.CodeUnknownRegion:     "It is in national form and there is no country to read it in",
	number.CodeNotPossible:       "No number of its country looks like this",
	number.CodePremium:           "It is a premium-rate number",
	number.CodeSpecial:           "It is a special-rate or freephone number",
	number.CodeFixedLine:         "It is a fixed line",
	number.CodeFamily:            "It is of a family that the account does not send to",
	number.CodeMachine:           "It is the number of a machine",
	"number_fiction":             "It is reserved for examples",
	"number_unreadable":          "It cannot be read",
	"duplicate_recipient":        "It is there twice; it gets one message",
	"window_after_validity":      "Its validity ends before the hours of advertising begin",
	"window_never":               "The rules have no hour in common",
	"opted_out":                  "The person gets no marketing",
	"quota_exceeded":             "A quota for numbers of its kind is used up",
	"quota_too_small":            "It alone is more than a quota for numbers of its kind ever allows",
	"recipient_limit":            "The person got messages enough for now",
	"repeated_text":              "The person got this text often enough for now",
	"number_missing":             "The line of an import has no number",
}

// warningCodes are the codes of warnings: nothing was refused.
var warningCodes = map[string]string{
	"deferred":            "The message waits for the hours of advertising",
	"stop_clause_cut":     "The text's own STOP clause is left out, for the operator adds one",
	"stop_clause_missing": "Advertising has no STOP clause",
	"stop_clause_twice":   "The text has a STOP clause and the operator adds another",
	"sender_replaced":     "The sender may not be used; the account's default stands for it",
	"text_damaged":        "A character was lost before the text came here",
	"ucs2":                "A character makes the text cost more segments",
	number.CodeRepaired:   "The number was corrected",
	number.CodeUnassigned: "No number is known to begin so",
	number.CodeFixedLine:  "The number is a fixed line, where that is accepted",
}

func titleOf(code string) string {
	if title, ok := codes[code]; ok {
		return title
	}
	return code
}
