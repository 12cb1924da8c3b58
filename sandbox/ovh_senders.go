package sandbox

// checkSender refuses a job whose sender may not be used: 403 and this sentence
// were observed for an unknown one (OpenAEV issue 398); the sentence for one in
// another state is inferred from that of a pending one (php-ovh-sms issue 23).
func (o *ovh) checkSender(name string) error {
	switch d, known := o.senders.get(name); {
	case !known:
		return ovhForbidden("Sms sender " + name + " does not exists. Please create it first")
	case d.Status == senderEnabled:
		return nil
	default:
		return ovhForbidden("Sms sender " + name + " is not validated yet. Please wait for its validation")
	}
}

// senderNames are those that are usable or await approval (documented: GET
// /sms/{serviceName}/senders). That the others are not listed is inferred.
func (o *ovh) senderNames(*ovhAccount) (any, error) {
	return o.senders.names(senderEnabled, senderWaiting), nil
}

// senderModel is sms.Sender.
func (o *ovh) senderModel(_ *ovhAccount, name string) (any, error) {
	d, known := o.senders.get(name)
	if !known {
		return nil, ovhUnknown("sender", name)
	}
	var comment any // null where the moderator said nothing
	if d.Comment != "" {
		comment = d.Comment
	}
	return map[string]any{
		"comment": comment, "description": "simulated sender", "referer": "custom", "sender": name,
		"status": d.Status, "type": "alpha", "validationMedia": nil,
	}, nil
}
