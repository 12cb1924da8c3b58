package declared

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"relais/sandbox/world"
)

// The tables of what an operator tells.
const (
	receipts = "receipts"
	replies  = "replies"
	blocks   = "blocks"
)

// mostListed is how many things a list has: the oldest go.
const mostListed = 500

// fetched is the recorded list that tells the first of some things; nil: none does.
func (o *Operator) fetched(kind string, wanted ...meaning) *pollExample {
	for _, m := range wanted {
		for i := range o.record.Polls {
			p := &o.record.Polls[i]
			if p.Of == kind && p.News <= 1 && (m.then == "" || p.Then == m.then) && (m.reason == "" || p.Reason == m.reason) &&
				p.Status == http.StatusOK && p.Then != "refused" && p.Then != "nothing" {
				return p
			}
		}
	}
	return nil
}

// enlist puts what happened into the list that is fetched, where the operator has one, in the form of a recorded one. It
// stays there (inferred: a customer must know again what it was told), but where the list is one that is drained.
func (o *Operator) enlist(kind string, of *pushed, changes []change, wanted ...meaning) {
	p := o.fetched(kind, wanted...)
	if of == nil || len(of.Poll) == 0 || p == nil {
		return
	}
	tree, err := treeOf(fill(p.Body, changes, of.moment(o.world.Clock.Now())))
	if err != nil {
		return
	}
	elements, _ := within(tree, of.Each).([]any)
	if len(elements) == 0 {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	all := append(o.listed[kind], elements[0])
	o.listed[kind] = all[max(0, len(all)-mostListed):]
}

// within is what stands at a place; nil: nothing.
func within(tree any, at string) any {
	for name := range strings.SplitSeq(strings.Trim(at, "/"), "/") {
		if name == "" {
			continue
		}
		table, _ := tree.(map[string]any)
		tree = table[name]
	}
	return tree
}

// list answers a call that fetches something. A page behind the first one has nothing.
func (o *Operator) list(w http.ResponseWriter, r *http.Request) (world.Answer, bool) {
	for kind, of := range map[string]*pushed{receipts: o.d.Receipts, replies: o.d.Replies, blocks: o.d.Blocks} {
		if of == nil {
			continue
		}
		for i := range of.Poll {
			one := &of.Poll[i]
			if !o.leads(one, r) || !one.constant(r) {
				continue
			}
			if !o.form.letsIn(r.Header, nil) && len(o.form.constant) == 0 {
				return o.refusal(w, "auth", http.StatusUnauthorized), true
			}
			return o.listAnswer(kind, of, one, r), true
		}
	}
	return world.Answer{}, false
}

func (o *Operator) listAnswer(kind string, of *pushed, one *asking, r *http.Request) world.Answer {
	o.mu.Lock()
	elements := append([]any{}, o.listed[kind]...)
	if one.Drained {
		o.listed[kind] = nil
	}
	o.mu.Unlock()
	if one.behind(r) {
		elements = []any{}
	}
	tree := any(elements)
	for _, name := range slices.Backward(strings.Split(strings.Trim(of.Each, "/"), "/")) {
		if name != "" {
			tree = map[string]any{name: tree}
		}
	}
	return world.Answer{Status: http.StatusOK, Type: world.TypeJSON, Body: json.RawMessage(encoded(tree))}
}

// constant reports whether a request has the parameters of a call that are always the same.
func (a *asking) constant(r *http.Request) bool {
	for name, want := range a.Query {
		if text, ok := want.(string); ok && !strings.Contains(text, "{") && r.URL.Query().Get(name) != text {
			return false
		}
	}
	return true
}

// behind reports whether a request asks for a page behind the first one.
func (a *asking) behind(r *http.Request) bool {
	for name, want := range a.Query {
		first := "1"
		if a.PageFrom != nil && *a.PageFrom == 0 {
			first = "0"
		}
		if want == "{page}" && r.URL.Query().Get(name) != first {
			return true
		}
	}
	return false
}
