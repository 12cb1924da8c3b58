package sandbox

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Push is where DMC sends receipts and replies. SFR sets it by hand (documented:
// the address is given when the service is activated).
type Push struct {
	URL    string `json:"url"`            // empty: nothing is pushed
	Format string `json:"format"`         // "json", the default, or "xml"
	Most   int    `json:"most,omitempty"` // items of one request; 20 when 0 (inferred)
}

// SetDMCPush tells the simulated DMC where to push.
func (s *Server) SetDMCPush(p Push) {
	if p.Format == "" {
		p.Format = "json"
	}
	if p.Most <= 0 {
		p.Most = 20
	}
	s.dmc.pushes.mu.Lock()
	defer s.dmc.pushes.mu.Unlock()
	s.dmc.pushes.to = p
}

func (s *Server) orderPush(w http.ResponseWriter, r *http.Request) {
	var p Push
	if !readControl(w, r, &p, "url", "format", "most") {
		return
	}
	if p.Format != "" && p.Format != "json" && p.Format != "xml" {
		problem{
			Status: http.StatusUnprocessableEntity, Code: "invalid_push", Field: "format", Detail: "unknown format", Valid: []string{"json", "xml"},
		}.write(w)
		return
	}
	s.SetDMCPush(p)
	writeJSON(w, http.StatusOK, p)
}

// dmcPushes gathers what is to be pushed, so that one request carries several.
type dmcPushes struct {
	mu    sync.Mutex
	to    Push
	items []dmcItem
}

// dmcItem is one message of a push (documented in XML: DMC developer guide v1.7,
// 2.9; observed in JSON).
type dmcItem struct {
	To        string     `json:"to" xml:"to,attr"`
	Date      string     `json:"date" xml:"date,attr"`
	CallID    string     `json:"call_id" xml:"call_id,attr"`
	Broadcast string     `json:"broadcast_id" xml:"broadcast_id,attr"`
	ContactID string     `json:"contact_id" xml:"contact_id,attr"`
	Reference string     `json:"ref_externe" xml:"ref_externe,attr"`
	SpaceID   string     `json:"space_id" xml:"space_id,attr"`
	History   []dmcEntry `json:"status_list" xml:"status"`
	Status    string     `json:"status" xml:"status,attr"`
	at        time.Time
}

type dmcEntry struct {
	Date string `json:"date" xml:"date,attr"`
	Type string `json:"type" xml:"type,attr"`
	Code string `json:"code,omitempty" xml:"code,attr,omitempty"`
	Info string `json:"info,omitempty" xml:"info,attr,omitempty"`
	at   time.Time
}

// tell pushes a status of a message as its course wants.
func (d *dmc) tell(m *dmcMessage, c *course, status, code, info string, at time.Time) {
	item := m.item(status, code, info, at)
	if c.before {
		d.pushes.mu.Lock()
		to := d.pushes.to
		d.pushes.mu.Unlock()
		if to.URL != "" {
			d.server.pusher.now(d.count, func(ctx context.Context) error { return d.post(ctx, to, []dmcItem{item}) })
		}
		return
	}
	for range c.times {
		d.push(item)
	}
	if c.reorder {
		older := m.item("SENT", "", "submitted with sender "+m.from, m.at)
		d.server.agenda.at(d.server.clock.now().Add(50*time.Millisecond), func(time.Time) { d.push(older) })
	}
}

func (m *dmcMessage) item(status, code, info string, at time.Time) dmcItem {
	item := dmcItem{
		To: m.number, CallID: m.callID(), Broadcast: strconv.Itoa(dmcBroadcast), ContactID: strconv.FormatInt(int64(m.id), 10),
		Reference: m.refExt, SpaceID: DMCSpaceID, Status: status, at: at,
	}
	if status == "RECEIVED" {
		item.History = append(item.History, dmcEntry{Type: "SENT", Info: "submitted with sender " + m.from, at: m.at})
	}
	item.History = append(item.History, dmcEntry{Type: status, Code: code, Info: info, at: at})
	return item
}

// push gathers an item. A request takes what there is when its turn comes.
func (d *dmc) push(item dmcItem) {
	d.pushes.mu.Lock()
	defer d.pushes.mu.Unlock()
	if d.pushes.to.URL == "" {
		return
	}
	d.pushes.items = append(d.pushes.items, item)
	to := d.pushes.to
	var mine []dmcItem // kept for when it is sent again
	d.server.pusher.add(d.count, func(ctx context.Context) error {
		if mine == nil {
			mine = d.gathered(to.Most)
		}
		if len(mine) == 0 {
			return nil // another request took them
		}
		return d.post(ctx, to, mine)
	})
}

func (d *dmc) gathered(most int) []dmcItem {
	d.pushes.mu.Lock()
	defer d.pushes.mu.Unlock()
	n := min(most, len(d.pushes.items))
	taken := append([]dmcItem{}, d.pushes.items[:n]...)
	d.pushes.items = d.pushes.items[n:]
	return taken
}

func (d *dmc) post(ctx context.Context, to Push, items []dmcItem) error {
	body, ctype := jsonPush(items), "application/json"
	if to.Format == "xml" {
		body, ctype = xmlPush(items), "text/xml"
	}
	return d.server.pusher.call(ctx, http.MethodPost, to.URL, ctype, bytes.NewReader(body))
}

// jsonPush writes dates as true UTC (observed).
func jsonPush(items []dmcItem) []byte {
	items = dated(items, func(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05Z") })
	body, _ := json.Marshal(map[string]any{"status_report": map[string]any{"username": DMCServiceID, "sms": items}}) // our own types
	return body
}

// xmlPush writes local dates, and one entry of the history (documented by
// example).
func xmlPush(items []dmcItem) []byte {
	items = dated(items, func(at time.Time) string { return at.In(paris).Format(time.DateTime) })
	for i := range items {
		items[i].History = items[i].History[len(items[i].History)-1:]
	}
	var b bytes.Buffer
	b.WriteString(`<?xml version="1.0" encoding="UTF-8" standalone="no"?>`)
	report := struct {
		XMLName  xml.Name  `xml:"status_report"`
		Username string    `xml:"username,attr"`
		Items    []dmcItem `xml:"sms"`
	}{Username: DMCServiceID, Items: items}
	_ = xml.NewEncoder(&b).Encode(report) // our own types
	return b.Bytes()
}

// dated writes the dates into copies: other pushes share the histories.
func dated(items []dmcItem, write func(time.Time) string) []dmcItem {
	items = slices.Clone(items)
	for i := range items {
		items[i].Date = write(items[i].at)
		items[i].History = slices.Clone(items[i].History)
		for j := range items[i].History {
			items[i].History[j].Date = write(items[i].History[j].at)
		}
	}
	return items
}

// pushEnd pushes the end of a message. The numbers that stand for codes of errors
// are published nowhere (inferred).
func (d *dmc) pushEnd(m *dmcMessage, c *course, at time.Time) {
	if m.result == dmcReceived {
		d.tell(m, c, "RECEIVED", "", "", at)
		return
	}
	d.tell(m, c, "ERROR", "303", strings.ToLower(m.result.label), at)
}
