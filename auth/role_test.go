package auth_test

import (
	"slices"
	"strings"
	"testing"

	"relais/auth"
	"relais/reason"
)

// granted is the table of rights as people decided it, one letter for a role in the order
// of auth.Roles: r a p m o d A. Whoever changes who may do what changes it twice.
var granted = map[auth.Right]string{
	auth.SeeCounts:        "rapmodA",
	auth.SeeMessages:      "rapmod",
	auth.SeeTexts:         "apmd",
	auth.RevealNumber:     "apmd",
	auth.SeeExchange:      "o",
	auth.Send:             "apm",
	auth.DraftCampaigns:   "apm",
	auth.StartCampaigns:   "apm",
	auth.ApproveCampaigns: "pm",
	auth.Decide:           "pmo",
	auth.SeeTemplates:     "rapm",
	auth.UseTemplates:     "apm",
	auth.ManageTemplates:  "m",
	auth.ManageLists:      "m",
	auth.SeeOptOuts:       "rapmd",
	auth.AddOptOuts:       "apmd",
	auth.ManageOptOuts:    "md",
	auth.RemoveNotes:      "m",
	auth.ExportOwn:        "apmd",
	auth.Export:           "pmd",
	auth.SeeWebhooks:      "mo",
	auth.ManageKeys:       "m",
	auth.Operate:          "oA",
	auth.ErasePersons:     "d",
	auth.SeeAudit:         "odA",
	auth.ExportAudit:      "odA",
	auth.ManageUsers:      "A",
}

func TestRights(t *testing.T) {
	letters := "rapmodA"
	if len(auth.Rights()) != len(granted) {
		t.Errorf("%d rights, want %d", len(auth.Rights()), len(granted))
	}
	walked := 0
	for _, right := range auth.Rights() {
		for i, role := range auth.Roles() {
			want := strings.IndexByte(granted[right], letters[i]) >= 0
			for _, account := range []string{"town", "village", ""} {
				grant := auth.Grant{Account: "town", Role: role}
				if role.WholeGateway() {
					grant.Account = ""
				}
				u := auth.User{Name: "anne", Roles: []auth.Grant{grant}}
				may := want && (account == "town" || role.WholeGateway())
				if got := u.May(right, account); got != may {
					t.Errorf("%s of %q may %s on %q: %v", role, grant.Account, right, account, got)
				}
				if got := u.MayAnywhere(right); got != want {
					t.Errorf("%s may %s anywhere: %v", role, right, got)
				}
				u.DisabledAt = today
				if u.May(right, account) || u.MayAnywhere(right) {
					t.Errorf("a disabled %s may %s", role, right)
				}
				walked++
			}
		}
	}
	t.Logf("%d combinations of right, role and account", walked)
	u := auth.User{Roles: []auth.Grant{
		{Account: "town", Role: auth.Agent},
		{Account: "village", Role: auth.Reader},
	}}
	all := []string{"city", "village", "town"}
	if got := u.Accounts(auth.SeeCounts, all); !slices.Equal(got, []string{"village", "town"}) {
		t.Errorf("counts of %v", got)
	}
	if got := u.Accounts(auth.Send, all); !slices.Equal(got, []string{"town"}) {
		t.Errorf("sends for %v", got)
	}
	if (auth.User{Roles: []auth.Grant{{Role: "king"}}}).MayAnywhere(auth.SeeCounts) || u.May("fly", "town") {
		t.Error("what there is not may be done")
	}
}

func TestTitles(t *testing.T) {
	said := []reason.Reason{}
	for _, role := range auth.Roles() {
		said = append(said, role.Title())
	}
	for _, right := range auth.Rights() {
		said = append(said, right.Title())
	}
	for _, code := range []auth.ActCode{
		auth.SignedIn, auth.SignInFailed, auth.SignedOut, auth.StepFailed, auth.SessionStopped, auth.UserCreated,
		auth.UserInvited, auth.UserReset, auth.UserDisabled, auth.UserEnabled, auth.RoleGiven, auth.RoleTaken,
		auth.PasswordChosen, auth.SecondStepSet, auth.SecondStepRemoved, auth.CodesMade, auth.CodeUsed, auth.Proved,
		auth.ProofFailed,
	} {
		said = append(said, code.Title())
	}
	known := reason.Codes()
	for _, r := range said {
		if !slices.Contains(known, r.Code) {
			t.Errorf("the catalogue lacks %s", r.Code)
		}
	}
}

func TestEveryRefusalOfPeopleHasASentence(t *testing.T) {
	known := reason.Codes()
	for _, code := range []reason.Code{
		auth.CodeWrong, auth.CodeWait, auth.CodeBusy, auth.CodeDisabled, auth.CodeStepWrong, auth.CodeStepUsed,
		auth.CodeStepNone, auth.CodeStepSet, auth.CodeStepNeeded, auth.CodeSessionEnded, auth.CodeLink,
		auth.CodeProof,
		auth.CodePasswordShort, auth.CodePasswordLong, auth.CodePasswordCommon, auth.CodePasswordName,
		auth.CodePasswordSame, auth.CodeUserName, auth.CodeUserExists, auth.CodeUserUnknown, auth.CodeDisplay,
		auth.CodeLanguage, auth.CodeRole, auth.CodeRoleWhole, auth.CodeRoleAccount, auth.CodeAccount,
		auth.CodeLastAdmin,
	} {
		if !slices.Contains(known, code) {
			t.Errorf("the catalogue lacks %s", code)
		}
	}
}
