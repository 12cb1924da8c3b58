// Package alert reads what Prometheus' Alertmanager tells of a group of alerts, and writes
// a text of it by a template. It knows nothing of HTTP, of the gateway or of who gets the
// text: that is package door/alertmanager.
//
// The format is "webhook_config" of Alertmanager's documentation, version 4 (documented).
// Start with notification.go.
package alert
