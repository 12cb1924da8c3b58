package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"time"

	"relais/app"
	"relais/client"
	"relais/cmd/relais/terminal"
	"relais/config"
)

type demoCommand struct {
	Once bool `help:"End with the result instead of staying up."`
	JSON bool `help:"With --once: print the result as JSON, and nothing else."`
}

// demoMessages are the first SMS: an accent and a euro through OVH, an emoji
// through DMC, and one by SMPP.
var demoMessages = []struct {
	operator string
	request  client.SubmitRequest
}{
	{"OVH", client.SubmitRequest{
		To: []string{"06 39 98 00 01"}, Text: "Bonjour ! Votre carte de cantine est à 5 €.",
		Connector: "ovh", Sender: "MAIRIE",
	}},
	{"SFR DMC", client.SubmitRequest{
		To: []string{"0692 12 34 56"}, Text: "Bonjour La Réunion 🌴 : un cœur, une œuvre.",
		Connector: "sfr", Sender: "MAIRIE",
	}},
	{"SMPP", client.SubmitRequest{
		To: []string{"06 39 98 00 03"}, Text: "Bonjour ! Réunion publique jeudi à 18 h 30.",
		Connector: "smsc", Sender: "MAIRIE",
	}},
}

// demoTime bounds the way of one message to its handset.
const demoTime = 20 * time.Second

// Run implements the command.
func (c *demoCommand) Run(t *terminal.Terminal) error {
	if c.JSON && !c.Once {
		return t.Misuse("demo_json")
	}
	dir, err := os.MkdirTemp("", "relais-demo-")
	if err != nil {
		return fmt.Errorf("make a temporary directory: %w", err)
	}
	defer os.RemoveAll(dir)
	quiet := slog.New(slog.DiscardHandler)
	ctx, stop := endure(t.Ctx, quiet, t.Stderr, nil)
	defer stop()
	inner := *t
	inner.Ctx = ctx
	t = &inner
	a, err := startDemo(ctx, dir, c.Once, quiet)
	if err != nil {
		return err
	}
	shown := c.show(t, a)
	if shown == nil && !c.Once {
		// Whoever reads has gone when this cannot be written; nobody needs the demo then.
		text := t.Text("demo_stays", "gateway", a.URL(), "operators", a.SandboxURL(), "console", a.ConsoleURL())
		if _, shown = fmt.Fprint(t.Stdout, text); shown == nil {
			shown = a.Wait(ctx)
		}
	}
	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	return errors.Join(shown, a.Stop(stopping))
}

// startDemo takes the usual ports when they are free and the demo stays up, any
// free ones otherwise.
func startDemo(ctx context.Context, dir string, once bool, log *slog.Logger) (*app.App, error) {
	settings, err := config.Load("", noEnvironment, app.Parts())
	if err != nil {
		return nil, err
	}
	settings.Data, settings.Sandbox = dir, true
	if once || taken(settings.Listen) || taken(settings.SandboxListen) { //nolint:contextcheck // a look at a port needs none
		settings.Listen, settings.SandboxListen = "127.0.0.1:0", "127.0.0.1:0"
	}
	a, err := app.New(ctx, settings, version().Version, log)
	if err != nil {
		return nil, err
	}
	if err := a.Start(ctx); err != nil {
		return nil, errors.Join(err, a.Stop(context.WithoutCancel(ctx)))
	}
	return a, nil
}

// noEnvironment keeps a demo from using somebody's real settings.
func noEnvironment(string) (string, bool) { return "", false }

func taken(address string) bool {
	l, err := new(net.ListenConfig).Listen(context.Background(), "tcp", address)
	if err != nil {
		return true
	}
	l.Close()
	return false
}

// demoResult is the result in JSON.
type demoResult struct {
	Messages []demoMessage `json:"messages"`
}

// demoMessage is a message, and what stands on its handset.
type demoMessage struct {
	client.MessageWithTimeline
	Handset []handsetText `json:"handset"`
}

