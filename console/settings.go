package console

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"relais/auth"
	"relais/config/effect"
	"relais/reason"
)

// Configuration is what the gateway has in effect.
type Configuration interface {
	// Settings are all values, in the order of the file, secrets hidden.
	Settings() []effect.Setting
	// Nodes are those that share the database, this one among them.
	Nodes(ctx context.Context) (effect.Nodes, error)
	// Node is the name of this one; empty where it is alone.
	Node() string
}

// settingsPage shows the configuration that is in effect, and where each value is from.
type settingsPage struct {
	frame
	problems

	Nodes   []nodeRow
	Shared  bool // several nodes have the database
	Differ  bool // what they read is not the same
	Refused []nodeRow
	Restart []nodeRow

	Words  string // that are looked for; empty: everything is shown
	Tables []settingTable
	Found  int
}

// nodeRow is a node and what it has in effect.
type nodeRow struct {
	Name    string
	Here    bool // the one that made this page
	Version string
	Program string
	Since   moment
	TriedAt moment
	Refused string
	Restart string // keys that need one
	Pill    pill
}

// settingTable is a table of the file.
type settingTable struct {
	Name string // as the file writes it; empty: the top level
	Rows []settingRow
}

// settingRow is a value.
type settingRow struct {
	Key, Value, Doc string
	Foreign         bool // Doc is in English, and the page is not
	From            string
	Given           bool // somebody gave the value: it is not the default
}

func showSettings(q *request) (answer, error) {
	p, err := newSettingsPage(q, "")
	return view{name: "settings", data: p}, err
}

// mostWords bounds what is looked for.
const mostWords = 100

// searchSettings shows the settings in which all words stand. It is a form, because
// somebody may look for where a secret stands, which belongs into no address.
func searchSettings(q *request) (answer, error) {
	if err := q.read("words"); err != nil {
		return nil, err
	}
	words := q.field("words")
	long := len(words) > mostWords
	if long {
		words = ""
	}
	p, err := newSettingsPage(q, words)
	if err != nil || !long {
		return view{name: "settings", data: p}, err
	}
	p.refuse("words", reason.Of(Words+"/settings_words_long", reason.Args{"most": reason.Count(mostWords)}).In(q.lang))
	return view{"settings", p, http.StatusUnprocessableEntity}, nil
}

func newSettingsPage(q *request, words string) (*settingsPage, error) {
	nodes, err := q.console.Configuration.Nodes(q.ctx())
	if err != nil {
		return nil, err
	}
	p := &settingsPage{frame: *q.frame(), Words: words, Shared: len(nodes) > 1, Differ: nodes.Differ(q.now())}
	for i := range nodes {
		row := nodeRowOf(&p.frame, &nodes[i])
		row.Here = nodes[i].Name == q.console.Configuration.Node()
		p.Nodes = append(p.Nodes, row)
		if row.Refused != "" {
			p.Refused = append(p.Refused, row)
		}
		if row.Restart != "" {
			p.Restart = append(p.Restart, row)
		}
	}
	p.fill(q.console.Configuration.Settings())
	return p, nil
}

func nodeRowOf(f *frame, n *effect.Node) nodeRow {
	row := nodeRow{
		Name: n.Name, Version: n.Digest, Program: n.Program, Since: f.At(n.Since), TriedAt: f.At(n.TriedAt),
		Pill: pill{"good", f.say("settings_node_good")},
	}
	switch {
	case n.Silent(f.q.now()):
		row.Pill = pill{"waiting", f.say("settings_node_silent")}
		return row
	case n.Refused != "":
		row.Pill = pill{"bad", f.say("settings_node_refused")}
	case len(n.NeedRestart) > 0:
		row.Pill = pill{"waiting", f.say("settings_node_restart")}
	}
	row.Refused, row.Restart = n.RefusedIn(f.Lang), strings.Join(n.NeedRestart, ", ")
	return row
}

// fill takes the settings in which the words stand, table by table.
func (p *settingsPage) fill(all []effect.Setting) {
	words := strings.Fields(strings.ToLower(p.Words))
	for i := range all {
		s := &all[i]
		row := settingRow{Key: s.Key, Value: s.Value, Doc: s.Doc, From: originOf(&p.frame, s.From), Given: s.From.Kind != effect.Default}
		if p.Lang != reason.English {
			row.Doc, row.Foreign = cmp.Or(s.French, s.Doc), s.French == "" && s.Doc != ""
		}
		text := strings.ToLower(strings.Join([]string{s.Name(), s.Value, s.Doc, s.French, row.From}, "\n"))
		if slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(text, w) }) {
			continue
		}
		if n := len(p.Tables); n == 0 || p.Tables[n-1].Name != s.Table {
			p.Tables = append(p.Tables, settingTable{Name: s.Table})
		}
		t := &p.Tables[len(p.Tables)-1]
		t.Rows, p.Found = append(t.Rows, row), p.Found+1
	}
}

// originOf says where a value comes from.
func originOf(f *frame, o effect.Origin) string {
	switch o.Kind {
	case effect.File:
		return reason.Of(Words+"/settings_from_file", inFile(o)).In(f.Lang)
	case effect.SecretFile:
		return reason.Of(Words+"/settings_from_secret", inFile(o)).In(f.Lang)
	case effect.Environment:
		return reason.Of(Words+"/settings_from_environment", reason.Args{"name": reason.Name(o.Name)}).In(f.Lang)
	case effect.CommandLine:
		return f.say("settings_from_command")
	case effect.Default:
	}
	return f.say("settings_from_default")
}

func inFile(o effect.Origin) reason.Args {
	return reason.Args{"file": reason.Name(o.File), "line": reason.Name(strconv.Itoa(o.Line))}
}

// findConfiguration finds what somebody must do about the configuration.
func (p *homePage) findConfiguration(q *request) error {
	if !q.may(auth.Operate) {
		return nil
	}
	nodes, err := q.console.Configuration.Nodes(q.ctx())
	if err != nil {
		return err
	}
	refused := slices.ContainsFunc(nodes, func(n effect.Node) bool { return n.Refused != "" && !n.Silent(q.now()) })
	if refused {
		p.add("config_refused", 1, "settings")
	}
	if nodes.Differ(q.now()) {
		p.add("config_differs", 1, "settings")
	}
	return nil
}
