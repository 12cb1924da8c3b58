package twilio

import "relais/reason"

// What the door says of a request for the timeline. The sentence stands in the catalogues.
const codeIgnored reason.Code = "twilio_ignored"
