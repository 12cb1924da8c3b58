package ovh

import (
	"strings"

	"relais/auth"
)

// table is every operation under /sms of the published schema (sms.json of
// 2026-04: 78 routes, 124 operations), literal segments before variable ones.
// Those that have no answer in answers are not built, and say so.
const table = `
GET /sms
POST /sms/estimate
GET /sms/ptts
GET /sms/rates/destinations
GET /sms/rates/packs
GET /sms/virtualNumbers
GET /sms/virtualNumbers/{number}
GET PUT /sms/virtualNumbers/{number}/serviceInfos
GET PUT /sms/{serviceName}
GET POST /sms/{serviceName}/batches
GET PUT DELETE /sms/{serviceName}/batches/{id}
POST /sms/{serviceName}/batches/{id}/cancel
GET /sms/{serviceName}/batches/{id}/statistics
GET /sms/{serviceName}/blacklists
GET DELETE /sms/{serviceName}/blacklists/{number}
GET /sms/{serviceName}/document
GET /sms/{serviceName}/exceptions
GET POST /sms/{serviceName}/hlr
GET /sms/{serviceName}/hlr/{id}
GET /sms/{serviceName}/hlr/{id}/operator
GET /sms/{serviceName}/incoming
GET DELETE /sms/{serviceName}/incoming/{id}
GET POST /sms/{serviceName}/jobs
GET DELETE /sms/{serviceName}/jobs/{id}
GET /sms/{serviceName}/outgoing
GET DELETE /sms/{serviceName}/outgoing/{id}
GET /sms/{serviceName}/outgoing/{id}/hlr
GET POST /sms/{serviceName}/phonebooks
GET PUT DELETE /sms/{serviceName}/phonebooks/{bookKey}
GET /sms/{serviceName}/phonebooks/{bookKey}/export
POST /sms/{serviceName}/phonebooks/{bookKey}/import
GET POST /sms/{serviceName}/phonebooks/{bookKey}/phonebookContact
GET PUT DELETE /sms/{serviceName}/phonebooks/{bookKey}/phonebookContact/{id}
GET POST /sms/{serviceName}/receivers
GET PUT DELETE /sms/{serviceName}/receivers/{slotId}
POST /sms/{serviceName}/receivers/{slotId}/clean
GET /sms/{serviceName}/receivers/{slotId}/csv
GET /sms/{serviceName}/seeOffers
GET POST /sms/{serviceName}/senders
GET PUT DELETE /sms/{serviceName}/senders/{sender}
GET POST /sms/{serviceName}/senders/{sender}/documents
GET PUT /sms/{serviceName}/senders/{sender}/documents/{documentID}
POST /sms/{serviceName}/senders/{sender}/validate
GET /sms/{serviceName}/sendersAvailableForValidation
GET PUT /sms/{serviceName}/serviceInfos
GET PUT /sms/{serviceName}/smpp/allowedIPs
POST /sms/{serviceName}/smpp/password
GET /sms/{serviceName}/smpp/settings
GET /sms/{serviceName}/task
GET /sms/{serviceName}/task/{taskId}
GET POST /sms/{serviceName}/templatesControl
GET PUT DELETE /sms/{serviceName}/templatesControl/{name}
POST /sms/{serviceName}/templatesControl/{name}/relaunchValidation
POST /sms/{serviceName}/transferCredits
GET POST /sms/{serviceName}/users
GET PUT DELETE /sms/{serviceName}/users/{login}
GET /sms/{serviceName}/users/{login}/document
GET /sms/{serviceName}/users/{login}/incoming
GET DELETE /sms/{serviceName}/users/{login}/incoming/{id}
GET POST /sms/{serviceName}/users/{login}/jobs
GET DELETE /sms/{serviceName}/users/{login}/jobs/{id}
GET /sms/{serviceName}/users/{login}/outgoing
GET DELETE /sms/{serviceName}/users/{login}/outgoing/{id}
GET /sms/{serviceName}/users/{login}/outgoing/{id}/hlr
GET POST /sms/{serviceName}/users/{login}/receivers
GET PUT DELETE /sms/{serviceName}/users/{login}/receivers/{slotId}
POST /sms/{serviceName}/users/{login}/receivers/{slotId}/clean
GET /sms/{serviceName}/users/{login}/receivers/{slotId}/csv
GET /sms/{serviceName}/virtualNumbers
GET /sms/{serviceName}/virtualNumbers/{number}
GET POST DELETE /sms/{serviceName}/virtualNumbers/{number}/chatAccess
GET /sms/{serviceName}/virtualNumbers/{number}/incoming
GET DELETE /sms/{serviceName}/virtualNumbers/{number}/incoming/{id}
GET POST /sms/{serviceName}/virtualNumbers/{number}/jobs
GET DELETE /sms/{serviceName}/virtualNumbers/{number}/jobs/{id}
GET /sms/{serviceName}/virtualNumbers/{number}/outgoing
GET DELETE /sms/{serviceName}/virtualNumbers/{number}/outgoing/{id}
GET /sms/{serviceName}/virtualNumbers/{number}/outgoing/{id}/hlr
`

