package app

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"relais/connector"
	"relais/connector/ovh"
)

// teachSandbox tells the simulated operators where to push receipts and replies,
// as a customer would.
func (a *App) teachSandbox(ctx context.Context) error {
	client := connector.NewHTTPClient(1)
	defer client.CloseIdleConnections()
	for _, c := range Simulated(a.sandboxURL) {
		address := a.callbackURL(c.Name)
		var err error
		if section, is := c.Section.(*ovh.Config); is {
			err = ovh.SetCallbacks(ctx, section.LoginOptions(client), section.Service, ovh.CallbacksAt(address))
		} else {
			err = teachDMC(ctx, client, a.sandboxURL, address)
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
