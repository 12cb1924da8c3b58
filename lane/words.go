package lane

import (
	"relais/reason"
	"relais/sms"
)

// Why a connector is left: pieces of sentences.
const (
	manyFailed  reason.Code = "words/many_failed"
	manyLate    reason.Code = "words/many_late"
	leftBlocked reason.Code = "words/left_blocked"
	leftFailing reason.Code = "words/left_failing"
	leftKind    reason.Code = "words/left_kind"
	leftSender  reason.Code = "words/left_sender"

	leftPaused      reason.Code = "words/left_paused"
	leftPausedUntil reason.Code = "words/left_paused_until"
)

// Why a connector does not run, where no operator says so.
const (
	anotherNode reason.Code = "words/connector_elsewhere"
	noConnector reason.Code = "words/connector_missing"
	noTariff    reason.Code = "words/tariff_untold" // nor does it start
)

// What a pause by a person says: of the connector, and of a message that waits.
const (
	pausedByPerson      reason.Code = "words/paused_by_person"
	pausedByPersonUntil reason.Code = "words/paused_by_person_until"
	waitsPaused         reason.Code = "words/waits_paused"
	waitsPausedUntil    reason.Code = "words/waits_paused_until"
)

// What a pause would do.
const (
	outlookCodes   reason.Code = "words/outlook_codes"
	outlookKeeps   reason.Code = "words/outlook_keeps"
	outlookMoves   reason.Code = "words/outlook_moves"
	outlookNoCodes reason.Code = "words/outlook_no_codes"
	outlookNothing reason.Code = "words/outlook_nothing"
	outlookRoutes  reason.Code = "words/outlook_routes"
	outlookStays   reason.Code = "words/outlook_stays"
	outlookWaiting reason.Code = "words/outlook_waiting"
)

// CodeKindUnsupported refuses a message of a kind that its connector does not send.
const CodeKindUnsupported reason.Code = "kind_unsupported"

// kindWords name messages of a kind in a sentence.
var kindWords = map[sms.Kind]reason.Code{sms.Flash: kindFlash, sms.Binary: kindBinary}

const (
	kindBinary reason.Code = "words/kind_binary"
	kindFlash  reason.Code = "words/kind_flash"
)

// CodeHeld is the code of the event that holds a message in doubt for a person: its operator
// is not asked again.
const CodeHeld = "held"

// The other codes of events that lanes make, beside those of package sms.
const (
	codeBatchRefused     = "batch_refused"
	codeClockSetBack     = "clock_set_back"
	codeConnectorBlocked = "connector_blocked"
	codeLookupFound      = "lookup_found"
	codeNoClearAnswer    = "no_clear_answer"
	codeNotSent          = "not_sent"
	codeOperatorAccepted = "operator_accepted"
	codeOperatorRejected = "operator_rejected"
	codeProcessDied      = "process_died"
	codeReassigned       = "reassigned"
	codeRerouted         = "rerouted"
	codeResolvedGivenUp  = "resolved_given_up"
	codeResolvedTaken    = "resolved_taken"
	codeRetry            = "retry"
	codeThrottled        = "throttled"
)

// What the events of a message say beside their code.
const (
	batchRefused     reason.Code = "words/lane_batch_refused"
	clauseAdded      reason.Code = "words/lane_clause_added"
	clauseLacking    reason.Code = "words/lane_clause_lacking"
	clockSetBack     reason.Code = "words/lane_clock_set_back"
	endsBeforeAgain  reason.Code = "words/lane_ends_before_again"
	endsBeforeRetry  reason.Code = "words/lane_ends_before_retry"
	endsBeforeSent   reason.Code = "words/lane_ends_before_sent"
	givenByPerson    reason.Code = "words/lane_given_by_person"
	goesOn           reason.Code = "words/lane_goes_on"
	heldForPerson    reason.Code = "words/lane_held_for_person"
	heldInDoubt      reason.Code = "words/lane_held_in_doubt"
	idUnproved       reason.Code = "words/lane_id_unproved"
	lookupFound      reason.Code = "words/lane_lookup_found"
	lookupNotTaken   reason.Code = "words/lane_lookup_not_taken"
	lookupUnclear    reason.Code = "words/lane_lookup_unclear"
	movedOn          reason.Code = "words/lane_moved_on"
	noChance         reason.Code = "words/second_chance_none"
	noChanceInParts  reason.Code = "words/second_chance_parts"
	noReceipt        reason.Code = "words/lane_no_receipt"
	notMade          reason.Code = "words/lane_not_made"
	priceThere       reason.Code = "words/lane_price_there"
	priceUnknown     reason.Code = "words/lane_price_unknown_there"
	processDied      reason.Code = "words/lane_process_died"
	resolvedGivenUp  reason.Code = "words/lane_resolved_given_up"
	resolvedNotTaken reason.Code = "words/lane_resolved_not_taken"
	resolvedTaken    reason.Code = "words/lane_resolved_taken"
	sentAgain        reason.Code = "words/second_chance"
)
