package app

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"relais/config"
	"relais/connector/httpapi"
	"relais/sandbox/declared"
)

// Declared are the operators that come with the program as declarations, for a sandbox to play.
func Declared() []declared.Source {
	var all []declared.Source
	for _, name := range httpapi.Presets() {
		declaration, _ := httpapi.Preset(name)
		exchanges, _ := httpapi.Exchanges(name)
		all = append(all, declared.Source{Name: name, Declaration: declaration, Exchanges: exchanges})
	}
	return all
}

// playedAs is the name of the simulated operator that an instance calls; empty: it calls none that
// is played from a declaration.
func playedAs(c *config.Connector, sandboxURL string) string {
	section, ok := c.Section.(*httpapi.Config)
	if !ok {
		return ""
	}
	name, ok := strings.CutPrefix(strings.TrimSuffix(section.BaseURL, "/"), sandboxURL+declared.Prefix)
	if !ok || strings.Contains(name, "/") {
		return ""
	}
	return name
}

// teachDeclared tells such an operator where to push what no message says, as a customer does on
// its pages.
func teachDeclared(ctx context.Context, client *http.Client, sandboxURL, name, address string) error {
	body, err := json.Marshal(map[string]string{"callback": address})
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPut, sandboxURL+"/operators/"+url.PathEscape(name), bytes.NewReader(body))
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
