// Package config reads the configuration of the gateway: one typed tree with
// defaults, one TOML file over them, and the environment over both.
//
// It is strict: an unknown key, a wrong type or an impossible value is a
// problem with its place and what would be right, and all problems are
// reported at once. The section of a connector is made, and its values are
// judged, by the connector's provider. No message shows a secret.
//
// It knows nothing of the command line: a command sets the fields that its
// flags name, then calls Validate. Start with config.go for the keys, then
// load.go for the order in which values are applied.
package config
