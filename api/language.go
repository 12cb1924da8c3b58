package api

import (
	"relais/gateway"
	"relais/reason"
)

// french is the language of the sentences that are still stored in two.
const french reason.Language = "fr"

// inFrench replaces the sentences that there are in French.
func inFrench(r *gateway.Result) {
	r.Common = decisionsInFrench(r.Common)
	for i := range r.Messages {
		r.Messages[i].Decisions = decisionsInFrench(r.Messages[i].Decisions)
	}
	for i := range r.Warnings {
		r.Warnings[i].Reason = inFrenchWords(r.Warnings[i].Reason)
	}
	refusalsInFrench(r.Rejected)
}

func refusalsInFrench(refusals []gateway.Refusal) {
	for i := range refusals {
		refusals[i].Reason = inFrenchWords(refusals[i].Reason)
	}
}

func decisionsInFrench(decisions []reason.Reason) []reason.Reason {
	changed := make([]reason.Reason, len(decisions))
	for i, d := range decisions {
		changed[i] = inFrenchWords(d)
	}
	return changed
}

// inFrenchWords is a reason whose words are French for every reader.
func inFrenchWords(r reason.Reason) reason.Reason { return reason.Written(r.Code, r.In("fr"), "") }

// Decision is one thing that the gateway decided about a message, and why.
type Decision struct {
	Code   string `json:"code" doc:"stable word for programs" example:"encoding"`
	Detail string `json:"detail" doc:"sentence for people, in English or French by Accept-Language"`
}

func decisionsOf(lists ...[]reason.Reason) []Decision {
	shown := []Decision{}
	for _, list := range lists {
		for _, d := range list {
			shown = append(shown, Decision{d.Code.Wire(), d.In(reason.English)})
		}
	}
	return shown
}
