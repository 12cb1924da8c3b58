package app

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"relais/config"
	"relais/connector"
	"relais/connector/ovh"
	"relais/connector/sfrdmc"
)

// teacher tells simulated operators where to push receipts and replies.
type teacher struct {
	url        string                       // of the operators
	address    func(instance string) string // that one calls
	configured []config.Connector           // instances that may call one of them
	ends       *cleanups
	log        *slog.Logger
}

func (a *generation) teacher() *teacher {
	return &teacher{
		url: a.sandboxURL, address: a.callbackURL, configured: a.config.Connectors, ends: &a.ends, log: a.log,
	}
}

// begin tells them now or, when they are away, as soon as they are there: an operator
// that is away keeps no gateway from starting.
func (t *teacher) begin(ctx context.Context) {
	err := t.teach(ctx)
	if err == nil {
		return
	}
	t.log.Warn("the simulated operators are not told yet where to push", "error", err)
	trying, end := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan struct{})
	t.ends.add("the attempts to reach the simulated operators", func(context.Context) error {
		end()
		<-done
		return nil
	})
	go func() {
		defer close(done)
		ticker := time.NewTicker(time.Second)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
			case <-trying.Done():
				return
			}
			if t.teach(trying) == nil {
				t.log.Info("the simulated operators are told where to push")
				return
			}
		}
	}()
}

// teach tells them as a customer would.
func (t *teacher) teach(ctx context.Context) error {
	client := connector.NewHTTPClient(1)
	defer client.CloseIdleConnections()
	for i := range t.configured {
		c := &t.configured[i]
		name := playedAs(c, t.url)
		if name == "" {
			continue
		}
		if err := teachDeclared(ctx, client, t.url, name, t.address(c.Name)); err != nil {
			return fmt.Errorf("tell the simulated operator %s where to push: %w", name, err)
		}
	}
	for _, c := range Simulated(t.url) {
		address := t.address(c.Name)
		var err error
		switch section := c.Section.(type) {
		case *ovh.Config:
			err = ovh.SetCallbacks(ctx, section.LoginOptions(client), section.Service, ovh.CallbacksAt(address))
		case *sfrdmc.Config:
			err = teachDMC(ctx, client, t.url, address)
		default: // an SMSC tells by the session
		}
		if err != nil {
			return fmt.Errorf("tell the simulated operator %s where to push: %w", c.Name, err)
		}
	}
	return nil
}

func teachDMC(ctx context.Context, client *http.Client, sandboxURL, address string) error {
	body, err := json.Marshal(map[string]string{"url": address + "/reports"})
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPut, sandboxURL+"/push", bytes.NewReader(body))
	if err != nil {
		return err
	}
	answer, err := client.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("status %d", answer.StatusCode)
	}
	return nil
}
