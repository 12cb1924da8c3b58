package console

import (
	"strings"

	"relais/reason"
)

// Declaration is what an organisation declares of the accessibility of its pages, in the
// form of RGAA 4.1.
type Declaration struct {
	Conformity   string // none, partial, full
	Contact      string // a mail address or a URL; empty: it is not complete
	Rate         int    // percent; 0: not told
	Auditor      string
	AuditedOn    string // a day, as 2027-01-31
	DeclaredOn   string
	Inaccessible []string
}

// accessPage is the declaration, for everybody.
type accessPage struct {
	frame
	Declaration

	ContactLink string
	Audit       string
	Made        string
}

func showAccess(q *request) (answer, error) {
	d := q.console.Look.Declaration
	p := &accessPage{frame: *q.frame(), Declaration: d, ContactLink: d.Contact, Made: reason.Of(Words+"/access_made_never", nil).In(q.lang)}
	if d.Contact != "" && !strings.HasPrefix(d.Contact, "https://") {
		p.ContactLink = "mailto:" + d.Contact
	}
	if d.Auditor != "" && d.AuditedOn != "" {
		p.Audit = reason.Of(Words+"/access_audit", reason.Args{
			"auditor": reason.Name(d.Auditor), "day": reason.Day(d.AuditedOn),
		}).In(q.lang)
	}
	if d.DeclaredOn != "" {
		p.Made = reason.Of(Words+"/access_made_on", reason.Args{"day": reason.Day(d.DeclaredOn)}).In(q.lang)
	}
	return view{name: "access", data: p}, nil
}

// Conformity is the state that the foot of each page tells.
func (f *frame) Conformity() string { return f.q.console.Look.Declaration.Conformity }
