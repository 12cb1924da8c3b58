// Package merge is the language of texts with fields:
//
//	((prénom))                    the value; a text whose value is missing is not made
//	((prénom|Madame, Monsieur))   the value, else what stands behind the bar, which may be empty
//	((urgent??Appelez vite.))     what stands behind the marks, where the value says yes
//	\((                           two parentheses as such
//
// A text is parsed once and filled as often as there are people to write to. Values are
// never read as texts with fields. The package knows no file, no row and no store.
//
// Start with Parse; the language is spelt out in parse.go.
package merge
