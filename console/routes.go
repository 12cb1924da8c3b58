package console

import (
	"net/http"

	"relais/auth"
)

// open is the right of addresses that need none: nobody is signed in there yet.
const open auth.Right = ""

// route is an address of the console.
type route struct {
	pattern string     // of http.ServeMux
	needs   auth.Right // in the account that is looked at; open: none, anybody may
	answer  func(q *request) (answer, error)
}

// table has every address with the right that it needs. A test walks it with each role.
func table() []route {
	return []route{
		{"GET /console/signin", open, showSignIn},
		{"POST /console/signin", open, signIn},
		{"GET /console/step", open, showStep},
		{"POST /console/step", open, takeStep},
		{"GET /console/welcome", open, showWelcome},
		{"POST /console/welcome", open, takeWelcome},
		{"POST /console/signout", open, signOut},
		{"POST /console/preferences", open, setPreferences},

		{"GET /console/{$}", auth.SeeCounts, showHome},
		{"GET /console/send", auth.Send, showSend},
		{"POST /console/send", auth.Send, postSend},
		{"GET /console/messages", auth.SeeMessages, showMessages},
		{"POST /console/messages/search", auth.SeeMessages, searchMessages},
		{"GET /console/messages/{id}", auth.SeeMessages, showMessage},
		{"POST /console/messages/{id}/cancel", auth.Send, cancelMessage},
		{"GET /console/held", auth.Decide, showHeld},
		{"POST /console/held/{id}", auth.Decide, decideHeld},
		{"POST /console/held/together", auth.Decide, decideTogether},
		{"GET /console/inbox", auth.SeeMessages, showInbox},
		{"GET /console/inbox/{id}", auth.SeeMessages, showConversation},
		{"POST /console/inbox/{id}/answer", auth.Send, postAnswer},
		{"POST /console/inbox/{id}/decide", auth.AddOptOuts, decideReply},
		{"GET /console/opt-outs", auth.SeeOptOuts, showOptOuts},
		{"POST /console/opt-outs/search", auth.SeeOptOuts, searchOptOuts},
		{"POST /console/opt-outs/add", auth.AddOptOuts, addOptOut},
		{"POST /console/opt-outs/export", auth.Export, exportOptOuts},
		{"GET /console/opt-outs/{person}", auth.SeeOptOuts, showOptOut},
		{"POST /console/opt-outs/{person}/remove", auth.ManageOptOuts, removeOptOut},
		{"GET /console/connectors", auth.SeeCounts, showConnectors},
	}
}

// handler serves the table, and the files beside it.
func (c *Console) handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /console/static/", static())
	mux.HandleFunc("GET /console", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, Home, http.StatusSeeOther)
	})
	for _, r := range table() {
		mux.Handle(r.pattern, c.guard(r))
	}
	mux.Handle("/console/", c.guard(route{answer: func(*request) (answer, error) { return nil, notFound() }}))
	return c.headers(http.NewCrossOriginProtection().Handler(mux))
}
