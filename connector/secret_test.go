package connector_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"relais/connector"
)

const feather = "plume-de-paon"

// keyring holds a secret as configurations do.
type keyring struct {
	Owner string
	Key   connector.Secret
	Old   *connector.Secret
	Keys  []connector.Secret
	ByDay map[string]connector.Secret
}

func newKeyring() keyring {
	key := connector.Secret(feather)
	return keyring{"paon", key, &key, []connector.Secret{key}, map[string]connector.Secret{"monday": key}}
}

func TestSecretNeverPrints(t *testing.T) {
	ring := newKeyring()
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		for name, value := range map[string]any{
			"secret": ring.Key, "pointer": ring.Old, "struct": ring, "pointer to struct": &ring,
			"slice": ring.Keys, "map": ring.ByDay, "any": []any{ring.Key},
		} {
			t.Run(verb+" "+name, func(t *testing.T) {
				hidden(t, fmt.Sprintf(verb, value))
			})
		}
	}
	t.Run("Print", func(t *testing.T) { hidden(t, fmt.Sprint(ring, ring.Key)) })
	t.Run("Errorf", func(t *testing.T) { hidden(t, fmt.Errorf("open with %v: %s", ring, ring.Key).Error()) })
}

func hidden(t *testing.T, text string) {
	t.Helper()
	if strings.Contains(text, feather) {
		t.Errorf("the secret shows: %s", text)
	}
}

func TestSecretIsNotMarshaled(t *testing.T) {
	got, err := json.Marshal(newKeyring())
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"Owner":"paon","Key":"***","Old":"***","Keys":["***"],"ByDay":{"monday":"***"}}`
	if string(got) != want {
		t.Errorf("JSON = %s, want %s", got, want)
	}
}

func TestSecretIsNotLogged(t *testing.T) {
	ring := newKeyring()
	for name, handler := range map[string]func(*bytes.Buffer) slog.Handler{
		"text": func(b *bytes.Buffer) slog.Handler { return slog.NewTextHandler(b, nil) },
		"json": func(b *bytes.Buffer) slog.Handler { return slog.NewJSONHandler(b, nil) },
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			slog.New(handler(&log)).Info("opened", "key", ring.Key, "ring", ring,
				"pointer", &ring, "keys", ring.Keys)
			hidden(t, log.String())
			if !strings.Contains(log.String(), "***") {
				t.Errorf("the log does not tell that there is a secret: %s", log.String())
			}
		})
	}
}

func TestSecretValues(t *testing.T) {
	if got := connector.Secret(feather).Reveal(); got != feather {
		t.Errorf("Reveal = %q, want %q", got, feather)
	}
	if got := connector.Secret("").String(); got != "" {
		t.Errorf("an empty secret shows as %q, want nothing", got)
	}
}
