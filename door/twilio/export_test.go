package twilio

// What tests of the package look at.
var (
	Signature    = signature
	ExactAddress = exactAddress
	Called       = called
	HostOf       = hostOf
	ParseTwiML   = parseTwiML
)
