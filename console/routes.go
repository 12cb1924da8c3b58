package console

import (
	"net/http"
	"slices"
	"strings"

	"relais/auth"
)

// open is the right of addresses that need none: nobody is signed in there yet. Those of
// everybody who is signed in need self (me.go).
const open auth.Right = ""

// campaignUpload takes the file of a campaign.
const campaignUpload = "POST /console/campaigns/{id}/recipients"

// route is an address of the console.
type route struct {
	pattern string     // of http.ServeMux
	needs   auth.Right // in the account that is looked at; open: none, anybody may
	answer  func(q *request) (answer, error)
}

// table has every address with the right that it needs. A test walks it with each role.
func table() []route {
	return slices.Concat(pageRoutes(), listRoutes(), contactRoutes(), appointmentRoutes(), elsewhereRoutes())
}

func pageRoutes() []route {
	return []route{
		{"GET /console/signin", open, showSignIn},
		{"POST /console/signin", open, signIn},
		{"POST /console/passkey/ask", open, askToSignIn},
		{"POST /console/passkey", open, signInByPasskey},
		{"GET /console/step", open, showStep},
		{"POST /console/step", open, takeStep},
		{"POST /console/step/passkey/ask", open, askAtStep},
		{"POST /console/step/passkey", open, stepByPasskey},
		{"GET /console/welcome", open, showWelcome},
		{"POST /console/welcome", open, takeWelcome},
		{"POST /console/welcome/passkey/ask", open, askAtWelcome},
		{"POST /console/welcome/passkey", open, welcomeByPasskey},
		{"POST /console/signout", open, signOut},
		{"POST /console/preferences", open, setPreferences},
		{"GET /console/accessibilite", open, showAccess},

		{"GET /console/{$}", auth.SeeCounts, showHome},
		{"GET /console/live", auth.SeeCounts, openLive},
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
		{"POST /console/inbox/{id}/assign", auth.Send, assignConversation},
		{"POST /console/inbox/{id}/notes", auth.Send, addNote},
		{"POST /console/inbox/{id}/notes/{note}/remove", auth.Send, removeNote},
		{"POST /console/inbox/{id}/done", auth.Send, seeToReply},
		{"POST /console/inbox/{id}/decide", auth.AddOptOuts, decideReply},
		{"GET /console/campaigns", auth.SeeMessages, showCampaigns},
		{"GET /console/campaigns/new", auth.DraftCampaigns, showNewCampaign},
		{"POST /console/campaigns/new", auth.DraftCampaigns, createCampaign},
		{"GET /console/campaigns/{id}", auth.SeeMessages, showCampaign},
		{"GET /console/campaigns/{id}/text", auth.DraftCampaigns, showCampaignText},
		{"POST /console/campaigns/{id}/text", auth.DraftCampaigns, changeCampaignText},
		{"GET /console/campaigns/{id}/recipients", auth.DraftCampaigns, showCampaignRecipients},
		{campaignUpload, auth.DraftCampaigns, putCampaignFile},
		{"GET /console/campaigns/{id}/columns", auth.DraftCampaigns, showCampaignColumns},
		{"POST /console/campaigns/{id}/columns", auth.DraftCampaigns, changeCampaignColumns},
		{"GET /console/campaigns/{id}/check", auth.DraftCampaigns, showCampaignCheck},
		{"POST /console/campaigns/{id}/check", auth.DraftCampaigns, checkCampaign},
		{"GET /console/campaigns/{id}/options", auth.DraftCampaigns, showCampaignOptions},
		{"POST /console/campaigns/{id}/options", auth.DraftCampaigns, changeCampaignOptions},
		{"GET /console/campaigns/{id}/summary", auth.DraftCampaigns, showCampaignSummary},
		{"POST /console/campaigns/{id}/start", auth.StartCampaigns, startCampaign},
		{"GET /console/campaigns/{id}/approval", auth.ApproveCampaigns, showCampaignApproval},
		{"POST /console/campaigns/{id}/approve", auth.ApproveCampaigns, approveCampaign},
		{"POST /console/campaigns/{id}/refuse", auth.ApproveCampaigns, refuseCampaign},
		{"POST /console/campaigns/{id}/pause", auth.StartCampaigns, pauseCampaign},
		{"POST /console/campaigns/{id}/resume", auth.StartCampaigns, resumeCampaign},
		{"POST /console/campaigns/{id}/cancel", auth.StartCampaigns, cancelCampaign},
		{"POST /console/campaigns/{id}/drop", auth.DraftCampaigns, dropCampaign},
		{"POST /console/campaigns/{id}/retry", auth.DraftCampaigns, retryCampaign},
		{"POST /console/campaigns/{id}/correction", auth.DraftCampaigns, correctCampaign},
		{"GET /console/campaigns/{id}/preview", auth.DraftCampaigns, showCampaignPreview},
		{"POST /console/campaigns/{id}/test", auth.StartCampaigns, testCampaign},
		{"GET /console/campaigns/{id}/rows", auth.SeeMessages, showCampaignRows},
		{"POST /console/campaigns/{id}/bad-rows", auth.ExportOwn, badCampaignRows},
		{"POST /console/campaigns/{id}/export", auth.ExportOwn, exportCampaign},
		{"GET /console/templates", auth.SeeTemplates, showTemplates},
		{"GET /console/templates/new", auth.ManageTemplates, showNewTemplate},
		{"POST /console/templates/new", auth.ManageTemplates, createTemplate},
		{"GET /console/templates/{id}", auth.SeeTemplates, showTemplate},
		{"POST /console/templates/{id}", auth.ManageTemplates, changeTemplate},
		{"POST /console/templates/{id}/archive", auth.ManageTemplates, archiveTemplate},
		{"POST /console/templates/{id}/restore", auth.ManageTemplates, restoreTemplate},
		{"GET /console/opt-outs", auth.SeeOptOuts, showOptOuts},
		{"POST /console/opt-outs/search", auth.SeeOptOuts, searchOptOuts},
		{"POST /console/opt-outs/add", auth.AddOptOuts, addOptOut},
		{"GET /console/opt-outs/import", auth.ManageOptOuts, showImport},
		{"POST /console/opt-outs/import/check", auth.ManageOptOuts, checkImport},
		{"POST /console/opt-outs/import", auth.ManageOptOuts, importOptOuts},
		{"POST /console/opt-outs/export", auth.Export, exportOptOuts},
		{"GET /console/opt-outs/{person}", auth.SeeOptOuts, showOptOut},
		{"POST /console/opt-outs/{person}/remove", auth.ManageOptOuts, removeOptOut},
		{"GET /console/connectors", auth.SeeCounts, showConnectors},
		{"GET /console/connectors/{name}", auth.SeeCounts, showConnector},
		{"POST /console/connectors/{name}/pause", auth.Operate, pauseConnector},
		{"POST /console/connectors/{name}/resume", auth.Operate, resumeConnector},
		{"GET /console/operators", auth.Operate, showPresets},
		{"GET /console/operators/{preset}", auth.Operate, showPreset},
		{"POST /console/operators/{preset}", auth.Operate, tryPreset},

		{"GET /console/proof", self, showProof},
		{"POST /console/proof", self, takeProof},
		{"POST /console/proof/passkey/ask", self, askAtProof},
		{"POST /console/proof/passkey", self, proveByPasskey},
		{"GET /console/kept", self, showKept},
		{"POST /console/kept", self, takeKept},
		{"GET /console/session", self, showEnding},
		{"POST /console/session", self, stay},
		{"GET /console/me", self, showMe},
		{"POST /console/me", self, setProfile},
		{"POST /console/me/password", self, changePassword},
		{"GET /console/me/step", selfSure, showOwnStep},
		{"POST /console/me/step", selfSure, confirmOwnStep},
		{"POST /console/me/step/remove", selfSure, removeOwnStep},
		{"POST /console/me/codes", selfSure, newCodes},
		{"POST /console/me/passkeys/ask", selfSure, askForOwnPasskey},
		{"POST /console/me/passkeys", selfSure, addOwnPasskey},
		{"POST /console/me/passkeys/{passkey}/remove", selfSure, removeOwnPasskey},
		{"POST /console/me/sessions/end", self, endOtherSessions},
		{"POST /console/me/sessions/{session}/end", self, endOwnSession},
		{"GET /console/help", self, showHelp},
		{"GET /console/users", auth.ManageUsers, showUsers},
		{"GET /console/users/new", auth.ManageUsers, showNewUser},
		{"POST /console/users/new", auth.ManageUsers, createUser},
		{"GET /console/users/{user}", auth.ManageUsers, showUser},
		{"POST /console/users/{user}/roles", auth.ManageUsers, setRoles},
		{"POST /console/users/{user}/link", auth.ManageUsers, inviteUser},
		{"POST /console/users/{user}/mail", auth.ManageUsers, inviteByMail},
		{"POST /console/users/{user}/release", auth.ManageUsers, releaseIdentity},
		{"POST /console/users/{user}/reset", auth.ManageUsers, resetUser},
		{"POST /console/users/{user}/disable", auth.ManageUsers, disableUser},
		{"POST /console/users/{user}/enable", auth.ManageUsers, enableUser},
		{"POST /console/users/{user}/sessions/{session}/end", auth.ManageUsers, endUserSession},
		{"GET /console/keys", auth.ManageKeys, showKeys},
		{"POST /console/keys", auth.ManageKeys, makeKey},
		{"GET /console/keys/{key}", auth.ManageKeys, showKeyLimits},
		{"POST /console/keys/{key}", auth.ManageKeys, limitKey},
		{"POST /console/keys/{key}/revoke", auth.ManageKeys, revokeKey},
		{"GET /console/webhooks", auth.SeeWebhooks, showWebhooks},
		{"GET /console/webhooks/new", auth.ManageKeys, showNewWebhook},
		{"POST /console/webhooks/new", auth.ManageKeys, makeWebhook},
		{"GET /console/webhooks/{id}", auth.SeeWebhooks, showWebhook},
		{"GET /console/webhooks/{id}/change", auth.ManageKeys, showWebhookForm},
		{"POST /console/webhooks/{id}/change", auth.ManageKeys, changeWebhook},
		{"POST /console/webhooks/{id}/test", auth.ManageKeys, testWebhook},
		{"POST /console/webhooks/{id}/enable", auth.ManageKeys, switchWebhook(auth.WebhookEnabled, Webhooks.Enable)},
		{"POST /console/webhooks/{id}/disable", auth.ManageKeys, switchWebhook(auth.WebhookDisabled, Webhooks.Disable)},
		{"GET /console/webhooks/{id}/rotate", auth.ManageKeys, showRotate},
		{"POST /console/webhooks/{id}/rotate", auth.ManageKeys, rotateWebhook},
		{"POST /console/webhooks/{id}/remove", auth.ManageKeys, removeWebhook},
		{"GET /console/webhooks/{id}/replay", auth.ManageKeys, showReplay},
		{"POST /console/webhooks/{id}/replay", auth.ManageKeys, replayWebhook},
		{"GET /console/webhooks/{id}/deliveries/{event}", auth.SeeWebhooks, showDelivery},
		{"POST /console/webhooks/{id}/deliveries/{event}/replay", auth.ManageKeys, replayDelivery},
		{"GET /console/people", auth.ErasePersons, showPeople},
		{"POST /console/people/search", auth.ErasePersons, searchPeople},
		{"POST /console/people/export", auth.ErasePersons, exportPerson},
		{"POST /console/people/erase", auth.ErasePersons, erasePerson},
		{"GET /console/audit", auth.SeeAudit, showAudit},
		{"POST /console/audit/export", auth.ExportAudit, exportAudit},
		{"GET /console/settings", auth.Operate, showSettings},
		{"POST /console/settings/search", auth.Operate, searchSettings},
		{"GET /console/usage", auth.SeeCounts, showUsage},
		{"GET /console/usage.csv", auth.SeeCounts, exportUsage},
	}
}

