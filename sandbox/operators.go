package sandbox

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"

	"relais/sandbox/declared"
)

// Operators are the accounts at the operators that are played from a declaration, by name.
func (s *Server) Operators() map[string]declared.Account {
	all := map[string]declared.Account{}
	for name, o := range s.declared {
		all[name] = o.Account()
	}
	return all
}

func (s controls) showOperators(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, s.Operators())
}

// orderCallback is PUT /operators/{name}: where one pushes what no message says.
func (s controls) orderCallback(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		Callback string `json:"callback"`
	}
	if !readControl(w, r, &asked, "callback") {
		return
	}
	o := s.Operator(r.PathValue("name"))
	if o == nil {
		problem{
			Status: http.StatusNotFound, Code: "no_such_operator", Valid: slices.Sorted(maps.Keys(s.declared)),
			Detail: fmt.Sprintf("no operator %q is played from a declaration", r.PathValue("name")),
		}.write(w)
		return
	}
	if u, err := url.Parse(asked.Callback); asked.Callback != "" && (err != nil || u.Host == "") {
		problem{
			Status: http.StatusUnprocessableEntity, Code: "invalid_callback", Field: "callback",
			Detail: "callback is the address that relais callbacks prints, or empty for none",
		}.write(w)
		return
	}
	o.SetCallback(asked.Callback)
	writeJSON(w, http.StatusOK, o.Account())
}
