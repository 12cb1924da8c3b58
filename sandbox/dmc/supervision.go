package dmc

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"time"

	"relais/sandbox/world"
)

const (
	mostIDs  = 100 // documented: DMC developer guide v1.7, 2.4.8
	mostCras = 50  // documented: 2.4.4
)

// Cra is a report of SupervisionWS: DMC developer guide v1.7, 5.2.7 and observed
// answers. callAdress is the API's own spelling.
type Cra struct {
	ContactID         ID     `json:"contactId"`
	SpaceID           int64  `json:"spaceId"`
	ExternalReference string `json:"externalReference,omitempty"`
	FirstName         string `json:"firstName"`
	Active            bool   `json:"active"`
	CreationDate      int64  `json:"creationDate"`
	PhoneNumber1      string `json:"phoneNumber1"`
	BroadcastID       int64  `json:"broadcastId"`
	CallAttempts      int    `json:"callAttempts"`
	CallDate          int64  `json:"callDate"`
	StatusLastChange  int64  `json:"statusLastChange"`
	CallAddress       string `json:"callAdress,omitempty"`
	CallResult        string `json:"callResult"`
	CallResultCode    string `json:"callResultCode"`
	Status            string `json:"status"`
	CallDetail        string `json:"callDetail"`
	CallDetailCode    string `json:"callDetailCode"`
	CallResponse      string `json:"callResponse,omitempty"`
	QuotaOccurs       int    `json:"quotaOccurs"`
}

func (m *message) cra() Cra {
	parts := strconv.Itoa(m.parts)
	return Cra{
		ContactID: m.id, SpaceID: space, ExternalReference: m.refExt, FirstName: "Contact unitaire pour:SMS",
		CreationDate: m.at.UnixMilli(), PhoneNumber1: m.to, BroadcastID: broadcastID, CallAttempts: 1,
		CallDate: m.at.UnixMilli(), StatusLastChange: m.changed.UnixMilli(), CallAddress: m.number,
		CallResult: m.result.label, CallResultCode: m.result.code, Status: m.status,
		CallDetail: parts + " partie(s)", CallDetailCode: "CRA_PART{" + parts + "}", CallResponse: m.response,
	}
}

// findCraByIDs looks up messages by id or reference; unknown ones are left out
// (observed).
func (l *ledger) findCraByIDs(params url.Values) (any, error) {
	ids, err := idsOf(params, "contactIds")
	if err != nil {
		return nil, err
	}
	references, err := idsOf(params, "contactExtRefs")
	if err != nil {
		return nil, err
	}
	if n := len(ids) + len(references); n == 0 || n > mostIDs {
		return nil, invalid("contactIds, contactExtRefs")
	}
	l.mu.RLock()
	defer l.mu.RUnlock()
	cras := []Cra{}
	for _, id := range ids {
		if m := l.find(id); m != nil {
			cras = append(cras, m.cra())
		}
	}
	for _, reference := range references {
		for _, m := range l.byRef[reference] {
			if m.status != "" {
				cras = append(cras, m.cra())
			}
		}
	}
	return cras, nil
}

// findLastModifiedCra reports what changed since a moment, oldest change first. The
// message of idSince at that very moment is the last one known; the page can
// repeat nothing else (the real one can repeat its end).
func (l *ledger) findLastModifiedCra(params url.Values) (any, error) {
	broadcast := scalar(params.Get("broadcastId"))
	since, ok := dateOf(params, "dSince")
	if broadcast == "" || since.IsZero() || !ok {
		return nil, required("findLastModifiedCra", "broadcastId, dSince")
	}
	if broadcast != strconv.Itoa(broadcastID) {
		return nil, &refusal{code: "corruption_base", detail: "Diffusion inexistante"}
	}
	size := mostCras
	if text := scalar(params.Get("taille")); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > mostCras {
			return nil, invalid("taille")
		}
		size = n
	}
	idSince, _ := strconv.ParseInt(scalar(params.Get("idSince")), 10, 64)
	return l.changedSince(since.UnixMilli(), ID(idSince), size), nil
}

func (l *ledger) changedSince(since int64, id ID, size int) []Cra {
	l.mu.RLock()
	defer l.mu.RUnlock()
	var found []*message
	for _, m := range l.messages {
		if m == nil {
			continue
		}
		changed := m.changed.UnixMilli()
		if changed > since || changed == since && m.id > id {
			found = append(found, m)
		}
	}
	slices.SortFunc(found, func(a, b *message) int {
		return cmp.Or(cmp.Compare(a.changed.UnixMilli(), b.changed.UnixMilli()), cmp.Compare(a.id, b.id))
	})
	cras := []Cra{}
	for _, m := range found[:min(size, len(found))] {
		cras = append(cras, m.cra())
	}
	return cras
}

// replyModel is the observed subset of a report that getResponsesSMS gives.
type replyModel struct {
	ContactID    ID     `json:"contactId"`
	SpaceID      int64  `json:"spaceId"`
	FirstName    string `json:"firstName"`
	LastName     string `json:"lastName"`
	Active       bool   `json:"active"`
	BroadcastID  int64  `json:"broadcastId"`
	CallDate     int64  `json:"callDate"`
	CallAddress  string `json:"callAdress"`
	CallResponse string `json:"callResponse"`
	QuotaOccurs  int    `json:"quotaOccurs"`
}

// getResponsesSMS lists replies, or only those that say STOP: DMC developer guide
// v1.7, 2.4.7. The dates are those of the reply (inferred).
func (l *ledger) getResponsesSMS(params url.Values) (any, error) {
	stopOnly, err := strconv.ParseBool(scalar(params.Get("stopOnly")))
	begin, okBegin := dateOf(params, "beginDate")
	end, okEnd := dateOf(params, "endDate")
	if err != nil || !okBegin || !okEnd || begin.IsZero() || end.IsZero() {
		return nil, required("getResponsesSMS", "stopOnly, beginDate, endDate")
	}
	l.mu.RLock()
	defer l.mu.RUnlock()
	replies := []replyModel{}
	for _, m := range l.messages {
		if m != nil && m.hasReply(stopOnly, begin, end) {
			replies = append(replies, m.reply())
		}
	}
	return listModel{replies, len(replies)}, nil
}

func (m *message) hasReply(stopOnly bool, begin, end time.Time) bool {
	return m.response != "" && within(m.answered, begin, end) && (!stopOnly || world.IsStop(m.response))
}

func (m *message) reply() replyModel {
	return replyModel{
		ContactID: m.id, SpaceID: space, FirstName: "Contact unitaire pour:SMS", LastName: m.callID(),
		BroadcastID: broadcastID, CallDate: m.at.UnixMilli(), CallAddress: m.number, CallResponse: m.response,
	}
}
