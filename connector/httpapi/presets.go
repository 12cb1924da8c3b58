package httpapi

import (
	"cmp"
	"embed"
	"errors"
	"io/fs"
	"path"

	"relais/connector"
	"relais/plaintext"
	"relais/reason"
)

// files are the declarations of operators that come with the program, with their exchanges.
//
//go:embed presets/*/declaration.toml presets/*/exchanges.toml
var files embed.FS

// Presets are the operators whose declaration comes with the program, by name.
func Presets() []string {
	found, err := fs.Glob(files, "presets/*/declaration.toml")
	if err != nil {
		panic(err) // the pattern is a constant
	}
	names := make([]string, len(found))
	for i := range found {
		names[i] = path.Base(path.Dir(found[i]))
	}
	return names
}

// Preset is the text of a preset, and whether there is one.
func Preset(name string) (text []byte, found bool) {
	text, err := files.ReadFile("presets/" + name + "/declaration.toml")
	return text, err == nil
}

// Exchanges is the text of the exchanges beside a preset, and whether there is one.
func Exchanges(name string) (text []byte, found bool) {
	text, err := files.ReadFile("presets/" + name + "/exchanges.toml")
	return text, err == nil
}

// mostDeclaration bounds a file: those of the program have some kilobytes.
const mostDeclaration = 256 << 10

// read gives the declaration of a section. Each mistake of a file is an error with its line.
func (c *Config) read() (*Declaration, error) {
	switch {
	case (c.Preset == "") == (c.File == ""):
		return nil, invalid("preset", whySource, nil)
	case c.Preset != "":
		text, found := Preset(c.Preset)
		if !found {
			return nil, invalid("preset", whyPreset, reason.Args{"words": reason.Names(Presets())})
		}
		return located("preset", c.Preset, text)
	}
	text, err := plaintext.Head(cmp.Or(c.path, c.File), mostDeclaration)
	if wrapped, ok := errors.AsType[*fs.PathError](err); ok {
		err = wrapped.Err
	}
	if err == nil && len(text) > mostDeclaration {
		err = errors.New("it is too long")
	}
	if err != nil {
		return nil, invalid("declaration", whyFile,
			reason.Args{"file": reason.Name(c.File), "why": reason.Name(err.Error())})
	}
	return located("declaration", c.File, text)
}

// located parses a file. All of its mistakes are one of the key that names it.
func located(key, file string, text []byte) (*Declaration, error) {
	d, err := Parse(text)
	if err == nil {
		return d, nil
	}
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return nil, err
	}
	var all reason.Reason
	for _, one := range joined.Unwrap() {
		m, ok := errors.AsType[*MistakeError](one)
		if !ok {
			return nil, err
		}
		args := reason.Args{"line": reason.Count(m.Line), "key": reason.Name(m.Key), "what": m.Reason}
		if all.IsZero() {
			args["file"] = reason.Name(file)
			all = reason.Of(whyDeclared, args)
		} else {
			all = all.With(reason.Of(whyDeclaredToo, args))
		}
	}
	return nil, &connector.ConfigError{Key: key, Reason: all}
}
