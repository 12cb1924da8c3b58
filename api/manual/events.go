package manual

import (
	"embed"
	"encoding/json"
	"html/template"
	"strings"

	"relais/webhook"
)

//go:embed verify
var verifyFiles embed.FS

// verifiers are the files that show how a signature is verified, by language of programs.
var verifiers = map[string]string{
	"curl": "verify.sh", "python": "verify.py", "php": "verify.php", "javascript": "verify.mjs", "go": "verify.go.txt",
}

// Verifier is how a signature is verified in a language.
func Verifier(code string) string {
	text, err := verifyFiles.ReadFile("verify/" + verifiers[code])
	if err != nil {
		return ""
	}
	return string(text)
}

// Delivery is a request that a webhook got.
type Delivery struct {
	Header map[string]string `json:"header"`
	Body   json.RawMessage   `json:"body"`
}

// eventsOf are the types of event.
func eventsOf() (all []string) {
	for _, t := range webhook.Types {
		all = append(all, string(t))
	}
	return all
}

// Recorded is what a webhook got of a type of event; false: nobody has seen one.
func Recorded(event string) (d Delivery, ok bool) {
	text, err := recorded.ReadFile("event/" + event + ".json")
	if err != nil {
		return d, false
	}
	return d, json.Unmarshal(text, &d) == nil
}

// event is a type of event on its page.
type event struct {
	Type, Phrase string
	Body         template.HTML
}

// Events are the types of event, each with an example.
func (v *view) Events() (all []event) {
	for _, t := range eventsOf() {
		e := event{Type: t, Phrase: "event_" + strings.ReplaceAll(t, ".", "_")}
		if d, ok := Recorded(t); ok {
			a := Answer{Body: d.Body}
			e.Body = coloured(a.Pretty())
		}
		all = append(all, e)
	}
	return all
}

// Request is the head of the request that brings an event.
func (v *view) Request() template.HTML {
	d, ok := Recorded(string(webhook.MessageDelivered))
	if !ok {
		return ""
	}
	var b strings.Builder
	b.WriteString("POST /sms HTTP/1.1\n")
	for _, name := range []string{"Content-Type", "webhook-id", "webhook-timestamp", "webhook-signature"} {
		b.WriteString(name + ": " + d.Header[name] + "\n")
	}
	a := Answer{Body: d.Body}
	return coloured(b.String() + "\n" + a.Pretty())
}

// Verify is how a signature is verified, in the language of the examples.
func (v *view) Verify() *shown {
	return &shown{
		ID: "verify", Code: v.Code.ID, Name: v.Code.Name, Request: coloured(Verifier(v.Code.ID)), Choices: v.Choices("verify"),
	}
}