// table is that of this console: the simulated telephones are there beside a sandbox
// alone.
func (c *Console) table() []route {
	all := table()
	if c.Handsets != nil {
		all = append(all, handsetRoutes()...)
	}
	if c.Guests != nil {
		all = append(all, guestRoutes()...)
	}
	return all
}

// Address is one of the console, with the right that it needs; empty: none.
type Address struct {
	Method string
	Path   string // {id} stands for a name in it
	Needs  auth.Right
}

// Addresses returns every address of a console beside a sandbox, in the order of the
// table: tests walk them.
func Addresses() []Address { return addresses(slices.Concat(table(), handsetRoutes(), guestRoutes())) }

func addresses(routes []route) (all []Address) {
	for _, r := range routes {
		method, path, _ := strings.Cut(r.pattern, " ")
		all = append(all, Address{method, strings.TrimSuffix(path, "{$}"), r.needs})
	}
	return all
}

// handler serves the table, and the files beside it.
func (c *Console) handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /console/static/", static(c.town.files()))
	mux.HandleFunc("GET /console", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, Home, http.StatusSeeOther)
	})
	for _, r := range c.table() {
		mux.Handle(r.pattern, c.guard(r))
	}
	mux.Handle("/console/", c.guard(route{answer: func(*request) (answer, error) { return nil, notFound() }}))
	return c.headers(http.NewCrossOriginProtection().Handler(mux))
}
