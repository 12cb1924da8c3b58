package passerelle

import (
	"net/http"

	"relais/lane"
)

// up reports whether an instance can send: err is 0 when it can. Anybody may ask,
// as in Passerelle (inferred).
func (d *Door) up(w http.ResponseWriter, r *http.Request, instance *Instance) {
	states, err := d.Gateway.Connectors(r.Context())
	if err != nil {
		d.fail(instance, err).write(w)
		return
	}
	why := "no connector is configured"
	for _, s := range states {
		if instance.Connector != "" && s.Name != instance.Connector {
			continue
		}
		if sends(s.State) {
			answer(w, http.StatusOK, map[string]any{
				"err":  0,
				"data": map[string]string{"state": "up", "connector": s.Name},
			})
			return
		}
		why = "connector " + s.Name + " is " + string(s.State)
	}
	f := &failure{
		status: http.StatusServiceUnavailable, class: classAPI, desc: why,
		data: map[string]string{"state": "down"},
	}
	f.write(w)
}

// sends reports whether messages of a lane leave: at another node is as good.
func sends(s lane.State) bool {
	return s == lane.Running || s == lane.Throttled || s == lane.Elsewhere
}
