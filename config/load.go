package config

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"relais/config/effect"
	"relais/config/section"
	"relais/connector"
	"relais/plaintext"
	"relais/reason"
)

// origin is where a value came from, and how it read then.
type origin struct {
	from effect.Origin
	text string
}

// loader fills a Config and gathers what is wrong on the way.
type loader struct {
	file      string
	tree      *node
	env       func(string) (string, bool)
	providers []connector.Provider
	cfg       Config
	problems  []Problem
	faulty    map[string]bool   // paths that have a problem already
	flags     map[string]string // path to the flag that set it
	variables map[string]string // environment variable to the path that it sets
}

// Load reads the configuration: defaults, then the file at path, then the
// environment. An empty path means no file. An environment variable that is
// set to nothing counts as unset. The error is an *Error with every problem,
// or tells why the file cannot be read. Flags win over file and environment, and
// count before names are looked for.
func Load(path string, env func(string) (string, bool), parts Parts, flags ...Flag) (Config, error) {
	var data []byte
	if path != "" {
		var err error
		if data, err = plaintext.ReadFile(path); err != nil {
			return Config{}, reason.Wrap(err, whyFileUnreadable, reason.Args{"file": reason.Name(path)})
		}
	}
	return load(path, data, env, parts, flags...)
}

// Flag is a setting that the command line gives.
type Flag struct {
	Key string // of the top level, such as sandbox_listen; the flag is --sandbox-listen
	Set func(*Config)
}

func load(
	file string, data []byte, env func(string) (string, bool), parts Parts, flags ...Flag,
) (Config, error) {
	tree, problems := parseTree(data)
	for i := range problems {
		problems[i].File = file
	}
	if tree == nil {
		return Config{}, asError(problems)
	}
	l := &loader{
		file: file, tree: tree, env: env, providers: parts.Connectors, problems: problems,
		cfg: defaults(parts), faulty: map[string]bool{}, variables: map[string]string{},
		flags: map[string]string{},
	}
	l.cfg.origins = map[string]origin{}
	l.cfg.Digest = digest(data)
	l.section(nil, tree, l.cfg.fields())
	l.environment(nil, "RELAIS_", l.cfg.fields())
	l.commandLine(flags)
	for _, conn := range l.cfg.Connectors {
		l.validateSection(conn)
	}
	for _, f := range l.cfg.check() {
		l.complain(f.At, f.Wrong)
	}
	l.tariffs()
	l.logo()
	if err := asError(l.problems); err != nil {
		return Config{}, err
	}
	l.cfg.Warnings = append(l.cfg.Warnings, l.cfg.keptTooLong()...)
	l.cfg.Warnings = append(l.cfg.Warnings, l.cfg.quotasWithoutPrices()...)
	return l.cfg, nil
}

// digest is the beginning of the SHA-256 of a file, in hexadecimal digits.
func digest(data []byte) string {
	const size = 6
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:size])
}

// complain records a problem of the value at p, once for each value.
func (l *loader) complain(p path, wrong reason.Reason) {
	if l.faulty[p.ID()] {
		return
	}
	l.faulty[p.ID()] = true
	problem := Problem{File: l.file, Key: p.String(), Reason: wrong}
	if flag := l.flags[p.ID()]; flag != "" {
		problem.File, problem.Key, problem.Flag = "", "", flag
	} else if known, ok := l.cfg.origins[p.ID()]; ok && known.from.Kind == effect.Environment {
		problem.File, problem.Env = "", known.from.Name
	} else if n := l.place(p); n != nil {
		problem.Line, problem.Column = n.line, n.column
	}
	l.problems = append(l.problems, problem)
}

// commandLine gives the flags to their keys. A value that one replaces is not judged.
func (l *loader) commandLine(flags []Flag) {
	for _, f := range flags {
		f.Set(&l.cfg)
		l.flags[path{f.Key}.ID()] = "--" + strings.ReplaceAll(f.Key, "_", "-")
	}
}

// place finds the key at p in the file, else its _file form, else the nearest
// table around it.
func (l *loader) place(p path) *node {
	if n := l.tree.find(p); n != nil {
		return n
	}
	for n, key := range slices.Backward(p) {
		if found := l.tree.find(p[:n].To(key + "_file")); found != nil {
			return found
		}
		if found := l.tree.find(p[:n]); found != nil && found.line > 0 {
			return found
		}
	}
	return nil
}

// section gives the values of the table n to the structs that share it, each as its
// fields.
func (l *loader) section(at path, n *node, targets ...[]field) {
	for _, key := range n.order {
		child, known := n.children[key], false
		for _, target := range targets {
			known = l.key(at, key, n, child, target) || known
		}
		if !known {
			l.unknown(at, key, child, targets)
		}
	}
}

