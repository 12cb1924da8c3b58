// Package docs has those documents that the program shows.
package docs

import _ "embed"

// Console and ConsoleFrench are the manual of the console, in Markdown.
var (
	//go:embed console.md
	Console []byte
	//go:embed fr/console.md
	ConsoleFrench []byte
)
