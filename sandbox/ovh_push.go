package sandbox

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// descriptions are texts of descriptionDlr. The words are ours: no source lists
// them (inferred).
var descriptions = map[int]string{0: "Created", 1: "Delivered", 2: "Failed", 4: "Pending", 8: "Buffered", 16: "Error"}

// callBack calls the account's delivery callback: GET with id, ptt, date,
// description and descriptionDlr, beside our own query (documented, and observed).
// The format of date is shown nowhere (inferred).
func (o *ovh) callBack(m *ovhMessage, end ovhEnd, at time.Time) func(context.Context) error {
	o.mu.RLock()
	target := m.account.settings.CallBack
	o.mu.RUnlock()
	if target == nil || *target == "" {
		return nil
	}
	query := "id=" + strconv.FormatInt(m.id, 10) + "&ptt=" + strconv.Itoa(end.ptt) +
		"&date=" + url.QueryEscape(at.In(paris).Format("2006-01-02 15:04:05")) +
		"&description=" + strconv.Itoa(end.receipt) + "&descriptionDlr=" + descriptions[end.receipt]
	address := joinQuery(*target, query)
	return func(ctx context.Context) error {
		return o.server.pusher.call(ctx, http.MethodGet, address, "", nil)
	}
}

func joinQuery(address, query string) string {
	if strings.Contains(address, "?") {
		return address + "&" + query
	}
	return address + "?" + query
}

// tell pushes a state of a message as its course wants.
func (o *ovh) tell(m *ovhMessage, c *course, end ovhEnd, at time.Time) {
	send := o.callBack(m, end, at)
	if send == nil {
		return
	}
	if c.before {
		o.server.pusher.now(o.count, send)
		return
	}
	for range c.times {
		o.server.pusher.add(o.count, send)
	}
	if c.reorder {
		if older := o.callBack(m, ovhOnWay, m.sentAt); older != nil {
			o.server.agenda.at(o.server.clock.now().Add(50*time.Millisecond), func(time.Time) { o.server.pusher.add(o.count, older) })
		}
	}
}

// pushReply calls the address of replies: POST of a form (observed). senderid is
// written without its plus sign here, one of the forms that were seen.
func (o *ovh) pushReply(in *ovhIncoming) {
	o.mu.RLock()
	response := in.account.settings.SMSResponse
	o.mu.RUnlock()
	if response.ResponseType != "cgi" || response.CGIURL == nil || *response.CGIURL == "" {
		return
	}
	form := url.Values{
		"id": {strconv.FormatInt(in.id, 10)}, "senderid": {strings.TrimPrefix(in.from, "+")}, "message": {in.text},
		"tag": {in.tag}, "shortcode": {stopShortCode},
	}
	if u, err := url.Parse(*response.CGIURL); err == nil {
		for name, values := range u.Query() {
			form[name] = append(form[name], values...) // repeated in the body (observed)
		}
	}
	o.server.pusher.add(o.count, func(ctx context.Context) error {
		return o.server.pusher.call(ctx, http.MethodPost, *response.CGIURL, "application/x-www-form-urlencoded", strings.NewReader(form.Encode()))
	})
}

// pushStop calls stopCallBack. Method and parameters are undocumented: GET with
// number and id is inferred.
func (o *ovh) pushStop(a *ovhAccount, number string, id int64) {
	o.mu.RLock()
	target := a.settings.StopCallBack
	o.mu.RUnlock()
	if target == nil || *target == "" {
		return
	}
	address := joinQuery(*target, "number="+url.QueryEscape(number)+"&id="+strconv.FormatInt(id, 10))
	o.server.pusher.add(o.count, func(ctx context.Context) error {
		return o.server.pusher.call(ctx, http.MethodGet, address, "", nil)
	})
}
