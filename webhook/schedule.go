package webhook

import "time"

// GiveUp is how long an event is delivered again before it is given up.
const GiveUp = 72 * time.Hour
