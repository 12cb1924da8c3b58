package httpapi

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"unicode"

	"relais/connector"
	"relais/reason"
	"relais/sms"
)

// Config is the section of an instance.
type Config struct {
	Preset     string           `toml:"preset" doc:"Operator whose declaration comes with the program, such as brevo: relais connector preset names them all." example:"brevo"`
	File       string           `toml:"declaration" doc:"File with the declaration of any other operator, relative to the directory of this one; see docs/connectors/http.md." example:"operator.toml"`
	BaseURL    string           `toml:"base_url" doc:"Address of the API in place of the declaration's, where that allows one: another region, or a simulator." example:"https://api.operator.example"`
	Login      string           `toml:"login" doc:"Name of the account at the operator, where the declaration wants one." example:"AC0123456789"`
	Profile    string           `toml:"profile" doc:"Profile, group or campaign within the login, where the declaration wants one." example:"4711"`
	Key        connector.Secret `toml:"key" doc:"Key of the API." example:"change-me"`
	Secret     connector.Secret `toml:"secret" doc:"Password or token of the API." example:"change-me"`
	SigningKey connector.Secret `toml:"signing_key" doc:"Key by which the operator signs what it pushes, where that is another one." example:"change-me"`
	Sender     string           `toml:"sender" doc:"Sender of messages that name none." example:"TownHall"`

	declared *Declaration // after Validate
	path     string       // of File; empty: as it is written
}

// Locate tells where the file that the section names is.
func (c *Config) Locate(inPlace func(name string) string) { c.path = inPlace(c.File) }

// Validate reads and judges the declaration, then the settings that it wants.
func (c *Config) Validate() error {
	errs := []error{
		plain("login", c.Login), plain("profile", c.Profile), plain("key", c.Key.Reveal()), plain("secret", c.Secret.Reveal()),
		plain("signing_key", c.SigningKey.Reveal()),
	}
	if strings.TrimSpace(c.Sender) != c.Sender {
		errs = append(errs, invalid("sender", whySpace, nil))
	}
	if c.BaseURL != "" {
		if why := wrongBaseURL(c.BaseURL); why != "" {
			errs = append(errs, invalid("base_url", why, nil))
		}
	}
	d, err := c.read()
	if err != nil {
		return errors.Join(append(errs, err)...)
	}
	c.declared = d
	return errors.Join(append(errs, c.fits(d)...)...)
}

// fits judges the section by its declaration.
func (c *Config) fits(d *Declaration) []error {
	var errs []error
	given := map[string]string{
		"login": c.Login, "profile": c.Profile, "key": c.Key.Reveal(), "secret": c.Secret.Reveal(), "signing_key": c.SigningKey.Reveal(),
		"sender": c.Sender,
	}
	for _, name := range d.wants {
		if given[name] == "" {
			errs = append(errs, invalid(name, whySetting, reason.Args{"operator": reason.Name(d.Title)}))
		}
	}
	if name, ok := d.signature.misses(given); !ok {
		errs = append(errs, invalid(name, whyPublicKey, reason.Args{"encoding": reason.Name(d.signature.encoding)}))
	}
	if name, wrong := d.wrongOnly(c.settings()); wrong {
		errs = append(errs, invalid(name, whyOnlyTo, reason.Args{"operator": reason.Name(d.Title)}))
	}
	switch {
	case c.BaseURL != "" && !d.ownBaseURL && !connector.OnThisMachine(c.BaseURL):
		errs = append(errs, invalid("base_url", whyBaseURLFixed, nil))
	case c.BaseURL == "" && d.baseURL == "":
		errs = append(errs, invalid("base_url", whySetting, reason.Args{"operator": reason.Name(d.Title)}))
	}
	return errs
}

func invalid(key string, why reason.Code, args reason.Args) error {
	return &connector.ConfigError{Key: key, Reason: reason.Of(why, args)}
}

// plain refuses white space in a secret: a line end copied with it only shows later, as a refusal.
func plain(key, value string) error {
	if strings.ContainsFunc(value, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) }) {
		return invalid(key, whySpace, nil)
	}
	return nil
}

func (c *Config) settings() settings {
	return settings{
		Login: c.Login, Profile: c.Profile, Key: c.Key.Reveal(), Secret: c.Secret.Reveal(),
		SigningKey: c.SigningKey.Reveal(),
	}
}

// Provider is any operator with an HTTP API, in the application's table.
func Provider() connector.Provider {
	return connector.Provider{
		Name:      "http",
		Title:     "Any operator with an HTTP API",
		NewConfig: func() any { return &Config{} },
		Open: func(config any, env connector.Env) (connector.Connector, connector.Facts, error) {
			c, ok := config.(*Config)
			if !ok || c.declared == nil {
				return nil, connector.Facts{}, errors.New("http: the section was not made by NewConfig, or is not judged")
			}
			made := c.open(env)
			facts := c.declared.facts
			facts.Senders = slices.Clone(facts.Senders)
			facts.DefaultSender = sms.Sender(c.Sender).Kind()
			facts.Simulated = connector.OnThisMachine(made.baseURL)
			return made, facts, nil
		},
	}
}

// open makes the instance of a section that was judged.
func (c *Config) open(env connector.Env) *client {
	made := newClient(c.declared, c.settings(), env)
	made.sender = c.Sender
	if c.BaseURL != "" {
		made.baseURL = c.BaseURL
	}
	return made
}

func newClient(d *Declaration, s settings, env connector.Env) *client {
	c := &client{
		declaration: d, settings: s, baseURL: d.baseURL, callback: env.CallbackURL, http: unfollowed(env.HTTP), now: env.Now,
		tokens: newTokens(),
	}
	for _, secret := range []string{s.Key, s.Secret, s.SigningKey, env.CallbackURL} {
		c.secrets = append(c.secrets, forms(secret)...)
	}
	if s.Login != "" { // basic repeats the pair as one text
		c.secrets = append(c.secrets, forms(s.Login+":"+s.Secret)...)
		c.secrets = append(c.secrets, forms(s.Login+":"+s.Key)...)
	}
	return c
}

// unfollowed is a client that follows no redirection, whoever made it: it would take the message,
// and the key, to another host.
func unfollowed(client *http.Client) *http.Client {
	if client == nil {
		return nil
	}
	mine := *client
	mine.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &mine
}
