package ovh

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"relais/sandbox/world"
)

// descriptions are texts of descriptionDlr. The words are ours: no source lists
// them (inferred).
var descriptions = map[int]string{
	0: "Created", 1: "Delivered", 2: "Failed", 4: "Pending", 8: "Buffered", 16: "Error",
}

// pushes tell the customer of receipts, replies and STOPs.
type pushes struct {
	world    *world.World
	count    *world.Counters
	settings func(*account) settings
}

// callBack calls the account's delivery callback: GET with id, ptt, date,
// description and descriptionDlr, beside our own query (documented, and observed).
// The format of date is shown nowhere (inferred).
func (p *pushes) callBack(m *message, end end, at time.Time) func(context.Context) error {
	target := p.settings(m.account).CallBack
	if target == nil || *target == "" {
		return nil
	}
	query := "id=" + strconv.FormatInt(m.id, 10) + "&ptt=" + strconv.Itoa(end.ptt) +
		"&date=" + url.QueryEscape(at.In(world.Paris).Format("2006-01-02 15:04:05")) +
		"&description=" + strconv.Itoa(end.receipt) + "&descriptionDlr=" + descriptions[end.receipt]
	address := joinQuery(*target, query)
	return func(ctx context.Context) error {
		return p.world.Pusher.Call(ctx, http.MethodGet, address, "", nil)
	}
}

func joinQuery(address, query string) string {
	if strings.Contains(address, "?") {
		return address + "&" + query
	}
	return address + "?" + query
}

// tell pushes a state of a message as its course wants.
func (p *pushes) tell(m *message, c *world.Course, end end, at time.Time) {
	send := p.callBack(m, end, at)
	if send == nil {
		return
	}
	if c.Before {
		p.world.Pusher.Now(p.count, send)
		return
	}
	for range c.Times {
		p.world.Pusher.Add(p.count, send)
	}
	if c.Reorder {
		if older := p.callBack(m, onWay, m.sentAt); older != nil {
			soon := p.world.Clock.Now().Add(50 * time.Millisecond)
			p.world.Agenda.At(soon, func(time.Time) { p.world.Pusher.Add(p.count, older) })
		}
	}
}

// reply calls the address of replies: POST of a form (observed). senderid is
// written without its plus sign here, one of the forms that were seen.
func (p *pushes) reply(in *incoming) {
	response := p.settings(in.account).SMSResponse
	if response.ResponseType != "cgi" || response.CGIURL == nil || *response.CGIURL == "" {
		return
	}
	form := url.Values{
		"id": {strconv.FormatInt(in.id, 10)}, "senderid": {strings.TrimPrefix(in.from, "+")}, "message": {in.text},
		"tag": {in.tag}, "shortcode": {world.StopShortCode},
	}
	if u, err := url.Parse(*response.CGIURL); err == nil {
		for name, values := range u.Query() {
			form[name] = append(form[name], values...) // repeated in the body (observed)
		}
	}
	p.world.Pusher.Add(p.count, func(ctx context.Context) error {
		body := strings.NewReader(form.Encode())
		return p.world.Pusher.Call(ctx, http.MethodPost, *response.CGIURL,
			"application/x-www-form-urlencoded", body)
	})
}

// stop calls stopCallBack. Method and parameters are undocumented: GET with
// number and id is inferred.
func (p *pushes) stop(a *account, number string, id int64) {
	target := p.settings(a).StopCallBack
	if target == nil || *target == "" {
		return
	}
	address := joinQuery(*target, "number="+url.QueryEscape(number)+"&id="+strconv.FormatInt(id, 10))
	p.world.Pusher.Add(p.count, func(ctx context.Context) error {
		return p.world.Pusher.Call(ctx, http.MethodGet, address, "", nil)
	})
}
