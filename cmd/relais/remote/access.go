package remote

import (
	"cmp"
	"errors"
	"net/url"
	"os"

	"relais/client"
	"relais/cmd/relais/terminal"
	"relais/reason"
)

// apiFlags say how to reach a gateway. The key is never a flag: every user of
// the machine could read it in the list of processes.
type apiFlags struct {
	URL     string `help:"Address of the gateway." env:"RELAIS_URL" default:"http://127.0.0.1:8080" placeholder:"URL"`
	KeyFile string `help:"File that holds the API key; without it RELAIS_KEY, then RELAIS_KEY_FILE." placeholder:"FILE"`
	JSON    bool   `help:"Print JSON."`
}

// client makes the client of the gateway.
func (f *apiFlags) client(t *terminal.Terminal) (*client.Client, error) {
	address, err := url.Parse(f.URL)
	if err != nil || address.Host == "" || address.Scheme != "http" && address.Scheme != "https" {
		return nil, t.Misuse("url_wrong")
	}
	key, err := t.SecretOf("RELAIS_KEY")
	if err != nil {
		return nil, err
	}
	if f.KeyFile != "" || key == "" {
		name := cmp.Or(f.KeyFile, os.Getenv("RELAIS_KEY_FILE"))
		if name == "" {
			return nil, t.Misuse("key_missing")
		}
		if key, err = t.SecretIn(name); err != nil {
			return nil, err
		}
	}
	gateway := client.New(f.URL, key)
	gateway.Language = string(t.Language)
	return gateway, nil
}

// failed says why a call of the API failed, and ends the command. With --json
// the problem document is the result.
func (f *apiFlags) failed(t *terminal.Terminal, err error) error {
	if _, silent := errors.AsType[*client.ConnectionError](err); silent {
		return t.Failed(silence(err), "gateway_silent")
	}
	if wrong, ok := errors.AsType[*client.NotUTF8Error](err); ok {
		if wrong.Field == client.SomeField {
			return t.Misuse("request_not_utf8")
		}
		return t.Misuse("field_not_utf8", "field", wrong.Field)
	}
	p, refused := errors.AsType[*client.Problem](err)
	if !refused {
		return err
	}
	t.Say("refused", "detail", p.Detail, "code", p.Code)
	if len(p.Rejected) == 0 {
		for _, e := range p.Errors {
			if e.Detail != p.Detail {
				t.Say("refused_field", "field", e.Field, "detail", e.Detail)
			}
		}
	}
	sayRejected(t, p.Rejected)
	if f.JSON {
		if err := terminal.PrintJSON(t.Stdout, p); err != nil {
			return err
		}
	}
	return terminal.ErrSaid
}

// noAnswer is said of a gateway that gave none.
const noAnswer reason.Code = "words/no_answer"

// silence is the error of a gateway that gave no answer, as people read it; any other error
// as it is.
func silence(err error) error {
	lost, ok := errors.AsType[*client.ConnectionError](err)
	if !ok {
		return err
	}
	return reason.Wrap(lost.Err, noAnswer, reason.Args{"url": reason.Name(lost.URL)})
}

func sayRejected(t *terminal.Terminal, rejected []client.Refused) {
	for _, r := range rejected {
		t.Say("recipient", "number", r.To, "detail", r.Detail, "code", r.Code)
	}
}

func sayWarnings(t *terminal.Terminal, warnings []client.Warning) {
	for _, w := range warnings {
		if w.To == "" {
			t.Say("warning", "detail", w.Detail, "code", w.Code)
			continue
		}
		t.Say("warning_for", "number", w.To, "detail", w.Detail, "code", w.Code)
	}
}
