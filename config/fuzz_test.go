package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"relais/config/section"
	"relais/connector"
	"relais/door/kannel"
	"relais/door/ovh"
	"relais/door/passerelle"
)

type fuzzed struct {
	Key   connector.Secret  `toml:"key"`
	List  []int8            `toml:"list"`
	Map   map[string]string `toml:"map"`
	Inner struct {
		Count uint8 `toml:"count"`
	} `toml:"inner"`
}

// FuzzLoad feeds files and one environment value: what loads must load again
// from its own effective form, and nothing may panic.
func FuzzLoad(f *testing.F) {
	files, err := filepath.Glob("testdata/bad/*.toml")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range append(files, "testdata/full.toml") {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(strings.ReplaceAll(string(data), "pigeon", "fuzz"), "1")
	}
	f.Add("[connector.a]\nprovider='fuzz'\nlist=[1,-5]\nmap={a='b'}\ninner.count=7\n", "x")
	parts := Parts{Doors: []section.Table{
		passerelle.Table(), kannel.Table(), ovh.Table(),
	}, Connectors: []connector.Provider{
		{Name: "fuzz", Title: "Fuzz", NewConfig: func() any { return new(fuzzed) }},
		{Name: "raven", Title: "Bare"},
	}}
	f.Fuzz(func(t *testing.T, file, env string) {
		if strings.Contains(file, "_file") {
			return // it would read other files
		}
		cfg, err := load("relais.toml", []byte(file), func(name string) (string, bool) {
			return env, name == "RELAIS_STOP_TIMEOUT" || name == "RELAIS_CONNECTOR_A_LIST"
		}, parts)
		if err != nil {
			return
		}
		unset := func(string) (string, bool) { return "", false }
		if _, err := load("redacted.toml", []byte(cfg.Redacted()), unset, parts); err != nil {
			t.Errorf("the effective configuration does not load: %v\n%s", err, cfg.Redacted())
		}
	})
}
