package main

import (
	"cmp"
	"errors"
	"net/url"
	"os"
	"time"

	"relais/client"
	"relais/internal/wallclock"
	"relais/plaintext"
)

// apiFlags say how to reach a gateway. The key is never a flag: every user of
// the machine could read it in the list of processes.
type apiFlags struct {
	URL     string `help:"Address of the gateway." env:"RELAIS_URL" default:"http://127.0.0.1:8080" placeholder:"URL"`
	KeyFile string `help:"File that holds the API key; without it RELAIS_KEY, then RELAIS_KEY_FILE." placeholder:"FILE"`
	JSON    bool   `help:"Print JSON."`
}

// client makes the client of the gateway.
func (f *apiFlags) client(t *terminal) (*client.Client, error) {
	address, err := url.Parse(f.URL)
	if err != nil || address.Host == "" || address.Scheme != "http" && address.Scheme != "https" {
		return nil, &usageError{t.text("url_wrong")}
	}
	key, err := t.secretOf("RELAIS_KEY")
	if err != nil {
		return nil, err
	}
	if f.KeyFile != "" || key == "" {
		name := cmp.Or(f.KeyFile, os.Getenv("RELAIS_KEY_FILE"))
		if name == "" {
			return nil, &usageError{t.text("key_missing")}
		}
		if key, err = t.secretIn(name); err != nil {
			return nil, err
		}
	}
	gateway := client.New(f.URL, key)
	gateway.Language = string(t.language)
	return gateway, nil
}

// secretIn reads the secret that a file holds.
func (t *terminal) secretIn(name string) (string, error) {
	data, err := plaintext.ReadFile(name)
	if err != nil {
		return "", errors.New(t.text("file_unreadable", "file", name, "error", pathless(err)))
	}
	secret, err := plaintext.Secret(string(data))
	if err != nil {
		return "", errors.New(t.text("secret_wrong", "place", name, "error", err))
	}
	if secret == "" {
		return "", errors.New(t.text("file_empty", "file", name))
	}
	return secret, nil
}

// secretOf is the secret in an environment variable, "" when it is not set.
func (t *terminal) secretOf(variable string) (string, error) {
	secret, err := plaintext.Secret(os.Getenv(variable))
	if err != nil {
		return "", errors.New(t.text("secret_wrong", "place", variable, "error", err))
	}
	return secret, nil
}

// pathless keeps the reason of a file error: the path is in our sentence.
func pathless(err error) error {
	if wrapped, ok := errors.AsType[*os.PathError](err); ok {
		return wrapped.Err
	}
	return err
}

// failed says why a call of the API failed, and ends the command. With --json
// the problem document is the result.
func (f *apiFlags) failed(t *terminal, err error) error {
	if _, silent := errors.AsType[*client.ConnectionError](err); silent {
		return errors.New(t.text("gateway_silent", "error", err))
	}
	if wrong, ok := errors.AsType[*client.NotUTF8Error](err); ok {
		return &usageError{wrong.Error()}
	}
	p, refused := errors.AsType[*client.Problem](err)
	if !refused {
		return err
	}
	t.say("refused", "detail", p.Detail, "code", p.Code)
	if len(p.Rejected) == 0 {
		for _, e := range p.Errors {
			if e.Detail != p.Detail {
				t.say("refused_field", "field", e.Field, "detail", e.Detail)
			}
		}
	}
	t.sayRejected(p.Rejected)
	if f.JSON {
		if err := printJSON(t.stdout, p); err != nil {
			return err
		}
	}
	return errSaid
}

func (t *terminal) sayRejected(rejected []client.Refused) {
	for _, r := range rejected {
		t.say("recipient", "number", r.To, "detail", r.Detail, "code", r.Code)
	}
}

func (t *terminal) sayWarnings(warnings []client.Warning) {
	for _, w := range warnings {
		if w.To == "" {
			t.say("warning", "detail", w.Detail, "code", w.Code)
			continue
		}
		t.say("warning_for", "number", w.To, "detail", w.Detail, "code", w.Code)
	}
}

// Where a duration that stands for a date leads.
const (
	ahead = +1
	ago   = -1
)

// readTime reads a date: RFC 3339, or local without a zone, or how far it is
// from now. Nothing is the zero time.
func (t *terminal) readTime(flag, text string, direction time.Duration) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if distance, err := time.ParseDuration(text); err == nil && distance > 0 {
		return time.Now().Add(direction * distance), nil
	}
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return at, nil
	}
	for _, layout := range []string{"2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02T15:04:05", "2006-01-02T15:04", time.DateOnly} {
		if at, odd, err := wallclock.Read(layout, text, t.localZone()); err == nil {
			switch taken := at.Format(time.RFC3339); odd {
			case wallclock.Twice:
				t.say("time_twice", "flag", flag, "text", text, "taken", taken)
			case wallclock.Never:
				t.say("time_never", "flag", flag, "text", text, "taken", taken)
			case wallclock.None:
			}
			return at, nil
		}
	}
	return time.Time{}, &usageError{t.text("time_wrong", "flag", flag)}
}
