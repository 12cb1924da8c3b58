package shadow

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// maxBody is the largest request body, in bytes: that of the native API.
const maxBody = 10 << 20

// Door is one that can be tried beside an old gateway.
type Door interface {
	http.Handler
	Name() string
	Owns(path string) bool
	Panicked(w http.ResponseWriter)
	// Shadowed tells where a request goes that is not ours to answer yet. It is
	// asked before the caller is known, who is the old gateway's to judge.
	Shadowed(r *http.Request, body []byte) (Target, bool)
	// Answered reads an answer of either gateway.
	Answered(status int, body []byte) Answer
	// NotForwarded writes, in the words of the door, that a request could not go to
	// the old gateway: 502, 504, 413 or 400.
	NotForwarded(w http.ResponseWriter, status int)
}

// Target is the old gateway's place for one request.
type Target struct {
	URL      *url.URL // without the query, which is that of the request
	Account  string
	Instance string // of the door, shown in the report
	Region   string // in which numbers without a prefix are read; empty: the account's
	Forward  bool   // it is no message: it is forwarded and not compared
}

// At is the address of a path below a base.
func At(base, path string) (*url.URL, error) {
	u, err := url.Parse(base)
	if err != nil {
		return nil, err
	}
	// Escapes stay as they came.
	return u.Parse(strings.TrimSuffix(u.EscapedPath(), "/") + "/" + strings.TrimPrefix(path, "/"))
}

// Wrapped is a door whose requests go to the old gateway where there is one.
type Wrapped struct {
	Door
	ours   Door // the same on a gateway that only plans
	keeper *Keeper
}

// Wrap puts the keeper before a door. ours is the same door, made with Planner
// for its gateway.
func Wrap(k *Keeper, real, ours Door) *Wrapped { return &Wrapped{Door: real, ours: ours, keeper: k} }

// ServeHTTP implements http.Handler.
func (d *Wrapped) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if target, shadowed := d.Shadowed(r, body); shadowed {
		d.shadow(w, r, body, err, target)
		return
	}
	again := withBody(r, body)
	if err != nil { // the door says it in its words, as without us
		again.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body), broken{err}))
		again.ContentLength = r.ContentLength
	}
	d.Door.ServeHTTP(w, again)
}

// broken is a body that ends with the error that the real one ended with.
type broken struct{ err error }

// Read implements io.Reader.
func (b broken) Read([]byte) (int, error) { return 0, b.err }

func (d *Wrapped) shadow(w http.ResponseWriter, r *http.Request, body []byte, broke error, target Target) {
	if broke != nil {
		status := http.StatusBadRequest
		if _, large := errors.AsType[*http.MaxBytesError](broke); large {
			status = http.StatusRequestEntityTooLarge
		}
		d.NotForwarded(w, status)
		return
	}
	if slices.Contains(r.Header.Values("Via"), d.keeper.via) {
		d.keeper.Log.Error("the address of the old gateway is that of this one", "door", d.Name(), "instance",
			target.Instance)
		d.NotForwarded(w, http.StatusBadGateway)
		return
	}
	target.URL.RawQuery = r.URL.RawQuery
	comparison := d.begin(r, body, target) // now: signatures grow old while the old gateway thinks
	old, failed := d.keeper.forward(r, body, target.URL)
	if failed == nil {
		old.writeTo(w)
	} else {
		status, why := statusOf(failed)
		d.keeper.Log.Warn("the old gateway did not answer", "door", d.Name(),
			"instance", target.Instance, "reason",
			why)
		d.NotForwarded(w, status)
	}
	comparison.end(r.Context(), old, failed)
}
