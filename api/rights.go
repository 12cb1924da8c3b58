package api

import (
	"maps"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"relais/auth"
)

// rights has every route under /v1/ with the right that a key needs for it. A test walks
// it with each set of rights; a route without a line is refused to everybody.
var rights = map[string]auth.KeyRight{
	"POST /v1/messages":             auth.KeySend,
	"POST /v1/messages/preview":     auth.KeySend,
	"POST /v1/batches":              auth.KeySend,
	"POST /v1/messages/{id}/cancel": auth.KeySend,

	"GET /v1/templates":               auth.KeyRead,
	"GET /v1/templates/{id}":          auth.KeyRead,
	"GET /v1/templates/{id}/versions": auth.KeyRead,
	"POST /v1/templates/{id}/preview": auth.KeyRead,

	// Making a campaign and sending it are two rights; who may send may stop.
	"POST /v1/campaigns":                 auth.KeyManage,
	"PATCH /v1/campaigns/{id}":           auth.KeyManage,
	"DELETE /v1/campaigns/{id}":          auth.KeyManage,
	"PUT /v1/campaigns/{id}/file":        auth.KeyManage,
	"PUT /v1/campaigns/{id}/recipients":  auth.KeyManage,
	"POST /v1/campaigns/{id}/check":      auth.KeyManage,
	"POST /v1/campaigns/{id}/retry":      auth.KeyManage,
	"POST /v1/campaigns/{id}/correction": auth.KeyManage,

	"POST /v1/campaigns/{id}/start":  auth.KeySend,
	"POST /v1/campaigns/{id}/pause":  auth.KeySend,
	"POST /v1/campaigns/{id}/resume": auth.KeySend,
	"POST /v1/campaigns/{id}/cancel": auth.KeySend,
	"POST /v1/campaigns/{id}/test":   auth.KeySend,

	"POST /v1/campaigns/{id}/approve": auth.KeyApprove,
	"POST /v1/campaigns/{id}/refuse":  auth.KeyApprove,

	"GET /v1/campaigns":                         auth.KeyRead,
	"GET /v1/campaigns/{id}":                    auth.KeyRead,
	"GET /v1/campaigns/{id}/look":               auth.KeyRead,
	"GET /v1/campaigns/{id}/report":             auth.KeyRead,
	"GET /v1/campaigns/{id}/rows":               auth.KeyRead,
	"GET /v1/campaigns/{id}/rows.csv":           auth.KeyRead,
	"GET /v1/campaigns/{id}/rows.xlsx":          auth.KeyRead,
	"GET /v1/campaigns/{id}/rows/{row}/preview": auth.KeyRead,
	"GET /v1/campaigns/{id}/timeline":           auth.KeyRead,

	"GET /v1/lists":              auth.KeyRead,
	"GET /v1/lists/{id}":         auth.KeyRead,
	"GET /v1/lists/{id}/entries": auth.KeyRead,

	"POST /v1/lists":                        auth.KeyManage,
	"PUT /v1/lists/{id}":                    auth.KeyManage,
	"DELETE /v1/lists/{id}":                 auth.KeyManage,
	"PUT /v1/lists/{id}/table":              auth.KeyManage,
	"POST /v1/lists/{id}/fill":              auth.KeyManage,
	"POST /v1/lists/{id}/refuse":            auth.KeyManage,
	"DELETE /v1/lists/{id}/entries/{entry}": auth.KeyManage,

	"GET /v1/contacts":          auth.KeyRead,
	"GET /v1/contacts/{number}": auth.KeyRead,
	"GET /v1/groups":            auth.KeyRead,
	"GET /v1/groups/{id}":       auth.KeyRead,

	"POST /v1/contacts":                   auth.KeyManage,
	"POST /v1/contacts/import":            auth.KeyManage,
	"PUT /v1/contacts/{number}":           auth.KeyManage,
	"DELETE /v1/contacts/{number}":        auth.KeyManage,
	"POST /v1/contacts/{number}/consents": auth.KeyManage,
	"POST /v1/contacts/{number}/withdraw": auth.KeyManage,
	"POST /v1/groups":                     auth.KeyManage,
	"PUT /v1/groups/{id}":                 auth.KeyManage,
	"DELETE /v1/groups/{id}":              auth.KeyManage,

	"GET /v1/messages":          auth.KeyRead,
	"GET /v1/messages/{id}":     auth.KeyRead,
	"GET /v1/inbound":           auth.KeyRead,
	"GET /v1/events":            auth.KeyRead,
	"GET /v1/opt-outs":          auth.KeyRead,
	"GET /v1/opt-outs/{number}": auth.KeyRead,
	"GET /v1/opt-outs.csv":      auth.KeyRead,
	"GET /v1/usage":             auth.KeyRead,
	"GET /v1/usage.csv":         auth.KeyRead,
	"GET /v1/connectors":        auth.KeyRead,

	"POST /v1/templates":                       auth.KeyManage,
	"PUT /v1/templates/{id}":                   auth.KeyManage,
	"DELETE /v1/templates/{id}":                auth.KeyManage,
	"POST /v1/templates/{id}/restore":          auth.KeyManage,
	"POST /v1/messages/{id}/resolve":           auth.KeyManage,
	"POST /v1/inbound/{id}/decision":           auth.KeyManage,
	"PUT /v1/opt-outs/{number}":                auth.KeyManage,
	"DELETE /v1/opt-outs/{number}":             auth.KeyManage,
	"POST /v1/opt-outs.csv":                    auth.KeyManage,
	"GET /v1/configuration":                    auth.KeyOperate, // of the gateway, not of an account
	"POST /v1/connectors/{name}/pause":         auth.KeyOperate,
	"POST /v1/connectors/{name}/resume":        auth.KeyOperate,
	"GET /v1/connectors/{name}/trace":          auth.KeyOperate,
	"POST /v1/connectors/{name}/reassign":      auth.KeyManage,
	"GET /v1/people/{number}/export":           auth.KeyManage,
	"HEAD /v1/people/{number}/export":          auth.KeyManage,
	"POST /v1/people/{number}/erase":           auth.KeyManage,
	"GET /v1/audit":                            auth.KeyManage,
	"GET /v1/webhooks":                         auth.KeyManage, // their addresses may hold secrets
	"POST /v1/webhooks":                        auth.KeyManage,
	"GET /v1/webhooks/{id}":                    auth.KeyManage,
	"DELETE /v1/webhooks/{id}":                 auth.KeyManage,
	"PATCH /v1/webhooks/{id}":                  auth.KeyManage,
	"POST /v1/webhooks/{id}/disable":           auth.KeyManage,
	"POST /v1/webhooks/{id}/test":              auth.KeyManage,
	"GET /v1/webhooks/{id}/deliveries/{event}": auth.KeyManage,
	"POST /v1/webhooks/{id}/enable":            auth.KeyManage,
	"POST /v1/webhooks/{id}/rotate":            auth.KeyManage,
	"POST /v1/webhooks/{id}/replay":            auth.KeyManage,
	"GET /v1/webhooks/{id}/deliveries":         auth.KeyManage,
	"GET /v1/webhook-secret":                   auth.KeyManage,
	"POST /v1/webhook-secret":                  auth.KeyManage,
}

