package mail

import "relais/reason"

// What the door says of a mail for the timeline. The sentence stands in the catalogues.
const codeAttachments reason.Code = "mail_attachments"
