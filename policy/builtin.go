package policy

import (
	"embed"
	"fmt"
	"path"
	"slices"
	"strings"
	"sync"
)

//go:embed packs/*.toml
var packs embed.FS

var builtin = sync.OnceValue(func() map[string]*Pack {
	found := map[string]*Pack{}
	entries, err := packs.ReadDir("packs")
	if err != nil {
		panic(err) // they are in the program
	}
	for _, entry := range entries {
		data, err := packs.ReadFile(path.Join("packs", entry.Name()))
		if err != nil {
			panic(err)
		}
		p, err := Parse(data)
		if err != nil {
			panic(fmt.Errorf("pack %s: %w", entry.Name(), err)) // a test reads them all
		}
		found[strings.TrimSuffix(entry.Name(), ".toml")] = p
	}
	return found
})

// Builtin returns a pack that is in the program.
func Builtin(name string) (*Pack, bool) {
	p, ok := builtin()[name]
	return p, ok
}

// Names lists the packs that are in the program.
func Names() []string {
	var names []string
	for name := range builtin() {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