// needs is the right that a request of a route needs; "" where none takes it, which is answered
// to every key. It is no right at all where the route has no line: no key has that.
func (t *routes) needs(pattern string) auth.KeyRight {
	if pattern == "/" || pattern == "" {
		return ""
	}
	if right, ok := rights[pattern]; ok {
		return right
	}
	return "none"
}

// describeRights says of each operation which right a key needs (OpenAPI 3.1, "Security
// Requirement Object": a list of roles), and that it is refused without.
func (r *router) describeRights() {
	for pattern, op := range r.operations() {
		right, known := rights[pattern]
		if !known {
			continue
		}
		op.Security = []map[string][]string{{"key": {string(right)}}}
		status := statusText(http.StatusForbidden)
		if op.Responses[status] == nil {
			op.Responses[status] = r.problem(http.StatusForbidden)
		}
	}
}

// problem describes the answer of a refusal.
func (r *router) problem(status int) *huma.Response {
	schemas := r.api.OpenAPI().Components.Schemas
	return &huma.Response{
		Description: http.StatusText(status),
		Content: map[string]*huma.MediaType{
			problemType: {Schema: schemas.Schema(typeOf(Problem{}), true, "")},
		},
	}
}

// Route is one under /v1/, with the right that a key needs for it.
type Route struct {
	Pattern string // of http.ServeMux
	Needs   auth.KeyRight
}

// Routes returns every route that needs a right, in the order of their patterns.
func Routes() []Route {
	all := make([]Route, 0, len(rights))
	for _, pattern := range slices.Sorted(maps.Keys(rights)) {
		all = append(all, Route{pattern, rights[pattern]})
	}
	return all
}
