package sandbox

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"time"
)

const (
	dmcMostIDs  = 100 // documented: DMC developer guide v1.7, 2.4.8
	dmcMostCras = 50  // documented: 2.4.4
)

// dmcCra is a report of SupervisionWS: DMC developer guide v1.7, 5.2.7 and observed
// answers. callAdress is the API's own spelling.
type dmcCra struct {
	ContactID         dmcID  `json:"contactId"`
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

func (m *dmcMessage) cra() dmcCra {
	parts := strconv.Itoa(m.parts)
	return dmcCra{
		ContactID: m.id, SpaceID: dmcSpace, ExternalReference: m.refExt, FirstName: "Contact unitaire pour:SMS",
		CreationDate: m.at.UnixMilli(), PhoneNumber1: m.to, BroadcastID: dmcBroadcast, CallAttempts: 1,
		CallDate: m.at.UnixMilli(), StatusLastChange: m.changed.UnixMilli(), CallAddress: m.number,
		CallResult: m.result.label, CallResultCode: m.result.code, Status: m.status,
		CallDetail: parts + " partie(s)", CallDetailCode: "CRA_PART{" + parts + "}", CallResponse: m.response,
	}
}

// findCraByIDs looks up messages by id or reference; unknown ones are left out
// (observed).
func (d *dmc) findCraByIDs(params url.Values) (any, error) {
	ids, err := dmcIDs(params, "contactIds")
	if err != nil {
		return nil, err
	}
	references, err := dmcIDs(params, "contactExtRefs")
	if err != nil {
		return nil, err
	}
	if n := len(ids) + len(references); n == 0 || n > dmcMostIDs {
		return nil, dmcInvalid("contactIds, contactExtRefs")
	}
	d.mu.RLock()
	defer d.mu.RUnlock()
	cras := []dmcCra{}
	for _, id := range ids {
		if m := d.find(id); m != nil {
			cras = append(cras, m.cra())
		}
	}
	for _, reference := range references {
		for _, m := range d.byRef[reference] {
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
func (d *dmc) findLastModifiedCra(params url.Values) (any, error) {
	broadcast := scalar(params.Get("broadcastId"))
	since, ok := dmcDate(params, "dSince")
	if broadcast == "" || since.IsZero() || !ok {
		return nil, dmcRequired("findLastModifiedCra", "broadcastId, dSince")
	}
	if broadcast != strconv.Itoa(dmcBroadcast) {
		return nil, &dmcError{code: "corruption_base", detail: "Diffusion inexistante"}
	}
	size := dmcMostCras
	if text := scalar(params.Get("taille")); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > dmcMostCras {
			return nil, dmcInvalid("taille")
		}
		size = n
	}
	idSince, _ := strconv.ParseInt(scalar(params.Get("idSince")), 10, 64)
	return d.changedSince(since.UnixMilli(), dmcID(idSince), size), nil
}

func (d *dmc) changedSince(since int64, id dmcID, size int) []dmcCra {
	d.mu.RLock()
	defer d.mu.RUnlock()
	var found []*dmcMessage
	for _, m := range d.messages {
		if m == nil {
			continue
		}
		changed := m.changed.UnixMilli()
		if changed > since || changed == since && m.id > id {
			found = append(found, m)
		}
	}
	slices.SortFunc(found, func(a, b *dmcMessage) int {
		return cmp.Or(cmp.Compare(a.changed.UnixMilli(), b.changed.UnixMilli()), cmp.Compare(a.id, b.id))
	})
	cras := []dmcCra{}
	for _, m := range found[:min(size, len(found))] {
		cras = append(cras, m.cra())
	}
	return cras
}

// dmcReply is the observed subset of a report that getResponsesSMS gives.
type dmcReply struct {
	ContactID    dmcID  `json:"contactId"`
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
func (d *dmc) getResponsesSMS(params url.Values) (any, error) {
	stopOnly, err := strconv.ParseBool(scalar(params.Get("stopOnly")))
	begin, okBegin := dmcDate(params, "beginDate")
	end, okEnd := dmcDate(params, "endDate")
	if err != nil || !okBegin || !okEnd || begin.IsZero() || end.IsZero() {
		return nil, dmcRequired("getResponsesSMS", "stopOnly, beginDate, endDate")
	}
	d.mu.RLock()
	defer d.mu.RUnlock()
	replies := []dmcReply{}
	for _, m := range d.messages {
		if m != nil && m.hasReply(stopOnly, begin, end) {
			replies = append(replies, m.reply())
		}
	}
	return dmcList{replies, len(replies)}, nil
}

func (m *dmcMessage) hasReply(stopOnly bool, begin, end time.Time) bool {
	return m.response != "" && dmcWithin(m.answered, begin, end) && (!stopOnly || isStop(m.response))
}

func (m *dmcMessage) reply() dmcReply {
	return dmcReply{
		ContactID: m.id, SpaceID: dmcSpace, FirstName: "Contact unitaire pour:SMS", LastName: m.callID(),
		BroadcastID: dmcBroadcast, CallDate: m.at.UnixMilli(), CallAddress: m.number, CallResponse: m.response,
	}
}
