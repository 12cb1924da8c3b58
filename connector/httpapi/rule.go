package httpapi

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"relais/connector"
	"relais/reason"
)

// What a rule makes of an answer.
const (
	thenTaken     = "taken"
	thenRejected  = "rejected"
	thenTemporary = "temporary"
	thenThrottled = "throttled"
	thenCredit    = "credit"
	thenAuth      = "auth"
	thenUncertain = "uncertain"
)

var faults = map[string]connector.Fault{
	thenRejected: connector.Rejected, thenTemporary: connector.Temporary, thenThrottled: connector.Throttled,
	thenCredit: connector.Blocked, thenAuth: connector.Blocked, thenUncertain: connector.Uncertain,
}

// rule is one line of the table of answers. The first that holds decides.
type rule struct {
	line      int
	statuses  statuses
	where     []condition
	then      string
	id        place
	idPattern *pattern // nil: all of it
	withoutID bool
	code      place
	detail    place
	say       string
}

func (r *rule) holds(d *document, s *source) bool {
	return r.statuses.have(d.status) && all(r.where, d, s)
}

// statuses are single ones and whole hundreds, as first to last; empty: any.
type statuses [][2]int

func (s statuses) have(status int) bool {
	return len(s) == 0 || slices.ContainsFunc(s, func(r [2]int) bool { return r[0] <= status && status <= r[1] })
}

// covers reports whether every status of other is in s.
func (s statuses) covers(other statuses) bool {
	if len(s) == 0 {
		return true
	}
	return len(other) > 0 && !slices.ContainsFunc(other, func(o [2]int) bool {
		return !slices.ContainsFunc(s, func(r [2]int) bool { return r[0] <= o[0] && o[1] <= r[1] })
	})
}

// condition is what stands at a place: one of some values, a pattern, something at all, or
// nothing.
type condition struct {
	at      place
	values  []template
	pattern *pattern
	present *bool
}

func (c *condition) holds(d *document, s *source) bool {
	if d.json != nil && slices.Contains(c.at.path, everyElement) {
		return c.holdsOfEvery(d, s)
	}
	text, there := d.at(c.at)
	switch {
	case c.present != nil:
		return there == *c.present
	case c.pattern != nil:
		return there && c.pattern.re.MatchString(text)
	default:
		return there && slices.ContainsFunc(c.values, func(t template) bool {
			want, filled := t.expand(s)
			return filled && want == text
		})
	}
}

// everyElement stands in a place of a condition for each element of a list: the condition must hold of
// all, and of at least one.
const everyElement = "*"

func (c *condition) holdsOfEvery(d *document, s *source) bool {
	star := slices.Index(c.at.path, everyElement)
	list, there := listIn(d.json, c.at.path[:star])
	for _, element := range list {
		one, of := *d, *c
		one.json, of.at.path = element, c.at.path[star+1:]
		if !of.holds(&one, s) {
			return false
		}
	}
	return there && len(list) > 0
}

func all(where []condition, d *document, s *source) bool {
	for i := range where {
		if !where[i].holds(d, s) {
			return false
		}
	}
	return true
}

// covers reports whether c holds wherever other does.
func (c *condition) covers(other *condition) bool {
	if c.at.in != other.at.in || c.at.name != other.at.name {
		return false
	}
	switch {
	case c.present != nil && *c.present:
		return other.present == nil || *other.present
	case c.present != nil:
		return other.present != nil && !*other.present
	case c.pattern != nil:
		return other.pattern != nil && other.pattern.re.String() == c.pattern.re.String()
	}
	return len(other.values) > 0 && !slices.ContainsFunc(other.values, func(o template) bool {
		return !slices.ContainsFunc(c.values, func(t template) bool { return slices.Equal(t.pieces, o.pieces) })
	})
}

// covers reports whether other is never reached behind r.
func (r *rule) covers(other *rule) bool {
	if !r.statuses.covers(other.statuses) {
		return false
	}
	for i := range r.where {
		if !slices.ContainsFunc(other.where, func(o condition) bool { return r.where[i].covers(&o) }) {
			return false
		}
	}
	return true
}

