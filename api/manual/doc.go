// Package manual is the manual of the API: pages under /docs for people, drawn from the
// OpenAPI description.
//
// Nothing stands here twice. The description brings routes, fields and their meanings
// (book.go); examples.toml says what each example asks, and call.go writes that in five
// languages; answer/ and event/ hold what a gateway beside simulated operators answered,
// written down by TestExamplesInEveryLanguage, which runs all of them; problems.go says
// where each code of a problem occurs. Words of the pages come from the catalogues, and
// French.toml has the sentences of the description in French. Start with manual.go.
package manual
