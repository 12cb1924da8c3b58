package alert

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"relais/plaintext"
	"relais/reason"
)

// The statuses of an alert and of a group.
const (
	Firing   = "firing"
	Resolved = "resolved"
)

// Notification is what Alertmanager tells of a group of alerts: the data of a template.
type Notification struct {
	Version           string            `json:"version"`
	GroupKey          string            `json:"groupKey"`
	TruncatedAlerts   int               `json:"truncatedAlerts"` // left out by max_alerts
	Status            string            `json:"status"`          // firing while one of them is
	Receiver          string            `json:"receiver"`
	GroupLabels       map[string]string `json:"groupLabels"`
	CommonLabels      map[string]string `json:"commonLabels"`
	CommonAnnotations map[string]string `json:"commonAnnotations"`
	ExternalURL       string            `json:"externalURL"` // of the Alertmanager
	Alerts            Alerts            `json:"alerts"`
}

// Alert is one of them.
type Alert struct {
	Status       string            `json:"status"`
	Labels       map[string]string `json:"labels"`
	Annotations  map[string]string `json:"annotations"`
	StartsAt     time.Time         `json:"startsAt"`
	EndsAt       time.Time         `json:"endsAt"`
	GeneratorURL string            `json:"generatorURL"`
	Fingerprint  string            `json:"fingerprint"` // identifies the alert by its labels
}

// Alerts have the methods that templates of Alertmanager use.
type Alerts []Alert

// Firing are those that fire.
func (a Alerts) Firing() Alerts { return a.with(Firing) }

// Resolved are those that no longer fire.
func (a Alerts) Resolved() Alerts { return a.with(Resolved) }

func (a Alerts) with(status string) (some Alerts) {
	for i := range a {
		if a[i].Status == status {
			some = append(some, a[i])
		}
	}
	return some
}

// version is the only one there is.
const version = "4"

// Read decodes a notification. The error is a sentence for whoever sent it. Fields that
// are not known are of a later Alertmanager.
func Read(body []byte) (*Notification, error) {
	n := &Notification{}
	switch err := json.Unmarshal(body, n); {
	case err != nil:
		return nil, misshapen(body, err)
	case n.Version == "":
		return nil, reason.NewError(codeNoVersion, nil)
	case n.Version != version:
		return nil, reason.NewError(codeVersion, reason.Args{
			"version": reason.Name(fmt.Sprintf("%.20q", n.Version)),
		})
	case n.Status != Firing && n.Status != Resolved || len(n.Alerts) == 0:
		return nil, reason.NewError(codeNoAlerts, nil)
	}
	return n, nil
}

// misshapen describes a body that is not a JSON object, or the value in it whose type is not
// Alertmanager's.
func misshapen(body []byte, err error) error {
	if wrong := plaintext.NoObject(body); !wrong.IsZero() {
		return reason.NewError(codeNoObject, reason.Args{"why": wrong})
	}
	e, ok := errors.AsType[*json.UnmarshalTypeError](err)
	switch {
	case !ok: // of the types here, those of time alone have errors of their own
		return reason.NewError(codeMoment, nil)
	case e.Field == "version":
		return reason.NewError(codeVersionKind, reason.Args{"kind": reason.Name(e.Value)})
	}
	return reason.NewError(codeKind, reason.Args{
		"field": reason.Name(e.Field), "kind": reason.Name(e.Value),
	})
}

// Identity is the same for a notification that is repeated: it holds the group, and which of
// its alerts fire and since when. Alertmanager repeats a notification after repeat_interval,
// and after an answer that it lost.
func (n *Notification) Identity(section string) (key string, sum [32]byte) {
	lines := make([]string, len(n.Alerts))
	for i := range n.Alerts {
		a := &n.Alerts[i]
		begun := a.StartsAt.UTC().Format(time.RFC3339Nano)
		lines[i] = strings.Join([]string{a.Fingerprint, a.Status, begun}, " ")
	}
	slices.Sort(lines)
	sum = sha256.Sum256([]byte(strings.Join(append([]string{section, n.GroupKey, n.Status}, lines...), "\n")))
	return "alertmanager-" + hex.EncodeToString(sum[:]), sum
}
