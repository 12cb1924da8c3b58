package local

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"relais/app"
	"relais/cmd/relais/terminal"
	"relais/config"
	"relais/connector"
	"relais/connector/ovh"
)

type ovhCommand struct {
	Login     ovhLoginCommand     `cmd:"" help:"Obtain a consumer key with exactly the rights that the connector needs."`
	Callbacks ovhCallbacksCommand `cmd:"" help:"Make OVH call this gateway with receipts, replies and STOPs."`
}

type ovhLoginCommand struct {
	ApplicationKey        string        `required:"" help:"Application key, from https://auth.eu.ovhcloud.com/api/createApp/." env:"RELAIS_OVH_APPLICATION_KEY" placeholder:"KEY"`
	ApplicationSecretFile string        `help:"File that holds the application secret; without it RELAIS_OVH_APPLICATION_SECRET. Needed to wait for the consent and to test." placeholder:"FILE"`
	Endpoint              string        `help:"Address of the API." default:"https://eu.api.ovh.com/1.0" placeholder:"URL"`
	Service               string        `help:"SMS account, when the customer has several." placeholder:"NAME"`
	Name                  string        `help:"Name of the connector in the configuration." default:"ovh"`
	Callbacks             bool          `help:"Ask for the right to set the account's callbacks too."`
	Timeout               time.Duration `help:"How long to wait for the consent." default:"10m" placeholder:"DURATION"`
	JSON                  bool          `help:"Print JSON."`
}

// Login is what the command has learnt so far. It is also the result in JSON.
type Login struct {
	ValidationURL string              `json:"validation_url"`
	ConsumerKey   string              `json:"consumer_key"`
	Validated     bool                `json:"validated"`
	Services      []string            `json:"services"`
	Findings      []connector.Finding `json:"findings"`
	Section       string              `json:"section"` // of the configuration file
}

var connectorName = regexp.MustCompile(`^[a-z][a-z0-9-]{0,31}$`)

// Run implements the command. Asking for a key takes the application key alone;
// every call with the new key is signed, which takes the secret.
func (c *ovhLoginCommand) Run(t *terminal.Terminal) error {
	if !connectorName.MatchString(c.Name) {
		return t.Misuse("ovh_name")
	}
	c.Endpoint = strings.TrimRight(c.Endpoint, "/")
	secret, err := c.secret(t)
	if err != nil {
		return err
	}
	client := connector.NewHTTPClient(1)
	defer client.CloseIdleConnections()
	result := Login{Services: []string{}, Findings: []connector.Finding{}}
	rights := ovh.Rights
	if c.Callbacks {
		rights = append(slices.Clone(rights), ovh.CallbackRight)
	}
	result.ValidationURL, result.ConsumerKey, err = ovh.RequestCredential(t.Ctx, client, c.Endpoint,
		c.ApplicationKey, rights)
	if err != nil {
		return err
	}
	t.Say("ovh_rights")
	for _, rule := range rights {
		fmt.Fprintln(t.Stderr, "  "+rule.String())
	}
	t.Say("ovh_address")
	fmt.Fprintln(t.Stderr, "  "+result.ValidationURL)
	options := ovh.LoginOptions{
		HTTP: client, Endpoint: c.Endpoint, ApplicationKey: c.ApplicationKey,
		ApplicationSecret: secret, ConsumerKey: connector.Secret(result.ConsumerKey),
	}
	if secret == "" {
		t.Say("ovh_untested")
	} else if err := c.test(t, options, &result); err != nil {
		return err
	}
	return c.print(t, &result)
}

func (c *ovhLoginCommand) secret(t *terminal.Terminal) (connector.Secret, error) {
	if c.ApplicationSecretFile == "" {
		secret, err := t.SecretOf("RELAIS_OVH_APPLICATION_SECRET")
		return connector.Secret(secret), err
	}
	secret, err := t.SecretIn(c.ApplicationSecretFile)
	return connector.Secret(secret), err
}

