package ovh

import "relais/reason"

// What the door says of a request. The sentences stand in the catalogues.
const (
	codeNotInternational reason.Code = "number_not_international"
)
