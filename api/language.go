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
		r.Warnings[i].Detail = either(r.Warnings[i].French, r.Warnings[i].Detail)
	}
	refusalsInFrench(r.Rejected)
}

func refusalsInFrench(refusals []gateway.Refusal) {
	for i := range refusals {
		refusals[i].Detail = either(refusals[i].French, refusals[i].Detail)
	}
}

func decisionsInFrench(decisions []gateway.Decision) []gateway.Decision {
	changed := make([]gateway.Decision, len(decisions))
	for i, d := range decisions {
		d.Detail = either(d.French, d.Detail)
		changed[i] = d
	}
	return changed
}

func either(wanted, other string) string {
	if wanted != "" {
		return wanted
	}
	return other
}

// Decision is one thing that the gateway decided about a message, and why.
type Decision struct {
	Code   string `json:"code" doc:"stable word for programs" example:"encoding"`
	Detail string `json:"detail" doc:"sentence for people, in English or French by Accept-Language"`
}

func decisionsOf(lists ...[]gateway.Decision) []Decision {
	shown := []Decision{}
	for _, list := range lists {
		for _, d := range list {
			shown = append(shown, Decision{d.Code, d.Detail})
		}
	}
	return shown
}
