package declared

import (
	"net/http"
	"net/url"
	"strings"

	"relais/sandbox/world"
)

// says is a recorded answer with what is to stand in it now.
func (o *Operator) says(w http.ResponseWriter, t *told, changes []change) world.Answer {
	kind := world.TypeText
	switch shapeOf(t.Body) {
	case shapeJSON:
		kind = world.TypeJSON
	case shapeXML:
		kind = "application/xml; charset=utf-8"
	}
	for name, text := range t.Headers {
		if strings.EqualFold(name, "Content-Type") {
			kind = text
			continue
		}
		w.Header().Set(name, changed(text, changes))
	}
	return world.Answer{Status: t.Status, Type: kind, Body: []byte(fill(t.Body, changes, nil))}
}

// refusal is the operator's first recorded answer that means one thing; where none was recorded, a
// page with a status.
func (o *Operator) refusal(w http.ResponseWriter, then string, status int) world.Answer {
	for i := range o.record.Sends {
		if one := &o.record.Sends[i]; one.Then == then {
			return o.says(w, one, nil)
		}
	}
	return page(status)
}

// stranger is refusal for a question of somebody unknown. A refusal with the status of a yes is that
// of messages alone (inferred): its body is the answer to one.
func (o *Operator) stranger(w http.ResponseWriter) world.Answer {
	for i := range o.record.Sends {
		if one := &o.record.Sends[i]; one.Then == "auth" && one.Status >= http.StatusBadRequest {
			return o.says(w, one, nil)
		}
	}
	return page(http.StatusUnauthorized)
}

func page(status int) world.Answer {
	title := http.StatusText(status)
	return world.Answer{Status: status, Type: world.TypeHTML, Body: world.Page(title, title+".")}
}

// faulty is what an ordered fault says in the operator's manner.
func (o *Operator) faulty(w http.ResponseWriter) func(kind string) world.Answer {
	return func(kind string) world.Answer {
		switch kind {
		case world.FaultThrottle:
			return o.refusal(w, "throttled", http.StatusTooManyRequests)
		case world.FaultNoCredit:
			return o.refusal(w, "credit", http.StatusPaymentRequired)
		case world.FaultHTTP503:
			return page(http.StatusServiceUnavailable)
		default:
			return page(http.StatusInternalServerError)
		}
	}
}

// other answers the calls that send nothing: for a token, for the credit, for what became of a
// reference, and whether the credentials work.
func (o *Operator) other(w http.ResponseWriter, r *http.Request, body string) world.Answer {
	if answer, ok := o.token(w, r, body); ok {
		return answer
	}
	if answer, ok := o.list(w, r); ok {
		return answer
	}
	for _, call := range []struct {
		of     *asking
		answer func(*asking) (world.Answer, bool)
	}{
		{o.d.Lookup, func(of *asking) (world.Answer, bool) { return o.found(w, r, of) }},
		{o.d.Credit, func(*asking) (world.Answer, bool) { return o.first(w, o.record.Credits) }},
		{o.d.Check, func(of *asking) (world.Answer, bool) { return backwards(of), true }},
	} {
		if call.of == nil || !o.leads(call.of, r) {
			continue
		}
		if !o.form.letsAsk(r, body) {
			return o.stranger(w)
		}
		if answer, ok := call.answer(call.of); ok {
			return answer
		}
	}
	return page(http.StatusNotFound)
}

// leads reports whether a request goes to a declared call.
func (o *Operator) leads(of *asking, r *http.Request) bool {
	method := of.Method
	if method == "" {
		method = http.MethodGet
	}
	return r.Method == method && r.URL.Path == o.named(of.Path)
}

// named fills in what a path has of the account.
func (o *Operator) named(path string) string {
	s := &o.record.Settings
	return strings.NewReplacer("{login}", s.Login, "{profile}", s.Profile).Replace(path)
}

// first is the first recorded answer of a call that went well.
func (o *Operator) first(w http.ResponseWriter, all []told) (world.Answer, bool) {
	for i := range all {
		if all[i].Then == "" {
			return o.says(w, &all[i], nil), true
		}
	}
	return world.Answer{}, false
}

// token answers the call that obtains one, which a recorded request shows.
func (o *Operator) token(w http.ResponseWriter, r *http.Request, body string) (world.Answer, bool) {
	for i := range o.record.Requests {
		one := &o.record.Requests[i]
		address, err := url.Parse(one.URL)
		if one.Of != "token" || err != nil || r.Method != one.Method || r.URL.Path != address.Path {
			continue
		}
		want, _ := valuesOf(address.Query(), one.Body, shapeOf(one.Body), "")
		got, ok := valuesOf(r.URL.Query(), body, shapeOf(one.Body), "")
		for name, v := range want {
			ok = ok && got[name] == v
		}
		for name, v := range one.Headers {
			ok = ok && (describes(name) || r.Header.Get(name) == v)
		}
		for i := range o.record.Tokens {
			if t := &o.record.Tokens[i]; ok && t.Then == "token" && t.ID == o.record.Settings.Token {
				return o.says(w, t, nil), true
			}
		}
		return page(http.StatusUnauthorized), true
	}
	return world.Answer{}, false
}

// found answers what became of a reference, as the operator answered it. ok is false for a call
// that names none.
func (o *Operator) found(w http.ResponseWriter, r *http.Request, of *asking) (a world.Answer, ok bool) {
	ref, asks := "", false
	for name, text := range of.Query {
		if text == "{ref}" || text == "{id}" {
			ref, asks = r.URL.Query().Get(name), true
		}
	}
	if !asks || ref == "" {
		return world.Answer{}, false
	}
	o.mu.Lock()
	m := o.byRef[ref]
	o.mu.Unlock()
	then := "unknown"
	if m != nil {
		then = "found"
	}
	for i := len(o.record.Lookups) - 1; i >= 0; i-- { // the last one that finds nothing is an empty list
		one := &o.record.Lookups[i]
		if one.Then != then || one.Status != http.StatusOK {
			continue
		}
		if m == nil {
			return o.says(w, one, nil), true
		}
		return o.says(w, one, append([]change{{one.ID, m.id}}, o.changes(m)...)), true
	}
	return page(http.StatusNotFound), true
}

// backwards is an answer that a check is content with. No exchange shows one: what it must have,
// the declaration says.
func backwards(of *asking) world.Answer {
	root := map[string]any{}
	for at, want := range of.Where {
		if table, ok := want.(map[string]any); ok { // that something is there
			want = any("x")
			if table["present"] == false {
				continue
			}
		}
		node, way := root, strings.Split(strings.TrimPrefix(at, "/"), "/")
		for _, name := range way[:len(way)-1] {
			next, ok := node[name].(map[string]any)
			if !ok {
				next = map[string]any{}
				node[name] = next
			}
			node = next
		}
		node[way[len(way)-1]] = want
	}
	return world.Answer{Status: http.StatusOK, Type: world.TypeJSON, Body: []byte(encoded(root))}
}