// statuses compiles 201, "4xx" or a list of them.
func (j *judge) statuses(key string, value any) statuses {
	var s statuses
	if value != nil && len(listed(value)) == 0 {
		j.complain(key, whyStatus, nil)
	}
	for _, one := range listed(value) {
		switch v := one.(type) {
		case int64:
			if v >= 100 && v <= 599 {
				s = append(s, [2]int{int(v), int(v)})
				continue
			}
		case string:
			hundreds, err := strconv.Atoi(strings.TrimSuffix(v, "xx"))
			if err == nil && len(v) == 3 && strings.HasSuffix(v, "xx") && hundreds >= 1 && hundreds <= 5 {
				s = append(s, [2]int{hundreds * 100, hundreds*100 + 99})
				continue
			}
		}
		j.complain(key, whyStatus, nil)
	}
	return s
}

func listed(value any) []any {
	switch v := value.(type) {
	case nil:
		return nil
	case []any:
		return v
	default:
		return []any{v}
	}
}

// where compiles conditions, in the order of their places.
func (j *judge) where(key string, written map[string]any, s shape, refused map[nature]reason.Code) []condition {
	var conditions []condition
	for _, at := range sortedKeys(written) {
		here := join(key, at)
		c := condition{at: j.place(here, at, s)}
		if table, ok := written[at].(map[string]any); ok {
			j.special(here, table, &c)
		} else {
			if len(listed(written[at])) == 0 {
				j.complain(here, whyCondition, nil)
			}
			for _, value := range listed(written[at]) {
				if text, ok := scalar(value); ok {
					c.values = append(c.values, j.template(here, text, refused))
				} else {
					j.complain(here, whyCondition, nil)
				}
			}
		}
		conditions = append(conditions, c)
	}
	return conditions
}

func (j *judge) special(key string, table map[string]any, c *condition) {
	present, isBool := table["present"].(bool)
	text, isText := table["matches"].(string)
	switch {
	case len(table) == 1 && isBool:
		c.present = &present
	case len(table) == 1 && isText && text != "":
		c.pattern = j.pattern(join(key, "matches"), text)
	default:
		j.complain(key, whyCondition, nil)
	}
}

// scalar is a value of the file as an answer would have it.
func scalar(value any) (string, bool) {
	switch v := value.(type) {
	case string:
		return v, true
	case bool, int64, float64:
		return fmt.Sprint(v), true
	default:
		return "", false
	}
}

// rules compiles the table of answers.
func (j *judge) rules(at string, written []writtenRule, s shape) []rule {
	compiled := make([]rule, 0, len(written))
	taken := false
	for i := range written {
		key := element(join(at, "rule"), i)
		r := j.rule(key, &written[i], s)
		taken = taken || r.then == thenTaken
		for before := range compiled {
			if compiled[before].covers(&r) {
				j.complain(key, whyUnreachable, reason.Args{"line": reason.Count(compiled[before].line)})
				break
			}
		}
		compiled = append(compiled, r)
	}
	if !taken {
		j.complain(at, whyNoTaken, nil)
	}
	return compiled
}

func (j *judge) rule(key string, w *writtenRule, s shape) rule {
	r := rule{
		line: j.line(key), statuses: j.statuses(key+".status", w.Status),
		where: j.where(key+".where", w.Where, s, whereNeverSecret), withoutID: w.WithoutID,
		id: j.place(key+".id", w.ID, s), idPattern: j.pattern(key+".id_pattern", w.IDPattern), code: j.place(key+".code", w.Code, s),
		detail: j.place(key+".detail", w.Detail, s), say: w.Say,
	}
	if w.Then == "" {
		j.complain(key+".then", whyMissing, nil)
	}
	r.then = j.oneOf(key+".then", w.Then, thenTaken, thenRejected, thenTemporary, thenThrottled, thenCredit,
		thenAuth, thenUncertain)
	if len(r.statuses) == 0 && len(r.where) == 0 && w.Status == nil {
		j.complain(key, whyOpenRule, nil)
	}
	if r.then == thenTaken {
		j.idle(key, map[string]bool{"code": w.Code != "", "detail": w.Detail != "", "say": w.Say != ""})
		j.idle(key, map[string]bool{"id_pattern": w.IDPattern != "" && w.ID == ""})
		if (w.ID == "") != w.WithoutID {
			j.complain(key+".id", whyTakenID, nil)
		}
		return r
	}
	j.idle(key, map[string]bool{"id": w.ID != "", "id_pattern": w.IDPattern != "", "without_id": w.WithoutID})
	return r
}

// whereNeverSecret: what answers are compared with is written in the file, but for the reference.
var whereNeverSecret = map[nature]reason.Code{
	ofPerson: whyCondition, ofSection: whyCondition, ofSecret: whyCondition,
}
