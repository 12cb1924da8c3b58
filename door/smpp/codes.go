package smpp

import "relais/reason"

// What the door says of a request for the timeline. The sentences stand in the catalogues.
const codeValidity reason.Code = "smpp_validity"