// key gives one value to the field that takes it, and reports whether one does.
func (l *loader) key(at path, key string, n, child *node, fields []field) bool {
	for _, f := range fields {
		switch {
		case f.key == key:
			l.value(at.To(key), f, child)
			return true
		case f.secret() && key == f.key+"_file":
			l.secretFile(at, f, n, child)
			return true
		}
	}
	return false
}

func (l *loader) value(at path, f field, child *node) {
	switch {
	case child.value == invalid{}:
		l.faulty[at.ID()] = true
	case f.group() && !child.table:
		l.complain(at, wantTable(at, child))
	case f.named():
		l.named(at, child, f)
	case f.value.Type() == connectorsType:
		l.connectors(at, child)
	case f.rules():
		l.rules(at, child, f.value)
	case f.group():
		l.section(at, child, fieldsOf(f.value))
	default:
		raw := child.raw()
		if wrong := changedByTOML(f, raw); !wrong.IsZero() {
			l.complain(at, wrong)
			return
		}
		if wrong := set(f.value, raw); !wrong.IsZero() {
			l.complain(at, wrong)
			return
		}
		if f.secret() { // quotes that somebody wrote inside quotes are meant
			f.value.SetString(plaintext.Trim(f.value.String()))
		}
		l.cameFrom(at, f, effect.Origin{Kind: effect.File, File: l.file, Line: child.line})
	}
}

func wantTable(at path, n *node) reason.Reason {
	return reason.Of(whyWantTable, reason.Args{"table": reason.Name(at.String()), "kind": kindOf(n.value)})
}

// raw is the value of the node, that of a table as a map.
func (n *node) raw() any {
	if !n.table {
		return n.value
	}
	entries := map[string]any{}
	for key, child := range n.children {
		entries[key] = child.raw()
	}
	return entries
}

func (l *loader) cameFrom(at path, f field, from effect.Origin) {
	l.cfg.origins[at.ID()] = origin{from, literal(f.value)}
}

func (l *loader) unknown(at path, key string, child *node, targets [][]field) {
	var valid []string
	for _, target := range targets {
		for _, f := range target {
			valid = append(valid, f.key)
			if f.secret() {
				valid = append(valid, f.key+"_file")
			}
		}
	}
	what := whyUnknownKey
	if child.table {
		what = whyUnknownTable
	}
	right := suggest(key, unique(valid))
	if len(at) > 0 && !child.table && l.topmost(key) {
		right = reason.Of(whyMisplaced, nil)
	}
	if why := l.cfg.lacking(at, key); why != "" {
		right = reason.Of(why, nil)
	}
	l.problems = append(l.problems, Problem{
		File: l.file, Line: child.line, Column: child.column,
		Reason: reason.Of(
			what, reason.Args{"key": section.Quoted(key), "table": tableAt(at), "right": right},
		),
	})
}

// topmost reports whether key is a setting of the top level, and no table.
func (l *loader) topmost(key string) bool {
	return slices.ContainsFunc(l.cfg.fields(), func(f field) bool {
		return !f.group() && (f.key == key || f.secret() && f.key+"_file" == key)
	})
}

// named fills a table of sections.
func (l *loader) named(at path, n *node, f field) {
	if f.value.IsNil() {
		f.value.Set(reflect.MakeMap(f.value.Type()))
	}
	for _, name := range n.order {
		child, here := n.children[name], at.To(name)
		if !child.table {
			l.complain(here, wantTable(here, child))
			continue
		}
		fresh := f.fresh()
		l.section(here, child, fieldsOf(fresh))
		if hasSecret(fresh) {
			l.environment(here, "RELAIS_"+variable(here.String())+"_", fieldsOf(fresh))
		}
		f.keep(name, fresh)
	}
}

// rules fills a list of rules in the order of the file.
func (l *loader) rules(at path, n *node, list reflect.Value) {
	for _, name := range n.order {
		child, here := n.children[name], at.To(name)
		if !child.table {
			l.complain(here, wantTable(here, child))
			continue
		}
		rule := reflect.New(list.Type().Elem())
		rule.Elem().FieldByName("Name").SetString(name)
		l.section(here, child, fieldsOf(rule))
		list.Set(reflect.Append(list, rule.Elem()))
	}
}

// CheckInstanceName says what is wrong with the name of a connector; zero: nothing.
func CheckInstanceName(name string) reason.Reason {
	if instanceName.MatchString(name) {
		return reason.Reason{}
	}
	return reason.Of(whyInstanceName, nil)
}

var instanceName = regexp.MustCompile(`^[a-z][a-z0-9-]{0,31}$`)

