package alert

import "relais/reason"

// Why a notification cannot be read, or a template written.
const (
	codeKind          reason.Code = "webhook_unreadable/kind"
	codeMoment        reason.Code = "webhook_unreadable/moment"
	codeNoAlerts      reason.Code = "webhook_unreadable/no_alerts"
	codeNoObject      reason.Code = "webhook_unreadable/no_object"
	codeNoVersion     reason.Code = "webhook_unreadable/no_version"
	codeTemplateFails reason.Code = "template_fails/run"
	codeVersion       reason.Code = "webhook_unreadable/version"
	codeVersionKind   reason.Code = "webhook_unreadable/version_kind"
)
