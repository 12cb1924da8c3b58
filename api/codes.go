package api

import (
	"strings"

	"relais/reason"
)

// The codes of refusals that are made here, as programs see them. Those that have no
// sentence of their own in the catalogue stand before one that has.
const (
	codeKeyMissing     reason.Code = "key_missing"
	codeKeyUnknown     reason.Code = "key_unknown"
	codeNotAnObject    reason.Code = "body_not_an_object"
	codeParameter      reason.Code = "invalid_parameter"
	codeBodyTooLarge   reason.Code = "body_too_large"
	codeBodyTimeout    reason.Code = "body_timeout"
	codeBodyEncoded    reason.Code = "body_encoded"
	codeKeyRevoked     reason.Code = "key_revoked"
	codeReplyUnknown   reason.Code = "reply_unknown"
	codeDecision       reason.Code = "decision_unknown"
	codeCallback       reason.Code = "callback_unknown"
	codePushUnreadable reason.Code = "push_unreadable"
	codePushTooLarge   reason.Code = "push_too_large"
	codeReasonTooLong  reason.Code = "reason_too_long"
	codeMethod         reason.Code = "method_wrong"
	codeMessageUnknown reason.Code = "message_unknown"
	codeInternal       reason.Code = "internal_error"
	codeKeyInvalid     reason.Code = "idempotency_key_invalid"
	codeBatchEmpty     reason.Code = "batch_empty"
	codeBatchTooLarge  reason.Code = "batch_too_large"
	codeBatchRefused   reason.Code = "batch_refused"
	codeSendAt         reason.Code = "send_at_invalid"
	codeAt             reason.Code = "at_invalid"
	codeValidFor       reason.Code = "valid_for_invalid"
	codeWebhookUnknown reason.Code = "webhook_unknown"
	codeNoDelivery     reason.Code = "delivery_unknown"
	codeOfRequest      reason.Code = "webhook_of_request"
	codeOverlap        reason.Code = "overlap_invalid"
	codeDeliveryState  reason.Code = "delivery_state_unknown"
	codeSince          reason.Code = "since_invalid"
	codeUnreadable     reason.Code = "number_unreadable"
	codeSearchSlow     reason.Code = "search_slow"
	codeExports        reason.Code = "exports_many"
)

// What is wrong with the end of a pause.
const (
	sayPauseEnds  reason.Code = "pause_until/both"
	sayPauseFor   reason.Code = "pause_until/length"
	sayPauseUntil reason.Code = "pause_until/time"
)

// Sentences of a code that has several.
const (
	sayBodyCut        reason.Code = "body_cut/early"
	sayBodyBroken     reason.Code = "body_cut/connection"
	sayBodyUnexpected reason.Code = "body_unexpected/here"
	sayURLInstead     reason.Code = "body_unexpected/url"

	sayCharset      reason.Code = "body_not_utf8/charset"
	sayList         reason.Code = "wrong_type/list"
	sayEntry        reason.Code = "wrong_type/batch"
	sayRecipients   reason.Code = "wrong_type/recipients"
	sayRecipient    reason.Code = "wrong_type/recipient"
	sayFieldBatch   reason.Code = "unknown_field/batch"
	sayFieldMessage reason.Code = "unknown_field/message"

	sayQuery         reason.Code = "invalid_parameter/query"
	sayTwice         reason.Code = "invalid_parameter/twice"
	sayNoValue       reason.Code = "invalid_parameter/empty"
	sayKeyInURL      reason.Code = "invalid_parameter/key"
	sayParameterNear reason.Code = "invalid_parameter/near"
	sayInBody        reason.Code = "invalid_parameter/body"
	sayNoParameters  reason.Code = "invalid_parameter/none"
	sayParameters    reason.Code = "invalid_parameter/list"
	sayOfField       reason.Code = "invalid_parameter/of"
	sayDate          reason.Code = "invalid_parameter/date"
	sayInteger       reason.Code = "invalid_parameter/integer"
	sayBoolean       reason.Code = "invalid_parameter/boolean"
	sayOneOf         reason.Code = "invalid_parameter/one_of"
	sayAtLeast       reason.Code = "invalid_parameter/minimum"
	sayAtMost        reason.Code = "invalid_parameter/maximum"
	sayLength        reason.Code = "invalid_parameter/length"
	sayCursor        reason.Code = "invalid_parameter/cursor"
	sayMessageID     reason.Code = "invalid_parameter/message"
	sayKeyValue      reason.Code = "invalid_parameter/metadata"
	sayMonth         reason.Code = "invalid_parameter/month"
	sayMonthOrder    reason.Code = "invalid_parameter/month_order"
	sayMonthMany     reason.Code = "invalid_parameter/months"
	sayDryRun        reason.Code = "invalid_parameter/dry_run"

	sayNoRoute   reason.Code = "route_unknown/none"
	sayRouteNear reason.Code = "route_unknown/near"
	sayDots      reason.Code = "route_unknown/dots"

	sayUnread          reason.Code = "storage_unavailable/read"
	sayUncheckedKey    reason.Code = "storage_unavailable/key"
	sayBatchRecipients reason.Code = "recipients_too_many/batch"
)

