// Package wish reads what a person wants who answers a text: no more advertising, some
// again, or something else that people read. The words of every language stand in
// words.toml, with the place where a rule or an operator names them.
//
// It errs to one side. A STOP that is missed is advertising to somebody who refused it; so
// what may be one and is not certain is Unsure, for a person to look at. Start with Reader.
package wish
