// Package duty holds what goes on by itself: every chore of the gateway, how often
// it is done, and on which node.
//
// A [Chore] is a loop with a name, and belongs to the package that does the work. A
// [Duty] is a set of chores that one node of a cluster does at a time: the lane of a
// connector, the webhooks. The [Roster] has them all. It starts them, gives each duty
// to one node by leases, and ends them in order.
//
// The [Clock] is the one that chores go by: it notices when it is set.
package duty
