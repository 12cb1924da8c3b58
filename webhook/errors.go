package webhook

import "errors"

// ErrUnknown is returned for what does not exist, or belongs to another account.
var ErrUnknown = errors.New("unknown")
