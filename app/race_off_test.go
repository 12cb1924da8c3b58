//go:build !race

package app_test

// stormSize is how many receipts come in a burst.
const stormSize = 10_000
