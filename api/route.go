package api

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
	"github.com/danielgtaylor/huma/v2"

	"relais/reason"
)

// OneSlash reads several slashes of a path as one, for the API and every door. A
// redirect, which net/http would answer, makes clients send a POST again as a GET, or
// without its body.
func OneSlash(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.Contains(r.URL.Path, "//") {
			next.ServeHTTP(w, r)
			return
		}
		path := r.URL.EscapedPath()
		for strings.Contains(path, "//") {
			path = strings.ReplaceAll(path, "//", "/")
		}
		next.ServeHTTP(w, withPath(r, path))
	})
}

// withPath is a request for another path, which is escaped.
func withPath(r *http.Request, escaped string) *http.Request {
	plain, err := url.PathUnescape(escaped)
	if err != nil {
		return r
	}
	u, other := *r.URL, *r
	u.Path, u.RawPath = plain, escaped
	other.URL = &u
	return &other
}

// routes are those of the API, described and not.
type routes struct {
	mux        *http.ServeMux
	operations map[string]*huma.Operation // by pattern
	paths      map[string]*huma.PathItem
}

// route is the pattern of the route that takes a request.
func (t *routes) route(r *http.Request) (pattern string) {
	_, pattern = t.mux.Handler(r)
	return pattern
}

// withoutSlash takes the slash at the end of a path that no route has. The redirect of
// net/http for dot segments is left to nobody: the path is refused.
func (t *routes) withoutSlash(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path := r.URL.EscapedPath()
		switch {
		case dotted(path):
			refusalOf(http.StatusNotFound, sayDots).write(w, r)
			return
		case len(path) > 1 && strings.HasSuffix(path, "/"):
			if _, pattern := t.mux.Handler(r); pattern == "/" {
				r = withPath(r, strings.TrimRight(path, "/"))
			}
		}
		next.ServeHTTP(w, r)
	})
}

func dotted(path string) bool {
	if !strings.Contains(path, "/.") {
		return false
	}
	segments := strings.Split(path, "/")
	return slices.Contains(segments, ".") || slices.Contains(segments, "..")
}

// unknown answers what no route took: 405 when another method would do.
func (t *routes) unknown(w http.ResponseWriter, r *http.Request) {
	if allowed := t.methods(r, func(pattern string) bool { return pattern != "/" }); len(allowed) > 0 {
		wrongMethod(w, allowed).write(w, r)
		return
	}
	why := reason.Of(sayNoRoute, nil)
	if near := t.near(r.URL.Path); near != "" {
		why = reason.Of(sayRouteNear, reason.Args{"near": reason.Name(near)})
	}
	refusalFor(http.StatusNotFound, why).write(w, r)
}

func wrongMethod(w http.ResponseWriter, allowed []string) *refusal {
	w.Header().Set("Allow", strings.Join(allowed, ", "))
	methods := reason.Arg(reason.Name(allowed[0]))
	for _, m := range allowed[1:] {
		methods = reason.Of(wordOr, reason.Args{"one": methods, "other": reason.Name(m)})
	}
	return refusalFor(http.StatusMethodNotAllowed, reason.Of(codeMethod, reason.Args{"methods": methods}))
}

// methods are those by which the path of a request leads to a pattern that is good.
func (t *routes) methods(r *http.Request, good func(pattern string) bool) (allowed []string) {
	for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
		other := &http.Request{Method: method, URL: r.URL, Host: r.Host}
		if _, pattern := t.mux.Handler(other); good(pattern) {
			allowed = append(allowed, method)
		}
	}
	if slices.Contains(allowed, http.MethodGet) {
		allowed = slices.Insert(allowed, 1, http.MethodHead)
	}
	return allowed
}

// undescribed are the routes that people look for and the description lacks.
var undescribed = []string{"/docs", "/docs/problems", "/openapi.json", "/healthz", "/readyz", "/metrics"}

// near finds the route that somebody meant who wrote a path in another case, left
// out /v1, put something before it or mistyped a word; "" when none is near.
func (t *routes) near(path string) string {
	routes := append(slices.Sorted(maps.Keys(t.paths)), undescribed...)
	best, least := "", -1
	for _, meant := range readings(strings.ToLower(path)) {
		for _, route := range routes {
			if d, near := routeDistance(route, meant); near && (least < 0 || d < least) {
				best, least = route, d
			}
		}
	}
	return best
}

// readings are the paths that a path may stand for, the likeliest first.
func readings(path string) []string {
	const longest = 200 // bytes; nobody mistypes a path of that length
	path = strings.Trim(path, "/")
	if path == "" || len(path) > longest {
		return nil
	}
	all := []string{path, "v1/" + path}
	if at := strings.Index(path, "/v1/"); at >= 0 {
		all = append(all, path[at+1:])
	}
	return all
}

// routeDistance counts the letters by which a path differs from a route. A variable
// stands for any segment, which costs half a letter: a literal one is nearer.
func routeDistance(route, path string) (distance int, near bool) {
	want, got := strings.Split(strings.Trim(route, "/"), "/"), strings.Split(path, "/")
	if len(want) != len(got) {
		return 0, false
	}
	for i, segment := range want {
		if strings.HasPrefix(segment, "{") {
			distance++
			continue
		}
		d := levenshtein.ComputeDistance(segment, got[i])
		if d > 1+len(segment)/5 {
			return 0, false
		}
		distance += 2 * d
	}
	return distance, true
}
