// Package alertmanager is the door for the alerts of Prometheus' Alertmanager, at
// /alertmanager/NAME: it takes the webhook that Alertmanager sends of a group of alerts,
// writes one text of it by a template, and submits that.
//
// Each address belongs to a section of the configuration, which says who gets the text.
// It is no Alertmanager: it groups, silences and repeats nothing.
//
// Package alert knows the format and the template. Which answers Alertmanager tries again
// is read from its source, notify/webhook/webhook.go of 0.25: 5xx alone. Start with door.go.
package alertmanager