// show sends the messages. With JSON it prints what became of them in the end,
// also when one of them failed.
func (c *demoCommand) show(t *terminal.Terminal, a *app.App) error {
	steps := *t
	if c.JSON {
		steps.Stdout = io.Discard
	}
	result, err := showAll(&steps, a)
	if !c.JSON {
		return err
	}
	return errors.Join(terminal.PrintJSON(t.Stdout, result), err)
}

// showAll sends the messages one after the other and prints every step.
func showAll(t *terminal.Terminal, a *app.App) (demoResult, error) {
	result := demoResult{Messages: []demoMessage{}}
	fmt.Fprint(t.Stdout, t.Text("demo_started", "gateway", a.URL(), "operators", a.SandboxURL()))
	api := client.New(a.URL(), app.SandboxKey)
	for i, m := range demoMessages {
		fmt.Fprint(t.Stdout, t.Text("demo_sends", "step", i+1, "operator", m.operator,
			"number", m.request.To[0], "text", m.request.Text))
		shown, err := showOne(t, api, a.SandboxURL(), m.request)
		if shown != nil {
			result.Messages = append(result.Messages, *shown)
		}
		if err != nil {
			return result, fmt.Errorf("%s: %w", m.operator, err)
		}
	}
	fmt.Fprint(t.Stdout, t.Text("demo_done"))
	return result, nil
}

// showOne sends a message and prints its way to the handset. It returns what it
// knows of the message, nil when there is none.
func showOne(
	t *terminal.Terminal, api *client.Client, sandbox string, r client.SubmitRequest,
) (*demoMessage, error) {
	ctx, cancel := context.WithTimeout(t.Ctx, demoTime)
	defer cancel()
	answer, err := api.Submit(ctx, r)
	if err != nil {
		return nil, err
	}
	m, err := receipted(ctx, api, answer.Messages[0].ID)
	if err != nil {
		return nil, err
	}
	shown := &demoMessage{MessageWithTimeline: *m, Handset: []handsetText{}}
	const clock = "15:04:05.000 -07:00"
	for _, e := range m.Timeline {
		fmt.Fprintf(t.Stdout, "   %s  %-11s %s\n", e.At.In(t.LocalZone()).Format(clock), e.Status, e.Code)
	}
	if m.Status != client.Submitted && m.Status != client.Delivered {
		return shown, errors.New(t.Text("demo_not_taken", "status", m.Status))
	}
	texts, err := onHandset(ctx, sandbox, m.To)
	if err != nil {
		return shown, err
	}
	shown.Handset = texts
	if len(texts) != 1 || texts[0].Text != r.Text {
		return shown, errors.New(t.Text("demo_not_there", "texts", len(texts)))
	}
	fmt.Fprint(t.Stdout, t.Text("demo_handset", "time", texts[0].At.In(t.LocalZone()).Format(clock),
		"number", m.To, "sender", texts[0].From, "text", texts[0].Text))
	return shown, nil
}

// receipted waits until the operator has the message, then for its receipt.
func receipted(ctx context.Context, api *client.Client, id string) (*client.MessageWithTimeline, error) {
	m, err := api.Wait(ctx, id)
	for err == nil && m.Status == client.Submitted {
		select {
		case <-time.After(10 * time.Millisecond):
			m, err = api.Message(ctx, id)
		case <-ctx.Done():
			return m, nil
		}
	}
	return m, err
}

// handsetText is a text as a simulated handset shows it.
type handsetText struct {
	From string    `json:"from"`
	Text string    `json:"text"`
	At   time.Time `json:"at"`
}

// onHandset waits until the handset has a text: an operator takes a message a
// little before the handset shows it.
func onHandset(ctx context.Context, sandbox, number string) ([]handsetText, error) {
	for {
		var texts []handsetText
		if err := getJSON(ctx, sandbox+"/handsets/"+url.PathEscape(number), &texts); err != nil {
			return nil, err
		}
		if len(texts) > 0 {
			return texts, nil
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func getJSON(ctx context.Context, address string, into any) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	return json.NewDecoder(resp.Body).Decode(into)
}
