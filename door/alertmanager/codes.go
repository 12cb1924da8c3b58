package alertmanager

import "relais/reason"

// What the door says of a request. The sentences stand in the catalogues.
const (
	codeBodyCut      reason.Code = "body_cut"
	codeCut          reason.Code = "text_cut/segments"
	codeInternal     reason.Code = "internal_error/alertmanager"
	codeMethod       reason.Code = "method_wrong/alertmanager"
	codeTemplate     reason.Code = "template_fails"
	codeTooLarge     reason.Code = "body_too_large/alertmanager"
	codeUnauthorized reason.Code = "unauthorized/receiver"
	codeUnreadable   reason.Code = "webhook_unreadable"
)
