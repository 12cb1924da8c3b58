// Package quota bounds what is accepted: how many messages, how many segments and
// how much money in a minute, an hour, a day or a month.
//
// The [Book] has the quotas of a gateway. It makes the [Bill] of a submission: what it
// takes from each quota that counts it. The store counts the bill in the transaction
// that accepts the messages, and accepts nothing when that is more than a quota
// allows. Only then, or for a preview, [Bill.Enforce] reads what was counted and works
// out who is too many.
package quota
