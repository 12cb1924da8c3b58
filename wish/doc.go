// Package wish reads what the writer of a reply wants: no more advertising, advertising
// again, or something else, which people read. The words of every language stand in
// words.toml, with the rule or the operator that names them.
//
// It errs on one side. A STOP that is missed is advertising to somebody who refused it, so
// whatever may be one without being certain is Unsure: a person looks at it. Start with
// Reader.
package wish
