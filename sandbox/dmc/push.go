package dmc

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

	"relais/sandbox/world"
)

// Push is where DMC sends receipts and replies. SFR sets it by hand (documented:
// the address is given when the service is activated).
type Push struct {
	URL    string `json:"url"`            // empty: nothing is pushed
	Format string `json:"format"`         // "json", the default, or "xml"
	Most   int    `json:"most,omitempty"` // items of one request; 20 when 0 (inferred)
}

// pushes gathers what is to be pushed, so that one request carries several.
type pushes struct {
	world *world.World
	count *world.Counters

	mu    sync.Mutex
	to    Push
	items []PushItem
}

// PushItem is one message of a push (documented in XML: DMC developer guide v1.7,
// 2.9; observed in JSON).
type PushItem struct {
	To        string      `json:"to" xml:"to,attr"`
	Date      string      `json:"date" xml:"date,attr"`
	CallID    string      `json:"call_id" xml:"call_id,attr"`
	Broadcast string      `json:"broadcast_id" xml:"broadcast_id,attr"`
	ContactID string      `json:"contact_id" xml:"contact_id,attr"`
	Reference string      `json:"ref_externe" xml:"ref_externe,attr"`
	SpaceID   string      `json:"space_id" xml:"space_id,attr"`
	History   []PushEntry `json:"status_list" xml:"status"`
	Status    string      `json:"status" xml:"status,attr"`
	at        time.Time
}

// PushEntry is a status that a message had.
type PushEntry struct {
	Date string `json:"date" xml:"date,attr"`
	Type string `json:"type" xml:"type,attr"`
	Code string `json:"code,omitempty" xml:"code,attr,omitempty"`
	Info string `json:"info,omitempty" xml:"info,attr,omitempty"`
	at   time.Time
}

// tell pushes a status of a message as its course wants.
func (p *pushes) tell(m *message, c *world.Course, status, code, info string, at time.Time) {
	item := m.item(status, code, info, at)
	if c.Before {
		p.mu.Lock()
		to := p.to
		p.mu.Unlock()
		if to.URL != "" {
			p.world.Pusher.Now(p.count, func(ctx context.Context) error {
				return p.post(ctx,
					to, []PushItem{item})
			})
		}
		return
	}
	for range c.Times {
		p.add(item)
	}
	if c.Reorder {
		older := m.item("SENT", "", "submitted with sender "+m.from, m.at)
		p.world.Agenda.At(p.world.Clock.Now().Add(50*time.Millisecond), func(time.Time) { p.add(older) })
	}
}

func (m *message) item(status, code, info string, at time.Time) PushItem {
	item := PushItem{
		To: m.number, CallID: m.callID(), Broadcast: strconv.Itoa(broadcastID),
		ContactID: strconv.FormatInt(int64(m.id), 10),
		Reference: m.refExt, SpaceID: SpaceID, Status: status, at: at,
	}
	if status == "RECEIVED" {
		sent := PushEntry{Type: "SENT", Info: "submitted with sender " + m.from, at: m.at}
		item.History = append(item.History, sent)
	}
	item.History = append(item.History, PushEntry{Type: status, Code: code, Info: info, at: at})
	return item
}

// add gathers an item. A request takes what there is when its turn comes.
func (p *pushes) add(item PushItem) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.to.URL == "" {
		return
	}
	p.items = append(p.items, item)
	to := p.to
	var mine []PushItem // kept for when it is sent again
	p.world.Pusher.Add(p.count, func(ctx context.Context) error {
		if mine == nil {
			mine = p.gathered(to.Most)
		}
		if len(mine) == 0 {
			return nil // another request took them
		}
		return p.post(ctx, to, mine)
	})
}

func (p *pushes) gathered(most int) []PushItem {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := min(most, len(p.items))
	taken := append([]PushItem{}, p.items[:n]...)
	p.items = p.items[n:]
	return taken
}

func (p *pushes) post(ctx context.Context, to Push, items []PushItem) error {
	body, ctype := jsonPush(items), "application/json"
	if to.Format == "xml" {
		body, ctype = xmlPush(items), "text/xml"
	}
	return p.world.Pusher.Call(ctx, http.MethodPost, to.URL, ctype, bytes.NewReader(body))
}

// jsonPush writes dates as true UTC (observed).
func jsonPush(items []PushItem) []byte {
	items = dated(items, func(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05Z") })
	report := map[string]any{"username": ServiceID, "sms": items}
	body, _ := json.Marshal(map[string]any{"status_report": report}) // our own types
	return body
}

// xmlPush writes local dates, and one entry of the history (documented by
// example).
func xmlPush(items []PushItem) []byte {
	items = dated(items, func(at time.Time) string { return at.In(world.Paris).Format(time.DateTime) })
	for i := range items {
		items[i].History = items[i].History[len(items[i].History)-1:]
	}
	var b bytes.Buffer
	b.WriteString(`<?xml version="1.0" encoding="UTF-8" standalone="no"?>`)
	report := struct {
		XMLName  xml.Name   `xml:"status_report"`
		Username string     `xml:"username,attr"`
		Items    []PushItem `xml:"sms"`
	}{Username: ServiceID, Items: items}
	_ = xml.NewEncoder(&b).Encode(report) // our own types
	return b.Bytes()
}

// dated writes the dates into copies: other pushes share the histories.
func dated(items []PushItem, write func(time.Time) string) []PushItem {
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

// end pushes the end of a message. The numbers that stand for codes of errors
// are published nowhere (inferred).
func (p *pushes) end(m *message, c *world.Course, at time.Time) {
	if m.result == received {
		p.tell(m, c, "RECEIVED", "", "", at)
		return
	}
	p.tell(m, c, "ERROR", "303", strings.ToLower(m.result.label), at)
}

// direct orders where pushes go.
func (p *pushes) direct(to Push) {
	if to.Format == "" {
		to.Format = "json"
	}
	if to.Most <= 0 {
		to.Most = 20
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.to = to
}