func (l *loader) connectors(at path, n *node) {
	for _, name := range n.order {
		child, here := n.children[name], at.To(name)
		switch {
		case !child.table:
			l.complain(here, wantTable(here, child))
		case !CheckInstanceName(name).IsZero():
			l.complain(here, CheckInstanceName(name))
		default:
			l.connector(here, name, child)
		}
	}
}

func (l *loader) connector(at path, name string, n *node) {
	conn := Connector{Name: name}
	provider, ok := l.provider(at, n)
	if !ok {
		return
	}
	if provider.NewConfig != nil {
		conn.Section = provider.NewConfig()
	}
	targets := [][]field{fieldsOf(reflect.ValueOf(&conn)), fieldsOf(reflect.ValueOf(conn.Section))}
	l.section(at, n, targets...)
	prefix := "RELAIS_" + variable(at.String()) + "_"
	for _, target := range targets {
		l.environment(at, prefix, target)
	}
	l.cfg.Connectors = append(l.cfg.Connectors, conn)
}

// provider finds the provider that a connector's table names. Without one, the
// other keys of the table cannot be judged.
func (l *loader) provider(at path, n *node) (connector.Provider, bool) {
	var names []string
	for _, p := range l.providers {
		names = append(names, p.Name)
	}
	at = at.To("provider")
	child := n.children["provider"]
	if child == nil {
		l.complain(at, reason.Of(whyMissing, reason.Args{"right": suggest("", names)}))
		return connector.Provider{}, false
	}
	name, ok := child.value.(string)
	if !ok {
		l.complain(at, reason.Of(whyProviderQuotes, reason.Args{"right": suggest("", names)}))
		return connector.Provider{}, false
	}
	for _, p := range l.providers {
		if p.Name == name {
			return p, true
		}
	}
	l.complain(at, reason.Of(whyProvider,
		reason.Args{"name": section.Quoted(name), "right": suggest(name, names)}))
	return connector.Provider{}, false
}

// variable is the environment's form of a dotted key.
func variable(key string) string {
	return strings.ToUpper(strings.NewReplacer("-", "_", ".", "_").Replace(key))
}

// environment gives the variables that are set to fields, and to those of
// the tables in it that have fixed names.
func (l *loader) environment(at path, prefix string, fields []field) {
	for _, f := range fields {
		here, name := at.To(f.key), prefix+variable(f.key)
		switch {
		case f.value.Kind() == reflect.Struct && f.group():
			l.environment(here, name+"_", fieldsOf(f.value))
			continue
		case f.group(), f.value.Kind() == reflect.Map, here[0] == "connector" && f.key == "provider":
			continue
		}
		text, ok := l.env(name)
		if !ok || text == "" {
			continue
		}
		l.fromEnvironment(here, name, text, f)
	}
}

func (l *loader) fromEnvironment(at path, name, text string, f field) {
	if other, taken := l.variables[name]; taken && other != at.String() {
		l.problems = append(l.problems, Problem{
			Env: name, Reason: reason.Of(whyVariableOfTwo,
				reason.Args{"one": reason.Name(other), "other": reason.Name(at.String())}),
		})
		return
	}
	l.variables[name] = at.String()
	from := effect.Origin{Kind: effect.Environment, Name: name}
	l.cfg.origins[at.ID()] = origin{from: from}
	text, err := fromVariable(f, text)
	if err != nil {
		l.complain(at, reason.OfError(err))
		return
	}
	if wrong := set(f.value, fromText(f.value, text)); !wrong.IsZero() {
		l.complain(at, wrong)
		return
	}
	l.cameFrom(at, f, from)
}

// validateSection lets the provider judge its section and finds the lines.
func (l *loader) validateSection(conn Connector) {
	if locator, ok := conn.Section.(connector.Locator); ok {
		locator.Locate(l.inFileDirectory)
	}
	validator, ok := conn.Section.(connector.Validator)
	if !ok {
		return
	}
	at := path{"connector", conn.Name}
	for _, err := range unjoined(validator.Validate()) {
		if wrong, ok := errors.AsType[*connector.ConfigError](err); ok {
			l.complain(at.To(wrong.Key), wrong.Reason)
			continue
		}
		l.complain(at, reason.OfError(err))
	}
}

// unjoined takes errors.Join apart.
func unjoined(err error) []error {
	if err == nil {
		return nil
	}
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return []error{err}
	}
	var all []error
	for _, e := range joined.Unwrap() {
		all = append(all, unjoined(e)...)
	}
	return all
}

func unique(words []string) []string {
	var kept []string
	seen := map[string]bool{}
	for _, w := range words {
		if !seen[w] {
			seen[w] = true
			kept = append(kept, w)
		}
	}
	return kept
}

// inFileDirectory reads a relative path from the directory of the
// configuration file, so that it does not depend on where a program starts.
func (l *loader) inFileDirectory(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(filepath.Dir(l.file), name)
}
