package ovh

import (
	"encoding/json"
	"strings"

	"relais/sandbox/world"
)

// stopClause is what OVH appends to advertising that bears a name (documented:
// control panel; a guide and http2sms show other wordings of other lengths).
const stopClause = "\nSTOP:" + world.StopShortCode

// coding is how OVH counts the parts of a text. The clause takes its 11
// characters from the first part only (documented: "OVHcloud SMS FAQ").
type coding struct {
	class     string // sms.EncodingEnum
	length    int
	one       int // characters when there is one part
	firstPart int // characters of the first part of several
	nextPart  int
}

func codingOf(text string, stop bool) coding {
	c := coding{class: "7bits", one: 160, firstPart: 153, nextPart: 153}
	n, ok := world.Septets(text)
	if !ok {
		c = coding{class: "unicode", one: 70, firstPart: 67, nextPart: 67}
		n = world.Units(text)
	}
	c.length = n
	if stop {
		c.one -= len(stopClause)
		c.firstPart = c.one
	}
	return c
}

func (c coding) parts() int {
	if c.length <= c.one {
		return 1
	}
	return 1 + (c.length-c.firstPart+c.nextPart-1)/c.nextPart
}

func (c coding) perPart() int {
	if c.parts() == 1 {
		return c.one
	}
	return c.nextPart
}

// estimate is POST /sms/estimate.
func estimate(body []byte) (any, error) {
	var asked struct {
		Message      world.Loose `json:"message"`
		NoStopClause world.Loose `json:"noStopClause"`
		SenderType   world.Loose `json:"senderType"`
	}
	if err := decode(body, &asked, "POST /sms/estimate"); err != nil {
		return nil, err
	}
	for _, field := range []struct {
		name  string
		value world.Loose
	}{{"message", asked.Message}, {"noStopClause", asked.NoStopClause}, {"senderType", asked.SenderType}} {
		if field.value.Absent() {
			return nil, required(field.name)
		}
	}
	noStop, ok := asked.NoStopClause.Boolean()
	if !ok {
		return nil, bad("The input provided isn't valid: 'noStopClause' is not a boolean")
	}
	switch asked.SenderType.Text {
	case "alpha", "numeric", "shortcode", "time2chat", "virtual":
	default:
		return nil, bad("The input provided isn't valid: " +
			"'senderType' is not one of alpha, numeric, shortcode, time2chat, virtual")
	}
	c := codingOf(asked.Message.Text, !noStop && asked.SenderType.Text == "alpha")
	return struct {
		Characters           int    `json:"characters"`
		CharactersClass      string `json:"charactersClass"`
		MaxCharactersPerPart int    `json:"maxCharactersPerPart"`
		Parts                int    `json:"parts"`
	}{c.length, c.class, c.perPart(), c.parts()}, nil
}

// ptts are the documented codes (guide "Everything you need to know about SMS
// users"); the texts are condensed. The duration is documented for a few codes
// and inferred for the others.
var ptts = map[string][2]string{
	"0": {"None", "indeterminated"}, "1": {"Retrying, problem on the phone", "temporary"},
	"2": {"Retrying, problem at the operator", "temporary"}, "3": {"Accepted by the operator", "temporary"},
	"4": {"Delivered", "permanent"}, "5": {"Confirmed undelivered, no detail", "indeterminated"},
	"6": {"The outcome will never be known", "permanent"}, "8": {"Expired at the message centre", "permanent"},
	"20": {"Cannot be delivered in this form", "permanent"}, "21": {"The subscriber has no credit", "temporary"},
	"23": {"Number invalid, blacklisted or barred", "permanent"}, "24": {"Subscriber absent", "temporary"},
	"25": {"Temporary network failure", "temporary"}, "26": {"Temporary phone error", "temporary"},
	"27": {"The phone can never receive it", "permanent"}, "28": {"Suspected spam", "permanent"},
	"29": {"Content not allowed", "permanent"}, "33": {"Parental lock", "permanent"},
	"39": {"Failure at the new operator", "indeterminated"}, "73": {"Ported numbers cannot be reached", "permanent"},
	"74": {"Roaming problem", "temporary"}, "76": {"Ported numbers blocked for this client", "permanent"},
	"202": {"Ported numbers blocked; contact support", "permanent"}, "1999": {"No template matches", "permanent"},
}

// pttDetails is GET /sms/ptts.
func pttDetails(ptt string) (any, error) {
	details, ok := ptts[ptt]
	if !ok {
		return nil, unknown("ptt", ptt)
	}
	return map[string]string{"comment": "", "description": details[0], "duration": details[1]}, nil
}

// decode reads a body strictly: OVH refuses fields that it does not describe
// (observed on other products: ovh/php-ovh issue 63).
func decode(body []byte, into any, call string) error {
	decoder := json.NewDecoder(strings.NewReader(string(body)))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(into)
	if err == nil && !decoder.More() {
		return nil
	}
	if err == nil {
		return bad("The input provided isn't valid")
	}
	if field, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		return bad("Received not described parameters: (" + strings.Trim(field, `"`) +
			") while calling " + call)
	}
	return bad("The input provided isn't valid")
}

// required is observed on another product (guzzle/guzzle issue 3112).
func required(field string) error {
	return bad("The input provided isn't valid: '" + field + "' is a required property")
}
