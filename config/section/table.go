package section

import "relais/reason"

// Table is a table of the configuration file whose sections a part of the program
// brings: [KEY.NAME], with names that are the person's to choose.
type Table struct {
	Key string // of the table: "kannel"
	Doc string // what a section of it is, for the example
	// New returns a pointer to a section with its defaults. Fields carry
	// `toml:"key"` and `doc:"sentence"` tags, and `example:"…"` where a placeholder
	// helps. Fields of type connector.Secret may also be given as key_file, and by an
	// environment variable each. A field that is a map of structs is a table of
	// sections inside the section; such a struct has its zero value as default.
	New func() any
	// Lacks are keys that people look for here because other sections have them, and
	// why this one does not.
	Lacks map[string]reason.Code
	// Check judges all sections, by their names; each is what New made. The paths of
	// the findings begin below the table.
	Check func(sections map[string]any, rest Rest) []Finding
}

// Rest is what a section may ask of the rest of the configuration.
type Rest interface {
	// WrongConnector says what is wrong with a name of a connector; nothing for one that
	// exists, and for none.
	WrongConnector(name string) reason.Reason
}

// Of gives sections their type.
func Of[T any](sections map[string]any) map[string]*T {
	all := make(map[string]*T, len(sections))
	for name, s := range sections {
		if typed, ok := s.(*T); ok {
			all[name] = typed
		}
	}
	return all
}
