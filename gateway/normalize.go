package gateway

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"relais/number"
	"relais/reason"
	"relais/sms"
	"relais/terms"
)

func decideClass(s *Submission, account Account) reason.Reason {
	if s.Class != "" {
		return decision("class", said{"Class " + string(s.Class) + ", as asked.", "Classe " + string(s.Class) + ", comme demandé."})
	}
	s.Class = account.Class
	if s.Class == "" {
		s.Class = sms.Transactional
	}
	return decision("class", said{"Class " + string(s.Class) + ", the account's default.", "Classe " + string(s.Class) + ", celle du compte."})
}

// decideNumbers tells the account's rule about numbers, where it has one.
func decideNumbers(account Account) []reason.Reason {
	families := account.Numbers.Families
	if len(families) == 0 || slices.Contains(families, number.All) {
		return nil
	}
	list := strings.Join(families, ", ")
	return []reason.Reason{decision("number_policy", said{"The account sends to numbers of " + list + " only.", "Le compte n'envoie qu'aux numéros de " + list + "."})}
}

// decideTime tells when the message goes and until when. Where there are hours, the
// default validity counts from them, see terms.Book.
func decideTime(s *Submission, book *terms.Book) reason.Reason {
	when, valid := said{"At once", "Tout de suite"}, plain(s.ValidFor)
	end := said{"; given up after " + valid + ".", " ; abandonné au bout de " + valid + "."}
	if !s.SendAt.IsZero() {
		at := s.SendAt.UTC().Format(time.RFC3339)
		when = said{"Not before " + at, "Pas avant " + at}
		end = said{"; given up " + valid + " after that.", " ; abandonné " + valid + " plus tard."}
	}
	if !book.HasHours() {
		return decision("time", when.then(end))
	}
	if !book.Firm() {
		end = said{"; given up " + valid + " after that at the earliest.", " ; abandonné au plus tôt " + valid + " après."}
	}
	return decision("time", when.then(said{", if it is within the hours", ", si c'est dans les heures"}).then(end))
}

// plain writes a duration without the units that are zero: "48h", "1m30s".
func plain(d time.Duration) string { return reason.Duration(d).String() }

// recipients reads the numbers of one submission.
type recipients struct {
	region string
	policy number.Policy
	seen   map[sms.Number]int
}

type recipient struct {
	number    sms.Number
	family    string
	country   string
	warnings  []Warning
	decisions []reason.Reason
}

func newRecipients(s *Submission, account Account) *recipients {
	n := len(s.To)
	r := &recipients{region: account.Region, policy: account.Numbers}
	r.policy.Special = r.policy.Special || s.Special
	if n > 1 {
		r.seen = make(map[sms.Number]int, n)
	}
	return r
}

// read reads one number and finds its way.
func (r *recipients) read(index int, raw string, planner *planner) (recipient, *planned, *Refusal) {
	parsed, err := r.policy.Parse(raw, r.region)
	if err != nil {
		return recipient{}, nil, refusalOf(err, index, raw)
	}
	planned := planner.of(parsed)
	if planned.err != nil {
		return recipient{}, nil, refusalOf(planned.err, index, raw)
	}
	if parsed.Kind == number.Fiction && !planned.lane.Facts.Simulated {
		return recipient{}, nil, &Refusal{Index: index, To: raw, Reason: reason.Written("number_fiction", "The number is reserved for examples and nobody has it; only simulated operators take it.", "Le numéro est réservé aux exemples et personne ne l'a ; seuls les opérateurs simulés le prennent.")}
	}
	if first, known := r.seen[parsed.Number]; known {
		return recipient{}, nil, &Refusal{Index: index, To: raw, Reason: reason.Written("duplicate_recipient", "The same number as recipient "+strconv.Itoa(first+1)+" of this request; it gets one message.", "Le même numéro que le destinataire "+strconv.Itoa(first+1)+" de cette demande ; il reçoit un seul message.")}
	}
	if r.seen != nil {
		r.seen[parsed.Number] = index
	}
	read := recipient{number: parsed.Number, family: parsed.Family, country: parsed.Country}
	if planner.whole == nil {
		read.decisions = append(read.decisions, planned.decisions...)
		for _, w := range planned.text.warnings {
			w.To = raw
			read.warnings = append(read.warnings, w)
		}
	}
	for _, w := range parsed.Warnings {
		read.warnings = append(read.warnings, Warning{Reason: reason.Written(reason.Code(w.Code), w.Detail, w.French), To: raw})
		read.decisions = append(read.decisions, reason.Written(reason.Code(w.Code), w.Detail, w.French))
	}
	return read, planned, nil
}

func refusalOf(err error, index int, raw string) *Refusal {
	if e, ok := errors.AsType[*number.Error](err); ok {
		return &Refusal{Index: index, To: raw, Reason: reason.Written(reason.Code(e.Code), e.Detail, e.French)}
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return &Refusal{Index: index, To: raw, Reason: e.Reason}
	}
	return &Refusal{Index: index, To: raw, Reason: reason.Written("number_unreadable", "The number cannot be read.", "Le numéro est illisible.")}
}

var kindNames = map[number.Kind]said{
	number.Mobile:        {"a mobile number", "un numéro de mobile"},
	number.Fixed:         {"a fixed line", "une ligne fixe"},
	number.FixedOrMobile: {"a number that may be fixed or mobile", "un numéro fixe ou mobile"},
	number.Premium:       {"a premium-rate number", "un numéro surtaxé"},
	number.Special:       {"a special-rate number", "un numéro spécial"},
	number.Fiction:       {"a number reserved for examples", "un numéro réservé aux exemples"},
	number.Machine:       {"a number of a machine", "un numéro de machine"},
	number.Unknown:       {"a number of no known block", "un numéro d'aucune tranche connue"},
}

// DecideReading tells how a number is read, and that it was corrected where others, which
// are its decisions, say so. It is not stored: the number is. ok is false for one that is
// hidden or erased.
func DecideReading(n sms.Number, others []reason.Reason) (d reason.Reason, ok bool) {
	parsed, err := number.Every.Parse(string(n), "")
	if err != nil {
		return reason.Reason{}, false
	}
	kind, country := kindNames[parsed.Kind], parsed.Country
	if country == "" {
		country = "?"
	}
	read := said{
		"Read as " + kind.english + ", country " + country + ", family " + parsed.Family,
		"Lu comme " + kind.french + ", pays " + country + ", famille " + parsed.Family,
	}
	if slices.ContainsFunc(others, func(d reason.Reason) bool { return d.Code == number.CodeRepaired }) {
		read = read.then(said{", after a correction", ", après correction"})
	}
	return decision("number", read.then(said{".", "."})), true
}
