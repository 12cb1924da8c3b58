package ovh

import (
	"slices"

	"relais/gsm"
	"relais/sms"
)

// senders are the configured ones, else the account's default.
func (c *call) senders() []string {
	within := WithinOf(c.app.Limits)
	return slices.DeleteFunc(c.sendersOfAccount(), func(name string) bool {
		return !within.RefusesSender(sms.Sender(name), sms.Sender(name)).IsZero()
	})
}

func (c *call) sendersOfAccount() []string {
	if len(c.settings.Senders) > 0 || c.settings.Sender == "" {
		return append([]string{}, c.settings.Senders...)
	}
	return []string{c.settings.Sender}
}

func senders(c *call) (any, error) { return c.senders(), nil }

func getSender(c *call) (any, error) {
	name := c.values["sender"]
	if !slices.Contains(c.senders(), name) {
		return nil, noObject("sender")
	}
	kind := map[sms.SenderKind]string{
		sms.Alphanumeric: "alpha", sms.ShortCode: "shortcode",
		sms.LongNumber: "virtual",
	}[sms.Sender(name).Kind()]
	return map[string]any{
		"sender": name, "status": "enable", "type": kind, "comment": nil,
		"description": "", "referer": "custom",
		"validationMedia": nil,
	}, nil
}

type estimateBody struct {
	Message      loose `json:"message"`
	NoStopClause loose `json:"noStopClause"`
	SenderType   loose `json:"senderType"`
}

// stopClause is what OVH adds to advertising from a named sender (documented: 11
// characters with its line end). It is the estimate of OVH: what a message costs
// here depends on its connector, and POST /v1/messages/preview tells it.
const stopClause = "\nSTOP:36111"

// estimate counts characters and parts.
func estimate(c *call) (any, error) {
	var b estimateBody
	if err := c.decode(&b, "message", "noStopClause", "senderType"); err != nil {
		return nil, err
	}
	text, err := b.Message.str("message")
	if err != nil {
		return nil, err
	}
	noStop, err := b.NoStopClause.boolean("noStopClause")
	if err != nil {
		return nil, err
	}
	kind, err := b.SenderType.str("senderType")
	switch {
	case err != nil:
		return nil, err
	case b.Message.absent():
		return nil, required("message")
	case !slices.Contains([]string{"alpha", "numeric", "shortcode", "time2chat", "virtual"}, kind):
		return nil, invalid("'senderType' is not one of alpha, numeric, shortcode, time2chat, virtual")
	}
	clause := ""
	if !noStop && kind == "alpha" {
		clause = stopClause
	}
	info, own := gsm.CountWith(text, clause), gsm.Count(text)
	alphabet := "7bits"
	if info.Alphabet == gsm.UCS2 {
		alphabet = "unicode"
	}
	room := info.PerSegment
	if info.Segments <= 1 {
		room -= len(clause)
	}
	return map[string]any{
		"characters": own.Units, "charactersClass": alphabet, "maxCharactersPerPart": room,
		"parts": info.Segments,
	}, nil
}
