package lane

import "relais/reason"

// Why a connector is left: pieces of sentences.
const (
	manyFailed  reason.Code = "words/many_failed"
	manyLate    reason.Code = "words/many_late"
	leftBlocked reason.Code = "words/left_blocked"
	leftFailing reason.Code = "words/left_failing"
	leftSender  reason.Code = "words/left_sender"
)
