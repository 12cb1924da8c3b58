package ovh

import "strings"

// routes is the table of the API. Those of /sms come from the published schema
// (sms.json of 2026-04: 124 operations).
func routes() []route {
	all := []route{
		{method: "GET", path: "/auth/time", answer: authTime, access: anybody},
		{method: "POST", path: "/auth/credential", answer: requestCredential, access: applicationOnly},
		{method: "GET", path: "/auth/currentCredential", answer: currentCredential, access: anyRule},
		{method: "GET", path: "/auth/details", answer: details, access: anyRule},
		{method: "POST", path: "/auth/logout", answer: logout, access: anyRule},
	}
	for i := range all {
		all[i].segments = strings.Split(strings.Trim(all[i].path, "/"), "/")
	}
	return all
}
