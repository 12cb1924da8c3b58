// Package remote holds the commands that call the HTTP API of a gateway. Each lives in
// the file named after it; access.go is how they reach the gateway.
package remote