// Sentences about the API key, which stand behind key_missing or key_unknown.
const (
	sayNoSuchKey     reason.Code = "key_unknown/none"
	sayMakeKey       reason.Code = "key_missing/make"
	sayBearer        reason.Code = "key_missing/bearer"
	sayBasic         reason.Code = "key_missing/basic"
	sayNoKey         reason.Code = "key_missing/empty"
	sayNoSpace       reason.Code = "key_missing/space"
	sayHeaderTwice   reason.Code = "key_missing/header_twice"
	sayNoScheme      reason.Code = "key_missing/scheme"
	sayOtherScheme   reason.Code = "key_missing/other_scheme"
	sayOtherHeader   reason.Code = "key_missing/other_header"
	sayKeyParameter  reason.Code = "key_missing/url"
	sayCookie        reason.Code = "key_missing/cookie"
	sayExample       reason.Code = "key_unknown/example"
	sayVariable      reason.Code = "key_unknown/variable"
	sayQuotes        reason.Code = "key_unknown/quotes"
	sayBrackets      reason.Code = "key_unknown/brackets"
	sayBearerTwice   reason.Code = "key_unknown/bearer_twice"
	sayInvisible     reason.Code = "key_unknown/invisible"
	sayName          reason.Code = "key_unknown/name"
	sayEscape        reason.Code = "key_unknown/escape"
	sayWhiteSpace    reason.Code = "key_unknown/white_space"
	sayPunctuation   reason.Code = "key_unknown/punctuation"
	sayQueuedNotice  reason.Code = "words/no_connector_queued"
	sayUncertainHeld reason.Code = "words/no_connector_uncertain"
	wordOr           reason.Code = "words/or"
)

// The kinds of title in the catalogue, which are the lists of the manual.
const (
	problemTitle   = "problem"
	recipientTitle = "recipient"
	warningTitle   = "warning"
	decisionTitle  = "decision"
	eventTitle     = "event"
	rowTitle       = "row"
)

// titleKinds are the lists in the order of the manual.
var titleKinds = []string{problemTitle, recipientTitle, warningTitle, decisionTitle, eventTitle, rowTitle}

// titleOf says what a code means in general.
func titleOf(kind, code string) reason.Reason {
	return reason.Of(reason.Code(reason.Title+"/"+kind+"/"+code), nil)
}

// titled are the codes of a kind that have a title.
func titled(kind string) (codes []string) {
	for _, c := range reason.Codes() {
		if code, ok := strings.CutPrefix(string(c), reason.Title+"/"+kind+"/"); ok {
			codes = append(codes, code)
		}
	}
	return codes
}
