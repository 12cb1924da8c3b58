package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"relais/config/effect"
	"relais/reason"
)

// Configuration is which configuration each node of the gateway has in effect.
type Configuration struct {
	Differ bool   `json:"differ" doc:"nodes that are there have read different configurations"`
	Nodes  []Node `json:"nodes" doc:"those that share the database, this one among them"`
}

// Node is a node of the gateway with its configuration: which one, and no value of it.
type Node struct {
	Name        string     `json:"name,omitempty" doc:"absent: it is alone"`
	Here        bool       `json:"here,omitempty" doc:"it made this answer"`
	Program     string     `json:"program,omitempty" doc:"version of the program"`
	Version     string     `json:"version" doc:"of the configuration: the beginning of the SHA-256 of its file"`
	Since       time.Time  `json:"since" doc:"in effect since"`
	TriedAt     time.Time  `json:"tried_at" doc:"when it was read the last time"`
	Refused     string     `json:"refused,omitempty" doc:"why that changed nothing"`
	NeedRestart []string   `json:"need_restart,omitempty" doc:"keys that have changed and need a restart"`
	SeenAt      *time.Time `json:"seen_at,omitempty" doc:"when the node told of itself; absent: it is alone"`
	Silent      bool       `json:"silent,omitempty" doc:"it has told nothing for too long, and is not compared"`
}

// effectReader knows which configuration each node has in effect.
type effectReader interface {
	// Nodes are those that share the database, this one among them.
	Nodes(ctx context.Context) (effect.Nodes, error)
	// Node is the name of this one; empty where it is alone.
	Node() string
}

// configuration tells which configuration is in effect.
type configuration struct {
	failures
	effect effectReader
	now    func() time.Time
}

func (h *configuration) register(r *router) {
	huma.Register(r.api, huma.Operation{
		OperationID: "configuration", Method: http.MethodGet, Path: "/v1/configuration",
		Tags:    []string{"configuration"},
		Summary: "Which configuration each node has in effect, and since when",
		Description: "Nodes that share a database should read the same file: what a message meets must not " +
			"depend on which of them it comes to.",
		Responses: r.answers(http.StatusOK, Configuration{}),
	}, h.show)
}

type configurationInput struct {
	Languages string `header:"Accept-Language" doc:"fr gives sentences for people in French"`
}

type configurationOutput struct{ Body *Configuration }

func (h *configuration) show(ctx context.Context, in *configurationInput) (*configurationOutput, error) {
	all, err := h.effect.Nodes(ctx)
	if err != nil {
		return nil, h.fail(err, nil)
	}
	answer := &Configuration{Differ: all.Differ(h.now()), Nodes: make([]Node, len(all))}
	for i := range all {
		answer.Nodes[i] = h.nodeOf(&all[i], reason.Match(in.Languages))
	}
	return &configurationOutput{answer}, nil
}

func (h *configuration) nodeOf(n *effect.Node, l reason.Language) Node {
	return Node{
		Name: n.Name, Here: n.Name == h.effect.Node(), Program: n.Program, Version: n.Digest,
		Since: n.Since.UTC(), TriedAt: n.TriedAt.UTC(), Refused: n.RefusedIn(l), NeedRestart: n.NeedRestart,
		SeenAt: moment(n.SeenAt), Silent: n.Silent(h.now()),
	}
}
