package typography

// Policy is what becomes of characters that the GSM alphabet lacks.
type Policy string

// The policies.
const (
	Keep Policy = "keep" // they stay, and the text is UCS-2
	GSM  Policy = "gsm"  // they are replaced, where that makes the text GSM 7-bit
)

// Policies lists them.
var Policies = []Policy{Keep, GSM}
