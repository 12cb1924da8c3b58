package api

import "relais/reason"

// Decision is one thing that the gateway decided about a message, and why.
type Decision struct {
	Code   string `json:"code" doc:"stable word for programs" example:"encoding"`
	Detail string `json:"detail" doc:"sentence for people, in English or French by Accept-Language"`
}

func decisionsOf(decisions []reason.Reason, l reason.Language) []Decision {
	shown := make([]Decision, len(decisions))
	for i, d := range decisions {
		shown[i] = Decision{d.Code.Wire(), d.In(l)}
	}
	return shown
}
