// Package credit watches what is left of the credit at operators: it reads it now and
// then, says when it will be used up, and tells people and callers when it is low.
package credit
