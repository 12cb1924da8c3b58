package passerelle

import (
	"encoding/json"
	"net/http"
	"strings"

	"relais/door/shadow"
)

// Shadowed implements shadow.Door. The address of the old instance is written
// whole, with its kind and slug, so that what follows ours is put behind it:
// both shapes of our address lead there. Statistics are of no instance, and ours.
func (d *Door) Shadowed(r *http.Request, _ []byte) (shadow.Target, bool) {
	first, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.EscapedPath(), "/"), "/")
	instance, what := d.place(first, rest)
	if instance == nil || instance.Shadow == "" {
		return shadow.Target{}, false
	}
	to, err := shadow.At(instance.Shadow, what)
	if err != nil { // the configuration was checked
		d.Log.Error("the address of the old gateway cannot be read", "door", prefix,
			"instance", instance.Name)
		return shadow.Target{}, false
	}
	return shadow.Target{
		URL: to, Account: instance.Account, Instance: instance.Name, Region: instance.Region,
		Forward: strings.TrimSuffix(what, "/") != "send" || r.Method != http.MethodPost,
	}, true
}

// Answered implements shadow.Door. A refusal is a status that is no success, or
// an err that is not 0; numbers that were left out stand in warn (documented for
// w.c.s., inferred for the keys).
func (d *Door) Answered(status int, body []byte) shadow.Answer {
	if status >= http.StatusBadRequest {
		return shadow.Answer{Known: true}
	}
	var read struct {
		Err  *int           `json:"err"`
		Warn map[string]any `json:"warn"`
	}
	if err := json.Unmarshal(body, &read); err != nil || read.Err == nil || status != http.StatusOK {
		return shadow.Answer{}
	}
	a := shadow.Answer{Known: true, Taken: *read.Err == 0, Refused: map[string]string{}}
	for _, key := range []string{warnPremium, warnForeign, warnUnsupported, warnRefused} {
		numbers, _ := read.Warn[key].(string)
		for raw := range strings.SplitSeq(numbers, ",") {
			if raw = strings.TrimSpace(raw); raw != "" {
				a.Refused[raw] = key
			}
		}
	}
	return a
}

// NotForwarded implements shadow.Door.
func (d *Door) NotForwarded(w http.ResponseWriter, status int) {
	f := &failure{
		status: status, class: classAPI,
		desc: "the old gateway did not answer; it may have the message all the same",
	}
	switch status {
	case http.StatusRequestEntityTooLarge:
		f.desc = tooLarge
	case http.StatusBadRequest:
		f.desc = endedEarly
	}
	f.write(w)
}
