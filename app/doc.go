// Package app wires the program: it is the only place that knows every other
// package. connectors.go holds the table of providers, app.go starts and stops
// the process's parts in order.
package app
