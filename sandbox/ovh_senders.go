package sandbox

import "slices"

// The statuses of a sender (documented: sms.StatusSenderEnum).
const (
	senderEnabled = "enable"
	senderWaiting = "waitingValidation"
)

var ovhSenders = []struct{ name, status string }{
	{OVHSender, senderEnabled}, {OVHSecondSender, senderEnabled}, {OVHPendingSender, senderWaiting},
}

func senderStatus(name string) string {
	for _, s := range ovhSenders {
		if s.name == name {
			return s.status
		}
	}
	return ""
}

// checkSender refuses a job whose sender may not be used: 403 and this sentence
// were observed for an unknown one (OpenAEV issue 398); the sentence for a pending
// one is inferred.
func checkSender(name string) error {
	switch senderStatus(name) {
	case senderEnabled:
		return nil
	case senderWaiting:
		return ovhForbidden("Sms sender " + name + " is not validated yet. Please wait for its validation")
	}
	return ovhForbidden("Sms sender " + name + " does not exists. Please create it first")
}

func senderNames() []string {
	var names []string
	for _, s := range ovhSenders {
		names = append(names, s.name)
	}
	return slices.Clip(names)
}

// senderModel is sms.Sender.
func senderModel(_ *ovhAccount, name string) (any, error) {
	status := senderStatus(name)
	if status == "" {
		return nil, ovhUnknown("sender", name)
	}
	return map[string]any{
		"comment": nil, "description": "simulated sender", "referer": "custom", "sender": name,
		"status": status, "type": "alpha", "validationMedia": nil,
	}, nil
}