// answers are the operations that are built, by method and path; S stands for
// /sms/{serviceName}.
func answers() map[string]func(*call) (any, error) {
	all := map[string]func(*call) (any, error){
		"GET /sms": services, "POST /sms/estimate": estimate, "GET /sms/ptts": pttOf,
		"GET /sms/virtualNumbers": virtualNumbers,
		"GET S":                   getService, "PUT S": putService,
		"POST S/batches": postBatch, "GET S/batches": batches, "GET S/batches/{id}": getBatch,
		"PUT S/batches/{id}":         renameBatch,
		"POST S/batches/{id}/cancel": cancelBatch, "GET S/batches/{id}/statistics": batchStatistics,
		"GET S/blacklists": blacklists, "GET S/blacklists/{number}": getBlacklist,
		"DELETE S/blacklists/{number}": deleteBlacklist,
		"GET S/senders":                senders, "GET S/senders/{sender}": getSender,
		"GET S/exceptions": none,
		"GET S/users":      users, "POST S/users": postUser, "GET S/users/{login}": getUser,
		"PUT S/users/{login}": putUser, "DELETE S/users/{login}": deleteUser,
		"GET S/virtualNumbers": virtualNumbers, "GET S/virtualNumbers/{number}": getVirtualNumber,
		// There are none, which is a true answer.
		"GET S/hlr": none, "GET S/phonebooks": none, "GET S/receivers": none, "GET S/task": none,
		"GET S/templatesControl":              none,
		"GET S/sendersAvailableForValidation": none, "GET S/users/{login}/receivers": none,
	}
	for _, scope := range []string{"S", "S/users/{login}", "S/virtualNumbers/{number}"} {
		all["POST "+scope+"/jobs"], all["GET "+scope+"/jobs"] = postJob, jobs
		all["GET "+scope+"/jobs/{id}"], all["DELETE "+scope+"/jobs/{id}"] = getJob, deleteJob
		all["GET "+scope+"/outgoing"], all["GET "+scope+"/outgoing/{id}"] = outgoing, getOutgoing
		all["DELETE "+scope+"/outgoing/{id}"] = deleteOutgoing
		all["GET "+scope+"/incoming"], all["GET "+scope+"/incoming/{id}"] = incoming, getIncoming
		all["DELETE "+scope+"/incoming/{id}"] = deleteIncoming
	}
	return all
}

// none is the list of what an account does not have here.
func none(*call) (any, error) { return []string{}, nil }

// needed is the right that a key needs for a route, which none of /auth does: there a key
// asks about itself.
func needed(method, path string) auth.KeyRight {
	sends := strings.HasSuffix(path, "/jobs") || strings.HasSuffix(path, "/jobs/{id}") ||
		strings.Contains(path, "/batches") || path == "/sms/estimate"
	switch {
	case strings.HasPrefix(path, "/auth/"):
		return ""
	case method == "GET":
		return auth.KeyRead
	case sends: // an estimate is a preview, and a DELETE takes back what waits
		return auth.KeySend
	default:
		return auth.KeyManage
	}
}

// Route is one of this door, with the right that a key needs for it; empty: none.
type Route struct {
	Method, Path string
	Needs        auth.KeyRight
}

// Routes returns every route that this gateway has, in the order of the table.
func Routes() (all []Route) {
	for _, r := range routes() {
		if r.answer != nil {
			all = append(all, Route{r.method, r.path, r.needs})
		}
	}
	return all
}

// routes joins both tables.
func routes() []route {
	all := []route{
		{method: "GET", path: "/auth/time", answer: authTime, access: anybody},
		{method: "POST", path: "/auth/credential", answer: requestCredential, access: applicationOnly},
		{method: "GET", path: "/auth/currentCredential", answer: currentCredential, access: anyRule},
		{method: "GET", path: "/auth/details", answer: details, access: anyRule},
		{method: "POST", path: "/auth/logout", answer: logout, access: anyRule},
		{method: "GET", path: "/me"},
	}
	built := answers()
	for line := range strings.Lines(strings.TrimSpace(table)) {
		words := strings.Fields(line)
		path := words[len(words)-1]
		for _, method := range words[:len(words)-1] {
			answer := built[method+" "+strings.Replace(path, "/sms/{serviceName}", "S", 1)]
			all = append(all, route{method: method, path: path, answer: answer})
		}
	}
	for i := range all {
		all[i].needs = needed(all[i].method, all[i].path)
		all[i].segments = strings.Split(strings.Trim(all[i].path, "/"), "/")
	}
	return all
}
