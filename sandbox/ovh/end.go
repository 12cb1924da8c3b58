package ovh

import "relais/sandbox/world"

// end is deliveryReceipt with ptt (documented: guide on SMS users).
type end struct{ receipt, ptt int }

var (
	arrived = end{1, 4}
	onWay   = end{4, 3}
	retried = end{8, 1}
	blocked = end{2, 23}
	expired = end{2, 8}
)

// ends are the codes of what becomes of a text.
var ends = map[world.End]end{
	world.Arrived: arrived, world.Absent: {2, 24}, world.UnknownSubscriber: {2, 27},
	world.Blocked: blocked, world.Expired: expired, world.NetworkFailure: {2, 25},
}
