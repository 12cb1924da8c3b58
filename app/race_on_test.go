//go:build race

package app_test

// stormSize is how many receipts come in a burst. The race detector makes each of them
// many times slower, and finds what it finds in fewer.
const stormSize = 2_000
