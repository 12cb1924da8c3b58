// Twilio's own client for Go, in a module of its own that no other imports: the gateway does not depend on it.
module relais/internal/oracle/twiliogo

go 1.26.0

require github.com/twilio/twilio-go v1.31.0

require (
	github.com/golang/mock v1.6.0 // indirect
	github.com/pkg/errors v0.9.1 // indirect
)
