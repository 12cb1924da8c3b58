package sandbox

import (
	"encoding/json"
	"strings"
)

// ovhStopClause is what OVH appends to advertising that bears a name (documented:
// control panel; a guide and http2sms show other wordings of other lengths).
const ovhStopClause = "\nSTOP:" + stopShortCode

// ovhCoding is how OVH counts the parts of a text. The clause takes its 11
// characters from the first part only (documented: "OVHcloud SMS FAQ").
type ovhCoding struct {
	class     string // sms.EncodingEnum
	length    int
	one       int // characters when there is one part
	firstPart int // characters of the first part of several
	nextPart  int
}

func ovhCodingOf(text string, stop bool) ovhCoding {
	c := ovhCoding{class: "7bits", one: 160, firstPart: 153, nextPart: 153}
	n, ok := septets(text)
	if !ok {
		c = ovhCoding{class: "unicode", one: 70, firstPart: 67, nextPart: 67}
		n = units(text)
	}
	c.length = n
	if stop {
		c.one -= len(ovhStopClause)
		c.firstPart = c.one
	}
	return c
}

func (c ovhCoding) parts() int {
	if c.length <= c.one {
		return 1
	}
	return 1 + (c.length-c.firstPart+c.nextPart-1)/c.nextPart
}

func (c ovhCoding) perPart() int {
	if c.parts() == 1 {
		return c.one
	}
	return c.nextPart
}

// estimate is POST /sms/estimate.
func estimate(body []byte) (any, error) {
	var asked struct {
		Message      loose `json:"message"`
		NoStopClause loose `json:"noStopClause"`
		SenderType   loose `json:"senderType"`
	}
	if err := decodeOVH(body, &asked, "POST /sms/estimate"); err != nil {
		return nil, err
	}
	for _, field := range []struct {
		name  string
		value loose
	}{{"message", asked.Message}, {"noStopClause", asked.NoStopClause}, {"senderType", asked.SenderType}} {
		if field.value.absent() {
			return nil, ovhRequired(field.name)
		}
	}
	noStop, ok := asked.NoStopClause.boolean()
	if !ok {
		return nil, ovhBad("The input provided isn't valid: 'noStopClause' is not a boolean")
	}
	switch asked.SenderType.text {
	case "alpha", "numeric", "shortcode", "time2chat", "virtual":
	default:
		return nil, ovhBad("The input provided isn't valid: " +
			"'senderType' is not one of alpha, numeric, shortcode, time2chat, virtual")
	}
	c := ovhCodingOf(asked.Message.text, !noStop && asked.SenderType.text == "alpha")
	return struct {
		Characters           int    `json:"characters"`
		CharactersClass      string `json:"charactersClass"`
		MaxCharactersPerPart int    `json:"maxCharactersPerPart"`
		Parts                int    `json:"parts"`
	}{c.length, c.class, c.perPart(), c.parts()}, nil
}

// ovhPtts are the documented codes (guide "Everything you need to know about SMS
// users"); the texts are condensed. The duration is documented for a few codes
// and inferred for the others.
var ovhPtts = map[string][2]string{
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
	details, ok := ovhPtts[ptt]
	if !ok {
		return nil, ovhUnknown("ptt", ptt)
	}
	return map[string]string{"comment": "", "description": details[0], "duration": details[1]}, nil
}

// decodeOVH reads a body strictly: OVH refuses fields that it does not describe
// (observed on other products: ovh/php-ovh issue 63).
func decodeOVH(body []byte, into any, call string) error {
	decoder := json.NewDecoder(strings.NewReader(string(body)))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(into)
	if err == nil && !decoder.More() {
		return nil
	}
	if err == nil {
		return ovhBad("The input provided isn't valid")
	}
	if field, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		return ovhBad("Received not described parameters: (" + strings.Trim(field, `"`) + ") while calling " + call)
	}
	return ovhBad("The input provided isn't valid")
}

// ovhRequired is observed on another product (guzzle/guzzle issue 3112).
func ovhRequired(field string) error {
	return ovhBad("The input provided isn't valid: '" + field + "' is a required property")
}
