package effect

import "strconv"

// Setting is a value that is in effect, for people: a secret is hidden.
type Setting struct {
	Table string // as the file writes it; empty: the top level
	Key   string
	Value string // as the file writes it
	Doc   string // what the key is for, in English
	// French is Doc in French; empty where nobody has written it.
	French string
	From   Origin
}

// Name is the whole key, as messages about the configuration name it.
func (s *Setting) Name() string { return Name(s.Table, s.Key) }

// Name is the key of a table, with the table before it.
func Name(table, key string) string {
	if table == "" {
		return key
	}
	return table + "." + key
}

// Kind says what gave a value.
type Kind string

// What gives values, from weak to strong.
const (
	Default     Kind = "default"
	File        Kind = "file"
	SecretFile  Kind = "secret_file" // the configuration names the file that holds the value
	Environment Kind = "environment"
	CommandLine Kind = "command_line"
)

// Origin is where a value came from.
type Origin struct {
	Kind Kind
	File string // the configuration, where the value or the name of its file stands in it
	Line int    // there
	Name string // of the variable
}

// String is the origin as commands print it.
func (o Origin) String() string {
	switch o.Kind {
	case File:
		return o.place()
	case SecretFile:
		return "file named on " + o.place()
	case Environment:
		return "environment " + o.Name
	case CommandLine:
		return "command line"
	case Default:
	}
	return "default"
}

func (o Origin) place() string { return o.File + ":" + strconv.Itoa(o.Line) }

// Outside reports whether the value comes from what a process was started with, which
// another process does not see.
func (o Origin) Outside() bool { return o.Kind == Environment || o.Kind == CommandLine }
