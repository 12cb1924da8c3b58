package storetest

import (
	"reflect"
	"strings"
	"testing"
)

// home is where a method of the store would go if accounts lay in several databases
// (ADR 41): cells, each with all tables.
type home string

const (
	ofAccount home = "account" // it names an account, or what names one: to that account's cell
	ofMany    home = "many"    // each of its items names an account: those of one cell together
	ofLane    home = "lane"    // a connector's lane, which is one of a cell, works in that cell
	everyCell home = "every"   // in each cell, by whoever does it there; answers are put together
	unknown   home = "unknown" // no account is known: it would ask every cell of the connector
	beside    home = "beside"  // what is no account's own: a small database of all cells
)

// homes has every method of Store. One that is unknown says so in its contract.
var homes = map[home]string{
	ofAccount: `AddConsent AddContact TakeContacts AddGroup ChangeContact ChangeGroup Contact Contacts DropContact DropGroup EndConsents Group Groups PersonContact Accept AcceptBatch AddCampaign AddCampaignOnce AddRunning AddEntries AddList AwaitList ChangeList DropEntry DropList Entries FillList List Lists
		PersonEntries RefuseList StageList UnstageList AddEndpoint AddRows AddNote AddTemplate Answer Answering ArchiveTemplate
		AskAgain Assign Audit BeginRows Campaign CampaignEvents CampaignOptOuts CampaignRows CampaignWaits Campaigns CancelRows
		ChangeCampaign ChangeEndpoint ChangeTemplate Changes Chunk CountByMetadata CountReplay
		DecideReply Deliveries DropCampaign DropChunks DropNote Due DueRows EndAnswering EndCheck EndRows
		Endpoint Endpoints Erase FedAhead Feed ForgetCampaign Former Handled HideOVHNumber ImportOptOuts Inbounds JudgeEndpoint KeepAnswering KeepOVHBatch
		KeepShadow LastChange Lead Message MoveCampaign NoteTest Notes OVHBatch OVHBatches OVHNumbered OVHNumbers
		OptOutProofs OptOuts OptedOut PersonRows Purge PurgeCampaigns PutChunk PutFile Record RemoveEndpoint Repeated Replay
		RequestEndpoint Rotate Search SecondChance SeeTo SeriesRows SigningSecret SkipRows SpendNonce TakenRows Template
		TemplateVersions Templates Timeline Used WaitingRows KeepPart OldParts WaitingParts FailedParts EarlierParts JoinedParts Part JoinParts
		FailParts DropParts CountParts PersonParts`,
	ofMany: "Await ChangeOptOuts Move Settle SettleDeliveries",
	ofLane: `Ahead Awaiting Claim Credit Cursor Doubtful KeepCredit KeepCursor Movable
		MovableAccounts Outlook Queued Recover`,
	everyCell: `PruneContacts PruneLists Active Backlog Busy Close CountShadows DropFormer DropHistory Expire Forget Hasten Ping Prune
		PruneShadows Sealed Shadows Standing TellAll Undecided Unhandled UnmatchedReceipts Usage`,
	unknown: "Receive",
	beside: `Accounts Acts AddAccount AddAct AddKey AddOVHApplication AddOVHCredential AddOVHService
		AddUser Agree ChangeUser DecideOVHCredential DeleteOVHUser DropActs DropPause
		DropSetting EndOVHCredential Invitation KeepOVHService KeepOVHUser KeepPause KeyByHash
		Keys KeysUsed KnownAddress LimitKey LimitOVHApplication OVHApplication OVHApplications
		OVHCredential OVHService OVHServiceNamed OVHUser OVHUsers Pauses Redeem RevokeKey
		RevokeOVHApplication SessionByHash SessionsOf SetSetting Setting Settings StrayPasskeys
		TouchSession UserByID UserByIdentity UserByMail UserByName UserByPasskey Users`,
}

// TestEveryMethodHasAHome: whoever adds a method to the store says where its rows are.
func TestEveryMethodHasAHome(t *testing.T) {
	named := map[string]home{}
	for where, methods := range homes {
		for name := range strings.FieldsSeq(methods) {
			if before := named[name]; before != "" {
				t.Errorf("%s is at home at %s and at %s", name, before, where)
			}
			named[name] = where
		}
	}
	store := reflect.TypeFor[Store]()
	for method := range store.Methods() {
		name := method.Name
		if named[name] == "" {
			t.Errorf("%s has no home: does it name an account?", name)
		}
		delete(named, name)
	}
	for name := range named {
		t.Errorf("%s is no method of the store", name)
	}
}
