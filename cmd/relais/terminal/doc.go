// Package terminal is what the commands speak through: streams, the language of the
// person and its phrases, tables that fit a screen, times, secrets and a question before
// what cannot be undone.
package terminal
