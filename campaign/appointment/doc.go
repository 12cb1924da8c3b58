// Package appointment is what reminders of appointments need to know of time: dates and times as
// people write them in a table, rules such as "the day before at 18:00", and the clock on the wall
// of the place where the appointment is.
//
// A wall-clock time has no zone. It is kept as a time.Time in UTC that shows what the clock shows,
// and is never compared with a moment: Now and Instant lead from one to the other, by the rules of a
// named zone as they are when somebody asks. When reads a cell, ReadRules reads rules.
package appointment
