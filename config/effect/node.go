package effect

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"relais/reason"
)

// Node is what a gateway tells of its configuration.
type Node struct {
	Name        string    `json:"node,omitempty"` // empty: SQLite, which has one
	PID         int       `json:"pid"`
	Program     string    `json:"program,omitempty"` // version of the program
	Digest      string    `json:"digest"`            // of the file: the same where the same was read
	Since       time.Time `json:"since"`
	TriedAt     time.Time `json:"tried_at"`          // when it was read the last time
	Refused     string    `json:"refused,omitempty"` // why that changed nothing, in English
	NeedRestart []string  `json:"need_restart,omitempty"`
	SeenAt      time.Time `json:"seen_at,omitzero"` // zero: a node that is alone does not tell

	// Why is Refused in each language.
	Why map[reason.Language]string `json:"why,omitempty"`
}

// RefusedIn is why the last reading changed nothing, for a reader; empty: it did change.
func (n *Node) RefusedIn(l reason.Language) string {
	if said := n.Why[l]; said != "" {
		return said
	}
	return n.Refused
}

// TellEvery is how often a node of several tells that it is there, and silentAfter when
// others take it for gone: the clocks of nodes differ a little.
const (
	TellEvery   = 20 * time.Second
	silentAfter = 2 * time.Minute
	dropAfter   = 24 * time.Hour
)

// Silent reports whether a node has said nothing for longer than it would.
func (n *Node) Silent(now time.Time) bool {
	return !n.SeenAt.IsZero() && now.Sub(n.SeenAt) > silentAfter
}

// Differ reports whether nodes that are there read different configurations.
func (all Nodes) Differ(now time.Time) bool {
	digest := ""
	for i := range all {
		switch {
		case all[i].Silent(now):
		case digest == "":
			digest = all[i].Digest
		case digest != all[i].Digest:
			return true
		}
	}
	return false
}

// Nodes are those of a gateway, by name.
type Nodes []Node

// Store keeps what nodes tell, each under a name.
type Store interface {
	Setting(ctx context.Context, name string) (value string, err error)
	SetSetting(ctx context.Context, name, value string) error
	// Settings are those whose names begin with a prefix.
	Settings(ctx context.Context, prefix string) (values map[string]string, err error)
	DropSetting(ctx context.Context, name string) error
}

// The names under which a node tells.
const (
	nodeMark   = "configuration:"
	printsMark = "configuration_values:"
)

// Tell says what a node has in effect.
func Tell(ctx context.Context, s Store, n Node) error { return tell(ctx, s, nodeMark+n.Name, n) }

// TellPrints says which values a node has in effect.
func TellPrints(ctx context.Context, s Store, node string, prints map[string]Print) error {
	return tell(ctx, s, printsMark+node, prints)
}

func tell(ctx context.Context, s Store, name string, value any) error {
	text, err := json.Marshal(value)
	if err != nil {
		return err
	}
	if err := s.SetSetting(ctx, name, string(text)); err != nil {
		return fmt.Errorf("tell which configuration is in effect: %w", err)
	}
	return nil
}

// Of is what a node told; told is false where it never did.
func Of(ctx context.Context, s Store, node string) (n Node, told bool, err error) {
	told, err = read(ctx, s, nodeMark+node, &n)
	return n, told, err
}

// PrintsOf are the values that a node has in effect, nil where it never told.
func PrintsOf(ctx context.Context, s Store, node string) (prints map[string]Print, err error) {
	_, err = read(ctx, s, printsMark+node, &prints)
	return prints, err
}

func read(ctx context.Context, s Store, name string, into any) (told bool, err error) {
	text, err := s.Setting(ctx, name)
	if err != nil || text == "" {
		return false, err
	}
	return true, json.Unmarshal([]byte(text), into)
}

// All are the nodes that told, those too that have gone silent.
func All(ctx context.Context, s Store) (Nodes, error) {
	texts, err := s.Settings(ctx, nodeMark)
	if err != nil {
		return nil, err
	}
	all := Nodes{}
	for _, text := range texts {
		var n Node
		if err := json.Unmarshal([]byte(text), &n); err != nil {
			return nil, fmt.Errorf("read what a node tells: %w", err)
		}
		all = append(all, n)
	}
	slices.SortFunc(all, func(a, b Node) int { return strings.Compare(a.Name, b.Name) })
	return all, nil
}

// Leave takes back what a node told.
func Leave(ctx context.Context, s Store, node string) error {
	return errors.Join(s.DropSetting(ctx, nodeMark+node), s.DropSetting(ctx, printsMark+node))
}

// Forget takes back what nodes told that went silent long ago.
func Forget(ctx context.Context, s Store, now time.Time) error {
	all, err := All(ctx, s)
	for i := range all {
		if n := &all[i]; !n.SeenAt.IsZero() && now.Sub(n.SeenAt) > dropAfter {
			err = errors.Join(err, Leave(ctx, s, n.Name))
		}
	}
	return err
}
