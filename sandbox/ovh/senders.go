package ovh

import "relais/sandbox/world"

// senders are those of the customer, all accounts alike.
type senders struct{ *world.Senders }

// check refuses a job whose sender may not be used: 403 and this sentence
// were observed for an unknown one (OpenAEV issue 398); the sentence for one in
// another state is inferred from that of a pending one (php-ovh-sms issue 23).
func (s senders) check(name string) error {
	switch d, known := s.Get(name); {
	case !known:
		return forbidden("Sms sender " + name + " does not exists. Please create it first")
	case d.Status == world.SenderEnabled:
		return nil
	default:
		return forbidden("Sms sender " + name + " is not validated yet. Please wait for its validation")
	}
}

// list is GET senders: those that are usable or await approval (documented: GET
// /sms/{serviceName}/senders). That the others are not listed is inferred.
func (s senders) list(*account) (any, error) {
	return s.Names(world.SenderEnabled, world.SenderWaiting), nil
}

// model is sms.Sender.
func (s senders) model(_ *account, name string) (any, error) {
	d, known := s.Get(name)
	if !known {
		return nil, unknown("sender", name)
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
