// Infobip's own client for Go, in a module of its own that no other imports: the gateway does not depend on it.
module relais/internal/oracle/infobipgo

go 1.26.0

require github.com/infobip/infobip-api-go-client/v3 v3.2.0

require gopkg.in/validator.v2 v2.0.1 // indirect
