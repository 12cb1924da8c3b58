package mail

import "relais/reason"

// Why a value of the configuration cannot work. The sentences stand in the catalogues.
const (
	whyAlias       reason.Code = "config_invalid/mail_door_alias"
	whyCertificate reason.Code = "config_invalid/mail_door_certificate"
	whyDomain      reason.Code = "config_invalid/mail_door_domain"
	whyHash        reason.Code = "config_invalid/mail_door_hash"
	whyListen      reason.Code = "config_invalid/mail_door_listen"
	whyMark        reason.Code = "config_invalid/mail_door_mark"
	whyNobody      reason.Code = "config_invalid/mail_door_nobody"
	whyProof       reason.Code = "config_invalid/mail_door_proof"
	whyReceipts    reason.Code = "config_invalid/mail_door_receipts"
	whySender      reason.Code = "config_invalid/mail_door_sender"
	whySize        reason.Code = "config_invalid/mail_door_size"
	whyTLS         reason.Code = "config_invalid/mail_door_tls"
)
