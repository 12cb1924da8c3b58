package passerelle

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"relais/charset"
	"relais/connector"
	"relais/door"
	"relais/gateway"
	"relais/reason"
	"relais/sender"
	"relais/sms"
)

// Metadata of the messages of this door.
const (
	metaInstance  = "passerelle"
	metaCounter   = "counter"
	metaCallerURL = "publik_caller_url"
)

// send takes a message. It answers 200 once the message is on disk, never
// another 2xx: w.c.s. takes 201, 202 and 204 for failures (documented).
func (d *Door) send(w http.ResponseWriter, r *http.Request, instance *Instance) {
	caller, refused := d.recognise(r, instance)
	if refused != nil {
		refused.write(w)
		return
	}
	asked, refused := readOrder(w, r)
	if refused != nil {
		refused.write(w)
		return
	}
	s := instance.submission(asked, r)
	s.Actor = sms.DoorActor(prefix, instance.Name+"/"+caller)
	body, err := d.submit(r.Context(), instance, s)
	if err != nil {
		d.fail(instance, err).write(w)
		return
	}
	answer(w, http.StatusOK, body)
}

// submission translates a request.
func (i *Instance) submission(asked order, r *http.Request) gateway.Submission {
	s := gateway.Submission{
		Account: i.Account, To: asked.to, Connector: i.Connector, Class: i.class(r.URL.RawQuery),
		ValidFor: i.ValidFor, Region: i.Region, Special: i.Special,
		Metadata: map[string]string{metaInstance: i.Name},
	}
	var notes [3]*reason.Reason
	s.Text, notes[0] = withoutControls(asked.message)
	s.Text, notes[1] = cut(s.Text, i.MaxLength)
	s.Sender, notes[2] = cleanSender(asked.from)
	for _, note := range notes {
		if note != nil {
			s.Notes = append(s.Notes, *note)
		}
	}
	remember(&s, metaCounter, asked.counter)
	remember(&s, metaCallerURL, r.Header.Get("Publik-Caller-URL"))
	return s
}

// remember puts a value in the metadata, and says so where it is too long for it.
func remember(s *gateway.Submission, key, value string) {
	const longest = 1500            // bytes; the gateway keeps 4096 together
	read, ok := charset.Text(value) // a header may be in any charset
	if !ok {
		s.Notes = append(s.Notes, *noted(codeMetadataUnreadable, reason.Args{"key": reason.Name(key)}))
		return
	}
	value = strings.ReplaceAll(read, "\x00", "")
	if len(value) > longest {
		at := longest
		for !utf8.RuneStart(value[at]) {
			at--
		}
		value = value[:at]
		s.Notes = append(s.Notes, *noted(codeMetadataCut, reason.Args{"key": reason.Name(key)}))
	}
	if value != "" {
		s.Metadata[key] = value
	}
}

// class is that of the instance. That nostop is there is what counts, as in
// Passerelle, whatever its value (inferred): the message is not marketing. A
// one-time code stays one.
func (i *Instance) class(query string) sms.Class {
	values, err := url.ParseQuery(query)
	if err == nil && values.Has("nostop") && i.Class != sms.OTP {
		return sms.Transactional
	}
	return i.Class
}

// submit stores the messages and tells what became of each recipient.
func (d *Door) submit(ctx context.Context, instance *Instance, s gateway.Submission) (map[string]any, error) {
	region := s.Region
	if region == "" {
		region = d.Gateway.Region(s.Account)
	}
	asked := len(s.To)
	var denied []gateway.Refusal
	s.To, denied = instance.admitted(s.To, region)
	if asked > 0 && len(s.To) == 0 {
		return nil, noneLeft(denied)
	}
	campaign, result, err := d.hand(ctx, instance, s)
	if note := senderDropped(err); note != nil {
		s.Notes, s.Sender = append(s.Notes, *note), ""
		campaign, result, err = d.hand(ctx, instance, s)
	}
	if rejected, none := refusals(err); none {
		return nil, noneLeft(append(denied, rejected...))
	}
	if err != nil {
		return nil, err
	}
	return accepted(campaign, result, append(denied, result.Rejected...), s.Notes), nil
}

// hand has the gateway take a message, as a campaign where it goes to many; its id is zero for any other.
func (d *Door) hand(
	ctx context.Context, instance *Instance, s gateway.Submission,
) (campaign sms.ID, result *gateway.Result, err error) {
	if d.Orders != nil && instance.CampaignFrom > 0 && len(s.To) >= instance.CampaignFrom {
		name := "Publik " + instance.Name + " " + d.Now().In(d.Zone).Format("2006-01-02 15:04")
		campaign, result, err = d.Orders.Order(ctx, name, s)
		if err != nil || !campaign.IsZero() {
			return campaign, result, err
		}
	}
	result, err = d.Gateway.Submit(ctx, s, nil)
	return campaign, result, err
}

// senderDropped is the note about a sender that the operator does not take, nil for
// another error. Callers must name one, and some name what nobody declared; Passerelle
// let the operator ignore it, and its texts arrived.
func senderDropped(err error) *reason.Reason {
	if _, ok := door.Refused(err, sender.CodeKindUnsupported); ok {
		return noted(codeSenderKind, nil)
	}
	if e, ok := door.Refused(err, connector.CodeSenderUndeclared); ok {
		return new(e.As(codeSenderDropped).With(reason.Of(codeSenderInstead, nil)))
	}
	return nil
}

// accepted is the answer of Passerelle, with what it did not tell. Of a campaign there are no
// messages yet.
func accepted(
	campaign sms.ID, result *gateway.Result, refused []gateway.Refusal, notes []reason.Reason,
) map[string]any {
	warn := warnings(refused)
	for _, note := range notes {
		warn[strings.ReplaceAll(note.Code.Wire(), "_", " ")] = note.In(reason.English)
	}
	told := []map[string]string{}
	for _, w := range result.Warnings {
		told = append(told, map[string]string{
			"code": w.Code.Wire(), "detail": w.In(reason.English), "to": w.To,
		})
	}
	messages := make([]map[string]string, len(result.Messages))
	for i := range result.Messages {
		m := &result.Messages[i]
		messages[i] = map[string]string{
			"id": m.ID.String(), "to": string(m.To), "status": string(m.Status),
			"connector": m.Connector,
		}
	}
	data := map[string]any{
		"id": result.Messages[0].Submission.String(), "messages": messages,
		"rejected": rejectedOf(refused),
		"warnings": told,
	}
	if !campaign.IsZero() {
		data["id"], data["messages"] = campaign.String(), []map[string]string{}
		data["campaign"], data["recipients"] = campaign.String(), len(result.Messages)
	}
	return map[string]any{"err": 0, "warn": warn, "data": data}
}

func rejectedOf(refused []gateway.Refusal) []map[string]string {
	all := []map[string]string{}
	for _, r := range refused {
		all = append(all, map[string]string{
			"to": r.To, "code": r.Code.Wire(), "detail": r.In(reason.English),
		})
	}
	return all
}