// test waits for the consent, lists the SMS accounts and examines the one that
// will be used.
func (c *ovhLoginCommand) test(t *terminal.Terminal, o ovh.LoginOptions, result *Login) error {
	t.Say("ovh_waiting", "time", c.Timeout)
	ctx, cancel := context.WithTimeout(t.Ctx, c.Timeout)
	defer cancel()
	if err := ovh.WaitValidated(ctx, o); err != nil {
		if t.Ctx.Err() != nil { // Ctrl-C
			return errors.New(t.Text("ovh_interrupted"))
		}
		return err
	}
	result.Validated = true
	t.Say("ovh_validated")
	services, err := ovh.Accounts(t.Ctx, o)
	if err != nil {
		return err
	}
	result.Services = append(result.Services, services...)
	if len(services) == 0 {
		return errors.New(t.Text("ovh_no_sms"))
	}
	t.Say("ovh_services", "services", strings.Join(services, ", "))
	if c.Service != "" && !slices.Contains(services, c.Service) {
		return errors.New(t.Text("ovh_not_yours", "service", c.Service,
			"services", strings.Join(services, ", ")))
	}
	return c.examine(t, o, result)
}

// examine runs the check-up of the connector that the section would make.
func (c *ovhLoginCommand) examine(t *terminal.Terminal, o ovh.LoginOptions, result *Login) error {
	section := ovh.Provider().NewConfig().(*ovh.Config)
	section.Endpoint, section.Service = c.Endpoint, c.service(result)
	section.ApplicationKey, section.ApplicationSecret, section.ConsumerKey = c.ApplicationKey, o.ApplicationSecret, o.ConsumerKey
	instances, err := app.OpenInstances([]config.Connector{{Name: c.Name, Provider: "ovh", Section: section}},
		o.HTTP, slog.New(slog.DiscardHandler), time.Now, nil)
	if err != nil {
		return err
	}
	if guard := guarded(t, instances[0]); guard.Can().Checker != nil {
		result.Findings = spoken(t, guard.Check(t.Ctx))
	}
	rows := make([][]string, len(result.Findings))
	for i, f := range result.Findings {
		rows[i] = []string{"  " + t.Text("level_"+string(f.Level)), f.Code, f.Detail}
	}
	return terminal.PrintTable(t.Stderr, rows...)
}

// service is the SMS account of the section: the one that was asked for, else
// the first.
func (c *ovhLoginCommand) service(result *Login) string {
	if c.Service == "" && len(result.Services) > 0 {
		return result.Services[0]
	}
	return cmp.Or(c.Service, "sms-ab12345-1")
}

func (c *ovhLoginCommand) print(t *terminal.Terminal, result *Login) error {
	result.Section = c.section(result)
	if c.JSON {
		return terminal.PrintJSON(t.Stdout, result)
	}
	t.Say("ovh_paste")
	if _, err := fmt.Fprint(t.Stdout, result.Section); err != nil {
		return err
	}
	t.Say("ovh_then")
	return nil
}

// section leaves the application secret out: the person has it already, and a
// file is where it belongs.
func (c *ovhLoginCommand) section(result *Login) string {
	file := "ovh-application-secret"
	if c.ApplicationSecretFile != "" {
		file = c.ApplicationSecretFile
		if whole, err := filepath.Abs(file); err == nil {
			file = whole
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "[connector.%s]\nprovider = \"ovh\"\n", c.Name)
	fmt.Fprintf(&b, "endpoint = %q\napplication_key = %q\n", c.Endpoint, c.ApplicationKey)
	fmt.Fprintf(&b, "application_secret_file = %q\nconsumer_key = %q\nservice = %q", file,
		result.ConsumerKey, c.service(result))
	if others := len(result.Services); others != 1 {
		fmt.Fprintf(&b, " # %s", cmp.Or(strings.Join(result.Services, ", "), "SMS account"))
	}
	return b.String() + "\n"
}
